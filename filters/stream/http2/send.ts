/* Responses on their way to a lane: what the HTTP/2 codec makes of them. */
import { HeaderBlock, copyHeaders, createBlock } from "../../head/block.ts";
import { sendData } from "../../http2/flow.ts";
import { FRAME_HEADER_BYTES } from "../../http2/frame.ts";
import { H2_ENDED, H2_END_PENDING } from "../../http2/h2-stream.ts";
import { sendHead, sendTrailers } from "../../http2/head/send-head.ts";
import { Connection } from "../connection.ts";
import { noteAside } from "../mail.ts";
import { sessionOf, streamOf } from "./lane.ts";

/** Sends a head, interim or final, with its pseudo-headers. Returns the bytes of its block. */
export function sendLaneHead(lane: Connection, block: HeaderBlock, isEnd: bool): i32 {
  const session = sessionOf(lane);
  const before = session.outLength;
  sendHead(session, streamOf(lane), block, isEnd);
  const length = session.outLength - before;
  noteAside(length);
  return length - FRAME_HEADER_BYTES;
}

/** Sends a piece of a body. Hot. */
export function sendLaneData(lane: Connection, bytes: usize, length: i32, isEnd: bool): void {
  sendData(sessionOf(lane), streamOf(lane), bytes, length, isEnd);
  noteAside(length + FRAME_HEADER_BYTES);
}

/** Ends a body, unless its last piece did. The trailers stay the caller's. */
export function endLaneBody(lane: Connection, trailers: HeaderBlock | null): void {
  const stream = streamOf(lane);
  if ((stream.state & (H2_ENDED | H2_END_PENDING)) != 0) return;
  if (trailers === null || trailers.count == 0) {
    sendLaneData(lane, 0, 0, true);
    return;
  }
  const session = sessionOf(lane);
  const copy = createBlock();
  copyHeaders(copy, trailers);
  const before = session.outLength;
  sendTrailers(session, stream, copy);
  noteAside(session.outLength - before);
}
