/*
 * The access log: at the end of a stream, a line for each log of its connection manager whose
 * filter lets it. Lines gather in a buffer per sink (a file or stream) until TypeScript takes them.
 */
import {
  ACCESS_LOG_BYTES,
  ACCESS_LOG_FILTER,
  ACCESS_LOG_FORMAT,
  ACCESS_LOG_SINK,
  ACCESS_LOG_SINKS_MAX,
} from "../../api/engine/format-image.ts";
import { HCM_ACCESS_LOGS } from "../../api/engine/image.ts";
import { copyBytes } from "../memory/bytes.ts";
import { allocate, capacityOf, release } from "../memory/slab.ts";
import { Stream } from "../stream/stream.ts";
import { passesFilter } from "./access-log-filter.ts";
import { formatOutput } from "./format/format-output.ts";
import { runFormat } from "./format/format.ts";

/** A sink: {address, length, lines, dropped lines}. */
const SINK_BYTES: usize = 16;
const sinks: usize = memory.data(ACCESS_LOG_SINKS_MAX * 16);
const BUFFER_BYTES: usize = 16384 - 16;
/** Lines that nobody takes are kept up to this; later ones are dropped and counted. */
const BUFFER_BYTES_MAX: i32 = 1048576;
/** Bytes in all buffers. */
let pending: i32 = 0;

/** Writes the lines of a stream that is over. */
export function logStream(stream: Stream): void {
  const image = stream.image;
  let log = image + <usize>load<u32>(stream.hcm, HCM_ACCESS_LOGS);
  const end = log + <usize>load<u32>(stream.hcm, HCM_ACCESS_LOGS + 4) * ACCESS_LOG_BYTES;
  for (; log < end; log += ACCESS_LOG_BYTES) {
    const filter = load<u32>(log, ACCESS_LOG_FILTER);
    if (filter != 0 && !passesFilter(image + <usize>filter, stream)) continue;
    const length = runFormat(image + <usize>load<u32>(log, ACCESS_LOG_FORMAT), stream);
    append(load<i32>(log, ACCESS_LOG_SINK), formatOutput(), length);
  }
}

function append(index: i32, line: usize, length: i32): void {
  const sink = sinks + <usize>index * SINK_BYTES;
  const used = load<i32>(sink, 4);
  if (used + length > BUFFER_BYTES_MAX) {
    store<u32>(sink, load<u32>(sink, 12) + 1, 12);
    return;
  }
  let buffer = <usize>load<u32>(sink);
  if (buffer == 0 || <usize>(used + length) > capacityOf(buffer)) {
    buffer = growBuffer(sink, buffer, used, length);
  }
  copyBytes(buffer + used, line, length);
  store<i32>(sink, used + length, 4);
  store<u32>(sink, load<u32>(sink, 8) + 1, 8);
  pending += length;
}

function growBuffer(sink: usize, buffer: usize, used: i32, length: i32): usize {
  const wanted = <usize>(used + length) << 1;
  const grown = allocate(wanted > BUFFER_BYTES ? wanted : BUFFER_BYTES);
  if (buffer != 0) {
    memory.copy(grown, buffer, used);
    release(buffer);
  }
  store<u32>(sink, <u32>grown);
  return grown;
}

/** Bytes of lines in all sinks together. */
export function logPendingBytes(): i32 {
  return pending;
}

/** Where the lines of a sink are. Valid until the next stream ends. */
export function logSinkAddress(sink: i32): usize {
  return load<u32>(sinks + <usize>sink * SINK_BYTES);
}

/** How many bytes of lines a sink has. */
export function logSinkLength(sink: i32): i32 {
  return load<i32>(sinks + <usize>sink * SINK_BYTES, 4);
}

/** How many lines a sink has. */
export function logSinkLines(sink: i32): i32 {
  return load<i32>(sinks + <usize>sink * SINK_BYTES, 8);
}

/** How many lines did not fit since the sink was last cleared. */
export function logSinkDropped(sink: i32): i32 {
  return load<i32>(sinks + <usize>sink * SINK_BYTES, 12);
}

/** Empties a sink: its lines were taken. A buffer that grew far is given back. */
export function logSinkClear(sink: i32): void {
  const at = sinks + <usize>sink * SINK_BYTES;
  const buffer = <usize>load<u32>(at);
  pending -= load<i32>(at, 4);
  if (buffer != 0 && capacityOf(buffer) > BUFFER_BYTES << 3) {
    release(buffer);
    store<u32>(at, 0);
  }
  store<u32>(at, 0, 4);
  store<u64>(at, 0, 8);
}
