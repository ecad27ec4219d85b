/* Local replies to gRPC calls: a head that says all. Envoy `prepareLocalReply`. */
import {
  H_CONTENT_LENGTH,
  H_CONTENT_TYPE,
  H_GRPC_MESSAGE,
  H_GRPC_STATUS,
} from "../../api/engine/header-names.ts";
import { STATE_HEAD_REQUEST } from "../../api/engine/layout.ts";
import {
  HeaderBlock,
  findKnown,
  mayHave,
  removeKnown,
  reserveArena,
  setKnown,
} from "../head/block.ts";
import { equalBytes, writeDecimal } from "../memory/bytes.ts";
import { staticText } from "../memory/text.ts";
import { Stream } from "../stream/stream.ts";

const GRPC = staticText("application/grpc");
const GRPC_LENGTH: i32 = 16;

/** True when the request is a gRPC call: `application/grpc`, or that with a `+` behind it. */
export function isGrpcRequest(block: HeaderBlock): bool {
  const type = findKnown(block, H_CONTENT_TYPE);
  if (type === null || type.valueLength < GRPC_LENGTH) return false;
  if (!equalBytes(type.value, GRPC, GRPC_LENGTH)) return false;
  return type.valueLength == GRPC_LENGTH || load<u8>(type.value + GRPC_LENGTH) == 43;
}

/**
 * Turns status and body of the reply into `grpc-status` and `grpc-message`. `isJson` says that a
 * format of the local reply configuration made the body, and that it is JSON.
 */
export function setGrpcStatus(stream: Stream, isJson: bool): void {
  const block = stream.response;
  if (!mayHave(block, H_GRPC_STATUS)) {
    const own = <u64>stream.replyGrpcStatus;
    const status = own != 0 ? own : grpcStatusOfHttp(stream.status);
    const digits = reserveArena(block, 2);
    setKnown(block, H_GRPC_STATUS, digits, writeDecimal(digits, status));
  }
  const hasMessage = stream.replyBodyLength > 0 && (stream.state & STATE_HEAD_REQUEST) == 0;
  if (hasMessage) setMessage(stream, isJson);
  setKnown(block, H_CONTENT_TYPE, GRPC, GRPC_LENGTH);
  removeKnown(block, H_CONTENT_LENGTH);
  stream.status = 200;
  stream.replyBodyLength = 0;
}

/** gRPC over HTTP/2, "HTTP to gRPC Status Code Mapping". */
export function grpcStatusOfHttp(status: i32): u64 {
  switch (status) {
    case 400: return 13;
    case 401: return 16;
    case 403: return 7;
    case 404: return 12;
    case 429: case 502: case 503: case 504: return 14;
    default: return 2;
  }
}

function setMessage(stream: Stream, isJson: bool): void {
  const body = stream.replyBody;
  const length = stream.replyBodyLength;
  // A body that a format made of JSON ends in a line end.
  const isLine = isJson && load<u8>(body + length - 1) == 10;
  setGrpcMessage(stream.response, body, isLine ? length - 1 : length);
}

/**
 * Sets `grpc-message`. gRPC over HTTP/2, "Percent-Encoded": what is not printable, and `%`; in
 * Envoy `~`, too.
 */
export function setGrpcMessage(block: HeaderBlock, body: usize, length: i32): void {
  const message = reserveArena(block, length * 3);
  let to = message;
  for (let at = 0; at < length; at++) {
    const byte = <u32>load<u8>(body + at);
    if (byte > 31 && byte < 126 && byte != 37) {
      store<u8>(to++, <u8>byte);
      continue;
    }
    store<u8>(to, 37);
    store<u8>(to, upperHex(byte >> 4), 1);
    store<u8>(to, upperHex(byte & 15), 2);
    to += 3;
  }
  setKnown(block, H_GRPC_MESSAGE, message, <i32>(to - message));
}

function upperHex(nibble: u32): u8 {
  return <u8>(nibble < 10 ? 48 + nibble : 55 + nibble);
}
