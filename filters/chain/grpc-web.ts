/*
 * envoy.filters.http.grpc_web: heads of gRPC-Web requests become those of gRPC, and back. What
 * happens to bodies and trailers is in filters/stream/attempt/body-piece.ts and
 * filters/stream/web-body.ts.
 */
import { FRAMING_CHUNKED } from "../../api/engine/http1.ts";
import {
  H_ACCEPT,
  H_CONTENT_LENGTH,
  H_CONTENT_TYPE,
  H_GRPC_MESSAGE,
  H_GRPC_STATUS,
  H_TE,
} from "../../api/engine/header-names.ts";
import { CLUSTER_STATS } from "../../api/engine/image.ts";
import {
  STATE_GRPC_WEB_BODY,
  STATE_GRPC_WEB_TEXT,
  STATE_REQUEST_END,
  STATE_UPGRADE,
} from "../../api/engine/layout.ts";
import {
  addMethod,
  countStatus,
  finishMethodName,
  methodStats,
  startMethodName,
} from "../grpc/method-stats.ts";
import {
  HeaderBlock,
  HeaderEntry,
  addHeader,
  entryAt,
  findKnown,
  nextByName,
  removeKnown,
  reserveArena,
  setKnown,
} from "../head/block.ts";
import { REQUEST_PATH } from "../http1/start-line.ts";
import { equalBytes, lowerByte, writeDecimal } from "../memory/bytes.ts";
import { staticText } from "../memory/text.ts";
import { grpcStatusOfHttp, isGrpcRequest, setGrpcMessage } from "../grpc/grpc-reply.ts";
import { Stream } from "../stream/stream.ts";

/** Bits of `Stream.grpcWeb`. */
export namespace Web {
  export const Request: i32 = 1;
  /** The response is to be in base64. */
  export const TextResponse: i32 = 2;
  /** The response is no gRPC: its head waits for its body. */
  export const Held: i32 = 4;
}

const GRPC = staticText("application/grpc");
const GRPC_BYTES: i32 = 16;
const WEB = staticText("application/grpc-web");
const WEB_BYTES: i32 = 20;
const WEB_PROTO = staticText("application/grpc-web+proto");
const WEB_PROTO_BYTES: i32 = 26;
const TEXT = staticText("application/grpc-web-text");
const TEXT_BYTES: i32 = 25;
const TEXT_PROTO = staticText("application/grpc-web-text+proto");
const TEXT_PROTO_BYTES: i32 = 31;
const TRAILERS = staticText("trailers");
const ACCEPT_ENCODING = staticText("grpc-accept-encoding");
const ACCEPT_ENCODING_BYTES: i32 = 20;
const ENCODINGS = staticText("identity");
const ENCODINGS_BYTES: i32 = 8;
const PREFIX = staticText("grpc-web");
const PREFIX_BYTES: i32 = 8;

function is(entry: HeaderEntry, text: usize, length: i32): bool {
  return entry.valueLength == length && equalBytes(entry.value, text, length);
}

function isText(entry: HeaderEntry | null): bool {
  if (entry === null) return false;
  return is(entry, TEXT, TEXT_BYTES) || is(entry, TEXT_PROTO, TEXT_PROTO_BYTES);
}

