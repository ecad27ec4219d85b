/* One TCP connection, downstream or upstream, as the engine sees it: a reader and what is kept. */
import {
  CONNECTION_FILTER_STATE,
  CONNECTION_FLAGS,
  CONNECTION_ID,
  CONNECTION_LANE,
  CONNECTION_PENDING_BYTES,
  CONNECTION_SINK,
  CONNECTION_STREAM,
} from "../../api/engine/layout.ts";
import { Reader, releaseReader } from "../http1/reader.ts";
import { allocate, capacityOf, hasBlocks, release } from "../memory/slab.ts";
import { releaseFacts } from "./facts.ts";
import { releaseState } from "../filter-state/filter-state.ts";

/** A connection record. The first fields are read by TypeScript: api/engine/layout. */
@unmanaged
export class Connection {
  id: u32;
  /** `CONNECTION_*` bits. */
  flags: i32;
  /** Address of the active stream, or 0. */
  stream: usize;
  /** Bytes that are kept until more come or the stream before them is over. */
  pendingLength: i32;
  /** First entry of the filter state, or 0. Lanes have that of their connection. */
  filterState: usize;

  // From here on only the engine reads.
  pending: usize;
  reader: Reader;
  /** Input that is not used up yet: in the input region or in `pending`. */
  input: usize;
  inputLength: i32;
  image: usize;
  hcm: usize;
  /** Upstream: address of the cluster record. */
  cluster: usize;
  requestCount: i32;
  /** When the message now being read began, in milliseconds. */
  messageStartMs: f64;
  /** Texts, each its own block: `ip` and `ip:port` of the peer, and of our end. */
  remoteIp: usize;
  remoteIpLength: i32;
  remote: usize;
  remoteLength: i32;
  local: usize;
  localLength: i32;
  /** Upstream: why the last connect failed is on the stream; this is the endpoint's address. */
  host: usize;
  hostLength: i32;
  /** Upstream: the endpoint's name in DNS or in the configuration; it outlives the record. */
  hostName: usize;
  hostNameLength: i32;
  /** The stream whose head is being read; it becomes `stream` when the head is whole. */
  opening: usize;
  /** Peer and local port as numbers. */
  remotePort: i32;
  localPort: i32;
  /** When the connection was accepted or connected, in milliseconds. */
  openedMs: f64;
  /** What TLS and listener filters tell: a block of tls-facts, or 0. */
  facts: usize;
  /** Of a connection that speaks HTTP/2: address of its H2Connection. */
  http2: usize;
  /** Of a lane: address of its H2Stream. */
  lane: usize;
  /** The same of the socket, where a listener filter said who is really at the ends; or 0. */
  directRemote: usize;
  directRemoteLength: i32;
  directLocal: usize;
  directLocalLength: i32;
}

/** Bytes that code may look at behind the input. */
const SLACK_BYTES: usize = 64;

/** Input for which the memory that is kept spare will do: one read. */
const SMALL_BYTES_MAX: i32 = 65536;
/** Blocks that a large head may need at one time. */
const COPIES_MAX: i32 = 8;

let identities: u32 = 0;

/** Fails the start of the module when a field moved away from its shared offset. */
export function checkConnectionLayout(): void {
  const isSame =
    offsetof<Connection>("id") == CONNECTION_ID &&
    offsetof<Connection>("flags") == CONNECTION_FLAGS &&
    offsetof<Connection>("stream") == CONNECTION_STREAM &&
    offsetof<Connection>("pendingLength") == CONNECTION_PENDING_BYTES &&
    offsetof<Connection>("filterState") == CONNECTION_FILTER_STATE;
  if (!isSame) unreachable();
}

/** Makes a record around a reader. */
export function createConnection(flags: i32, reader: Reader): Connection {
  const connection = changetype<Connection>(allocate(offsetof<Connection>()));
  memory.fill(changetype<usize>(connection), 0, offsetof<Connection>());
  connection.id = ++identities;
  connection.flags = flags;
  connection.reader = reader;
  return connection;
}

/** Gives back all that belongs to a connection. */
export function destroyConnection(connection: Connection): void {
  dropPending(connection);
  if ((connection.flags & CONNECTION_LANE) == 0) releaseTexts(connection);
  releaseFacts(connection.facts);
  if ((connection.flags & CONNECTION_SINK) != 0) release(connection.hcm);
  releaseReader(connection.reader);
  release(changetype<usize>(connection));
}

