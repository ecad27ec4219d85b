/* One stream of an HTTP/2 connection, as its connection sees it. RFC 9113 §5.1. */
import { HeaderBlock, releaseBlock } from "../head/block.ts";
import { allocate, release } from "../memory/slab.ts";

/** Bits of `state`. The peer will send no more on the stream. */
export const H2_PEER_ENDED: i32 = 1;
/** We have sent the end of the stream. */
export const H2_ENDED: i32 = 2;
/** The end goes behind what is pending. */
export const H2_END_PENDING: i32 = 4;
/** The head of the peer's message came. */
export const H2_HEAD_READ: i32 = 8;
/** It waits in the list of those that may send. */
export const H2_READY: i32 = 16;
/** The message has no body, whatever its content-length says: the answer to HEAD, 204, 304. */
export const H2_NO_BODY: i32 = 32;
/** It is a tunnel that CONNECT has opened, or, of a client, asks for. */
export const H2_TUNNEL: i32 = 64;

/** A stream record. Pooled: `openH2Stream`, `closeH2Stream`. */
@unmanaged
export class H2Stream {
  id: u32;
  state: i32;
  /** Address of the connection. */
  connection: usize;
  /** Whatever the owner of the connection keeps here, or 0. */
  owner: usize;
  /** Next in the same slot of the table, or of the free list. */
  next: usize;
  nextReady: usize;
  sendWindow: i32;
  receiveWindow: i32;
  /** What the peer may send before it must wait for what was consumed. */
  window: i32;
  /** Bytes consumed but not yet announced with WINDOW_UPDATE. */
  credit: i32;
  /** Of the peer's message; -1 when its head gives none. */
  contentLength: i64;
  received: i64;
  openedMs: f64;
  /** When nothing was left to do but to wait for the windows of the peer. */
  endedMs: f64;
  /** When the window was opened again. */
  creditedMs: f64;
  /** Where the head of the peer's message goes: of a client's stream, set by the owner. */
  block: usize;
  /** Trailers of the peer's message, or null. They belong to the stream. */
  trailers: HeaderBlock | null;
  /** Body that the windows or the socket keep from being sent. */
  pending: usize;
  pendingStart: i32;
  pendingLength: i32;
  /** Trailers to send behind it: an encoded header block is made when their turn comes, or null. */
  trailersToSend: HeaderBlock | null;
}

let freeStreams: usize = 0;

/** Takes a stream from the pool; all but its windows and its place in the table is 0. */
export function openH2Stream(id: u32, connection: usize): H2Stream {
  let address = freeStreams;
  if (address == 0) address = allocate(offsetof<H2Stream>());
  else freeStreams = changetype<H2Stream>(address).next;
  memory.fill(address, 0, offsetof<H2Stream>());
  const stream = changetype<H2Stream>(address);
  stream.id = id;
  stream.connection = connection;
  stream.contentLength = -1;
  return stream;
}

/** Gives a stream that is in no table back to the pool. */
export function closeH2Stream(stream: H2Stream): void {
  dropTrailersRead(stream);
  dropPending(stream);
  stream.next = freeStreams;
  freeStreams = changetype<usize>(stream);
}

/** Gives back the trailers that the peer sent. */
function dropTrailersRead(stream: H2Stream): void {
  const trailers = stream.trailers;
  if (trailers !== null) releaseBlock(trailers);
  stream.trailers = null;
}

/** Drops what waits to be sent. */
function dropPending(stream: H2Stream): void {
  if (stream.pending != 0) release(stream.pending);
  stream.pending = 0;
  stream.pendingStart = 0;
  stream.pendingLength = 0;
  const trailers = stream.trailersToSend;
  if (trailers !== null) releaseBlock(trailers);
  stream.trailersToSend = null;
}

/** RFC 9113 §8.1.1: the body is as long as Content-Length says. */
export function isLengthKept(stream: H2Stream, isEnd: bool): bool {
  if ((stream.state & H2_NO_BODY) != 0) return stream.received == 0;
  const length = stream.contentLength;
  if (length < 0) return true;
  return isEnd ? stream.received == length : stream.received <= length;
}