/** Makes a gRPC request of one of gRPC-Web. */
export function takeWebRequest(stream: Stream): void {
  const block = stream.request;
  const type = findKnown(block, H_CONTENT_TYPE);
  // What comes after an upgrade is no body.
  if (type === null || (stream.state & STATE_UPGRADE) != 0) return;
  const text = isText(type);
  const isWeb = is(type, WEB, WEB_BYTES) || is(type, WEB_PROTO, WEB_PROTO_BYTES);
  if (!text && !isWeb) return;
  stream.grpcWeb = Web.Request;
  if (text) stream.state |= STATE_GRPC_WEB_TEXT;
  if (isText(findKnown(block, H_ACCEPT))) stream.grpcWeb |= Web.TextResponse;
  removeKnown(block, H_CONTENT_LENGTH);
  const isWhole = (stream.state & STATE_REQUEST_END) != 0;
  if (!isWhole) stream.requestFraming = FRAMING_CHUNKED;
  setKnown(block, H_CONTENT_TYPE, GRPC, GRPC_BYTES);
  setKnown(block, H_TE, TRAILERS, 8);
  if (nextByName(block, 0, 0, ACCEPT_ENCODING, ACCEPT_ENCODING_BYTES) < 0) {
    addHeader(block, 0, ACCEPT_ENCODING, ACCEPT_ENCODING_BYTES, ENCODINGS, ENCODINGS_BYTES);
  }
  if (stream.clusterRecord == 0) return;
  const path = entryAt(block, REQUEST_PATH);
  startMethodName(PREFIX, PREFIX_BYTES);
  if (!addMethod(path.value, path.valueLength)) return;
  finishMethodName(false);
  stream.grpcWebStats = methodStats(load<u32>(stream.clusterRecord, CLUSTER_STATS));
}

/** Whether the answer has to wait for its body: it is no gRPC, and the client knows no other. */
export function holdsAnswer(stream: Stream, isEnd: bool): bool {
  if ((stream.grpcWeb & Web.Request) == 0 || isEnd) return false;
  if (stream.status == 200 && isGrpcRequest(stream.response)) return false;
  return !isWebProto(stream.response);
}

/** Envoy `hasProtoEncodedGrpcWebContentType`: case and parameters do not count. */
function isWebProto(block: HeaderBlock): bool {
  const type = findKnown(block, H_CONTENT_TYPE);
  if (type === null) return false;
  let length = 0;
  while (length < type.valueLength && load<u8>(type.value + length) != 59) length++;
  while (length > 0 && load<u8>(type.value + length - 1) == 32) length--;
  return (
    isLower(type.value, length, WEB, WEB_BYTES) ||
    isLower(type.value, length, WEB_PROTO, WEB_PROTO_BYTES)
  );
}

function isLower(bytes: usize, length: i32, text: usize, textLength: i32): bool {
  if (length != textLength) return false;
  for (let i = 0; i < length; i++) {
    if (lowerByte(load<u8>(bytes + i)) != <u32>load<u8>(text + i)) return false;
  }
  return true;
}

/** The same of a reply made here: its body becomes a message. */
export function holdReply(stream: Stream, length: i32): void {
  stream.grpcWeb &= ~Web.Held;
  if (length == 0) return;
  stream.grpcWeb |= Web.Held;
  stream.held = stream.replyBody;
  stream.heldLength = length;
}

/** Makes a response of gRPC-Web, of gRPC or of what was held. */
export function makeWebResponse(stream: Stream, isEnd: bool): void {
  if ((stream.grpcWeb & Web.Request) == 0) return;
  const block = stream.response;
  if (stream.grpcWebStats != 0) {
    countStatus(stream.grpcWebStats, findKnown(block, H_GRPC_STATUS));
  }
  if ((stream.grpcWeb & Web.Held) != 0) setForeignStatus(stream);
  const isText = (stream.grpcWeb & Web.TextResponse) != 0;
  if (isText) setKnown(block, H_CONTENT_TYPE, TEXT_PROTO, TEXT_PROTO_BYTES);
  else setKnown(block, H_CONTENT_TYPE, WEB_PROTO, WEB_PROTO_BYTES);
  if (isText && !isEnd) stream.state |= STATE_GRPC_WEB_BODY;
}

/** Says in gRPC what an answer without gRPC said. */
function setForeignStatus(stream: Stream): void {
  const block = stream.response;
  const digits = reserveArena(block, 2);
  const status = grpcStatusOfHttp(stream.status);
  setKnown(block, H_GRPC_STATUS, digits, writeDecimal(digits, status));
  if (stream.heldLength > 0) setGrpcMessage(block, stream.held, stream.heldLength);
  else removeKnown(block, H_GRPC_MESSAGE);
  removeKnown(block, H_CONTENT_LENGTH);
}