/** What the lanes of a connection share with it. */
function releaseTexts(connection: Connection): void {
  if (connection.remoteIp != 0) release(connection.remoteIp);
  if (connection.remote != 0) release(connection.remote);
  if (connection.local != 0) release(connection.local);
  releaseState(connection.filterState);
  if (connection.directRemote != 0) release(connection.directRemote);
  if (connection.directLocal != 0) release(connection.directLocal);
}

/**
 * Puts new input behind what is pending, and points `input` at all of it. Returns false when there
 * is no memory for what that may take in the end.
 */
export function takeInput(connection: Connection, bytes: usize, length: i32): bool {
  const held = connection.pendingLength;
  if (held == 0) {
    connection.input = bytes;
    connection.inputLength = length;
    return true;
  }
  const total = held + length;
  if (!hasRoomBehind(connection, total)) return false;
  const need = connection.input - connection.pending + <usize>total + SLACK_BYTES;
  if (need > capacityOf(connection.pending)) makeRoom(connection, total);
  memory.copy(connection.input + held, bytes, length);
  connection.pendingLength = total;
  connection.inputLength = total;
  return true;
}

/** What lies in a lane is a body, which is moved when it outgrows its block, and no more. */
function hasRoomBehind(connection: Connection, length: i32): bool {
  if ((connection.flags & CONNECTION_LANE) == 0) return hasRoomFor(length);
  return length <= SMALL_BYTES_MAX || hasBlocks(<usize>length + SLACK_BYTES, 2);
}

/**
 * True when a head of `length` bytes can be handled: it is kept, copied to its block, edited there
 * and written. Heads that one read brings are small beside the memory that is kept spare.
 */
export function hasRoomFor(length: i32): bool {
  return length <= SMALL_BYTES_MAX || hasBlocks(<usize>length + SLACK_BYTES, COPIES_MAX);
}

/** Moves what is pending to the front of its block, or to a greater one when that is too small. */
function makeRoom(connection: Connection, total: i32): void {
  const old = connection.pending;
  const wanted = <usize>total + SLACK_BYTES;
  const isFitting = wanted <= capacityOf(old);
  // Sizes of blocks double anyhow; small ones get more, since they are used up from the front.
  const target = isFitting ? old : allocate(total <= SMALL_BYTES_MAX ? wanted << 1 : wanted);
  memory.copy(target, connection.input, connection.pendingLength);
  if (!isFitting) release(old);
  connection.pending = target;
  connection.input = target;
}

/** Drops input that was used up. */
// @ts-ignore: decorator
@inline
export function advanceInput(connection: Connection, by: i32): void {
  connection.input += by;
  connection.inputLength -= by;
}

/**
 * Keeps what is left of the input until the next call. Must be called before the input region is
 * used for another connection.
 */
export function keepInput(connection: Connection): void {
  const left = connection.inputLength;
  if (left == 0) {
    dropPending(connection);
    return;
  }
  // With a block there, `input` already points into it.
  if (connection.pending == 0) {
    connection.pending = allocate(<usize>left + SLACK_BYTES);
    memory.copy(connection.pending, connection.input, left);
    connection.input = connection.pending;
  }
  connection.pendingLength = left;
}

/** Room for input that is made here, which counts as pending from now on. Returns its address. */
export function extendPending(connection: Connection, length: i32): usize {
  if (connection.pending == 0) {
    connection.pending = allocate(<usize>length + SLACK_BYTES);
    connection.input = connection.pending;
    connection.pendingLength = 0;
  }
  const held = connection.pendingLength;
  const total = held + length;
  const need = connection.input - connection.pending + <usize>total + SLACK_BYTES;
  if (need > capacityOf(connection.pending)) makeRoom(connection, total);
  connection.pendingLength = total;
  connection.inputLength = total;
  return connection.input + held;
}

/** Takes bytes off the end of what `extendPending` made room for. */
export function shortenPending(connection: Connection, by: i32): void {
  connection.pendingLength -= by;
  connection.inputLength = connection.pendingLength;
}

function dropPending(connection: Connection): void {
  if (connection.pending != 0) release(connection.pending);
  connection.pending = 0;
  connection.pendingLength = 0;
}
