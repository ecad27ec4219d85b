/* A head between its header block on the wire and the one in memory: what the decoder found. */
import {
  HEAD_FITS,
  HEAD_TOO_LARGE,
  REASON_HEADER_COUNT,
  REASON_HEAD_TOO_LARGE,
  REASON_NONE,
} from "../../../api/engine/http2.ts";
import { HTTP2_HEADER_OVERFLOW } from "../../../api/engine/http2-stats.ts";
import { HeaderBlock } from "../../head/block.ts";
import { decodeBlock } from "../../hpack/decoder.ts";
import { count } from "../../observe/counters.ts";
import { H2Connection } from "../h2-connection.ts";
import { H2Stream, H2_HEAD_READ, H2_NO_BODY, H2_TUNNEL } from "../h2-stream.ts";
import { HeadCheck, asksForTunnel } from "./validate-head.ts";

/** The head is in the block. */
export const DECODED: i32 = 0;
/** The head is no HTTP, or trailers are over a limit; the block has what was right. */
const DECODED_MALFORMED: i32 = 1;
/** The header tables are out of step: nothing can be read on this connection any more. */
export const DECODED_BROKEN: i32 = 2;

/** Lowest status of a final response. */
const FINAL_STATUS_MIN: i32 = 200;

/**
 * Decodes the head of a message into an empty block. A head that is over a limit counts as decoded,
 * with `connection.reason` saying so, since it can be answered.
 */
export function decodeHead(
  connection: H2Connection,
  stream: H2Stream,
  block: HeaderBlock,
  bytes: usize,
  length: i32,
): i32 {
  const decoder = connection.decoder;
  connection.reason = REASON_NONE;
  if (decodeBlock(decoder, bytes, length, block) != 0) return DECODED_BROKEN;
  const check = decoder.check;
  connection.status = check.status;
  if (decoder.overflow != HEAD_FITS) {
    count(connection.stats, HTTP2_HEADER_OVERFLOW);
    const isLarge = decoder.overflow == HEAD_TOO_LARGE;
    connection.reason = isLarge ? REASON_HEAD_TOO_LARGE : REASON_HEADER_COUNT;
  } else if (check.error != 0) {
    connection.headError = check.error;
    return DECODED_MALFORMED;
  }
  // Behind an interim response comes another head.
  const isInterim = check.status != 0 && check.status < FINAL_STATUS_MIN;
  if (!isInterim) stream.state |= H2_HEAD_READ;
  if (check.status == 204 || check.status == 304) stream.state |= H2_NO_BODY;
  stream.contentLength = isTunnel(stream, check) ? -1 : check.contentLength;
  return DECODED;
}

/** CONNECT, and the 2xx that grants it: what follows is no content. RFC 9110 §8.6, §9.3.6. */
function isTunnel(stream: H2Stream, check: HeadCheck): bool {
  const status = check.status;
  if (status == 0) return asksForTunnel(check);
  return (stream.state & H2_TUNNEL) != 0 && status >= 200 && status < 300;
}

/** Decodes trailers, or a head that nobody wants, into an empty block. */
export function decodeTrailers(
  connection: H2Connection,
  block: HeaderBlock,
  bytes: usize,
  length: i32,
): i32 {
  const decoder = connection.decoder;
  if (decodeBlock(decoder, bytes, length, block) != 0) return DECODED_BROKEN;
  if (decoder.overflow != HEAD_FITS) count(connection.stats, HTTP2_HEADER_OVERFLOW);
  connection.headError = decoder.check.error;
  const isRight = decoder.check.error == 0 && decoder.overflow == HEAD_FITS;
  return isRight ? DECODED : DECODED_MALFORMED;
}
