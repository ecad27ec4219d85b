/* The mailbox: the few numbers that go with an event, and the region where output is built. */
import {
  MAIL_BYTES,
  MAIL_CONNECTION,
  MAIL_ERROR,
  MAIL_FLAGS,
  MAIL_OUT,
  MAIL_OUT_BYTES,
  MAIL_STREAM,
} from "../../api/engine/layout.ts";
import { allocate, capacityOf, release } from "../memory/slab.ts";

/** Bytes of the region into which sockets read. Shared by all connections of a worker. */
const INPUT_BYTES: usize = 65536;
/** Bytes that code may look at behind the input. */
const SLACK_BYTES: usize = 64;
/** Output of one event: one input re-framed, a head, and slack. */
const OUTPUT_BYTES: usize = 131072 - 16;

const mail: usize = memory.data(MAIL_BYTES);
let input: usize = 0;
let output: usize = 0;
let outputEnd: usize = 0;
let cursor: usize = 0;
let aside: i32 = 0;

/** Makes the regions. Called once when the module starts. */
export function buildMail(): void {
  input = allocate(INPUT_BYTES + SLACK_BYTES);
  newOutput(OUTPUT_BYTES);
}

function newOutput(size: usize): void {
  output = allocate(size);
  outputEnd = output + capacityOf(output);
  cursor = output;
}

/** Address of the mailbox. */
export function mailAddress(): usize {
  return mail;
}

/** Address of the region into which sockets read. */
export function inputAddress(): usize {
  return input;
}

/** Begins the output of an event. */
// @ts-ignore: decorator
@inline
export function beginOutput(): void {
  if (outputEnd - output > OUTPUT_BYTES) shrinkOutput();
  cursor = output;
  aside = 0;
}

/** The region of an output that was large is not needed for the next. */
function shrinkOutput(): void {
  release(output);
  newOutput(OUTPUT_BYTES);
}

/** Makes sure that `bytes` more fit, and returns where to write. */
export function outputRoom(bytes: i32): usize {
  if (cursor + <usize>bytes + 64 > outputEnd) growOutput(bytes);
  return cursor;
}

function growOutput(bytes: i32): void {
  const used = cursor - output;
  const old = output;
  newOutput(used + <usize>bytes + 64);
  memory.copy(output, old, used);
  cursor = output + used;
  release(old);
}

/** Says that output was written up to `end`. */
// @ts-ignore: decorator
@inline
export function endOutput(end: usize): void {
  cursor = end;
}

/** Bytes built so far. */
// @ts-ignore: decorator
@inline
export function outputLength(): i32 {
  return <i32>(cursor - output);
}

/** Notes bytes of this event that went to the output of an HTTP/2 connection instead. */
// @ts-ignore: decorator
@inline
export function noteAside(bytes: i32): void {
  aside += bytes;
}

/** Bytes built so far, wherever they went. */
// @ts-ignore: decorator
@inline
export function writtenLength(): i32 {
  return <i32>(cursor - output) + aside;
}

/** Says which connection an event is of. */
export function postConnection(connection: usize): void {
  store<u32>(mail, <u32>connection, MAIL_CONNECTION);
}

/** Fills the mailbox. */
export function post(stream: usize, flags: i32): void {
  store<u32>(mail, flags, MAIL_FLAGS);
  store<u32>(mail, <u32>stream, MAIL_STREAM);
  store<u32>(mail, <u32>output, MAIL_OUT);
  store<u32>(mail, <u32>(cursor - output), MAIL_OUT_BYTES);
}

/** Adds the number of an error. */
export function postError(error: i32): void {
  store<u32>(mail, error, MAIL_ERROR);
}

/**
 * Hands the present output region to the caller, who gives it back with `release` when the kernel
 * has taken it, and starts a new one. Returns the region.
 */
export function detachOutput(): usize {
  const detached = output;
  newOutput(OUTPUT_BYTES);
  return detached;
}
