/*
 * A stream and those that mirror it. What is read of the body of the one becomes input of the
 * others: each has a downstream connection of its own, without a socket, that is read as any other.
 */
import { FRAMING_CHUNKED } from "../../api/engine/http1.ts";
import { STATE_MIRROR, STATE_MIRRORED, STATE_STARVED } from "../../api/engine/layout.ts";
import {
  CHUNK_OVERHEAD_BYTES,
  lastChunkLength,
  writeChunk,
  writeLastChunk,
} from "../http1/writer.ts";
import { HeaderBlock } from "../head/block.ts";
import { hasSpare } from "../memory/slab.ts";
import { Connection, extendPending, shortenPending } from "./connection.ts";
import { Stream } from "./stream.ts";

/** Puts a mirror among those of a stream. */
export function joinMirrors(stream: Stream, mirror: Stream): void {
  mirror.mirrored = changetype<usize>(stream);
  mirror.nextMirror = stream.mirrors;
  stream.mirrors = changetype<usize>(mirror);
  stream.state |= STATE_MIRRORED;
}

/** A stream ends: its mirrors have all they get, or it is no mirror any more. */
export function leaveMirrors(stream: Stream): void {
  if ((stream.state & STATE_MIRROR) != 0) leaveMirrored(stream);
  for (let at = stream.mirrors; at != 0; at = changetype<Stream>(at).nextMirror) {
    changetype<Stream>(at).mirrored = 0;
  }
  stream.mirrors = 0;
}

function leaveMirrored(mirror: Stream): void {
  if (mirror.mirrored == 0) return;
  const stream = changetype<Stream>(mirror.mirrored);
  mirror.mirrored = 0;
  if (stream.mirrors == changetype<usize>(mirror)) {
    stream.mirrors = mirror.nextMirror;
    return;
  }
  let before = changetype<Stream>(stream.mirrors);
  while (before.nextMirror != changetype<usize>(mirror)) {
    before = changetype<Stream>(before.nextMirror);
  }
  before.nextMirror = mirror.nextMirror;
}

/** Gives a piece of the body to all mirrors. */
export function feedMirrors(stream: Stream, bytes: usize, length: i32): void {
  for (let at = stream.mirrors; at != 0; at = changetype<Stream>(at).nextMirror) {
    feedMirror(changetype<Stream>(at), bytes, length);
  }
}

/** Tells all mirrors that the body is whole. */
export function endMirrors(stream: Stream, trailers: HeaderBlock | null): void {
  for (let at = stream.mirrors; at != 0; at = changetype<Stream>(at).nextMirror) {
    endMirror(changetype<Stream>(at), trailers);
  }
}

/** Gives a piece of the body to one mirror, or has it given up where memory is scarce. */
export function feedMirror(mirror: Stream, bytes: usize, length: i32): void {
  if (length == 0 || (mirror.state & STATE_STARVED) != 0) return;
  const sink = changetype<Connection>(mirror.downstream);
  // The block for it is up to four times as large.
  if (!hasSpare(<usize>(sink.pendingLength + length) << 2)) {
    mirror.state |= STATE_STARVED;
    return;
  }
  if (mirror.requestFraming != FRAMING_CHUNKED) {
    memory.copy(extendPending(sink, length), bytes, length);
    return;
  }
  const most = length + CHUNK_OVERHEAD_BYTES;
  const room = extendPending(sink, most);
  shortenPending(sink, most - <i32>(writeChunk(room, bytes, length) - room));
}

/** Tells one mirror that the body is whole. */
export function endMirror(mirror: Stream, trailers: HeaderBlock | null): void {
  if (mirror.requestFraming != FRAMING_CHUNKED || (mirror.state & STATE_STARVED) != 0) return;
  const sink = changetype<Connection>(mirror.downstream);
  const most = lastChunkLength(trailers);
  const room = extendPending(sink, most);
  shortenPending(sink, most - <i32>(writeLastChunk(room, trailers) - room));
}
