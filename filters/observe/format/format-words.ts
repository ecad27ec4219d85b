/* Words in formats: response flags and gRPC statuses. */
import {
  GRPC_NUMBER,
  GRPC_SNAKE,
  LOG_TYPE_HTTP_END,
  LOG_TYPE_TCP_END,
} from "../../../api/engine/format-image.ts";
import { H_CONTENT_TYPE, H_GRPC_STATUS } from "../../../api/engine/header-names.ts";
import { STATE_TCP } from "../../../api/engine/layout.ts";
import {
  RESPONSE_FLAG_COUNT,
  RESPONSE_FLAG_LONG_NAMES,
  RESPONSE_FLAG_NAMES,
} from "../../../api/engine/response-flags.ts";
import { HeaderBlock, findKnown } from "../../head/block.ts";
import { copyBytes, readDecimal, writeDecimal } from "../../memory/bytes.ts";
import { staticText } from "../../memory/text.ts";
import { Stream } from "../../stream/stream.ts";
import { scratchRoom, setNothing, setNumber, setText } from "./format-value.ts";

/** Statuses by number. Envoy's spelling, and Abseil's. */
const CAMEL_NAMES = [
  "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound",
  "AlreadyExists", "PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted",
  "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated",
];
const SNAKE_NAMES = [
  "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
  "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
  "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
];
const GRPC_STATUSES: i32 = 17;
const LOG_TYPES = [
  "NotSet", "TcpUpstreamConnected", "TcpPeriodic", "TcpConnectionEnd", "DownstreamStart",
  "DownstreamPeriodic", "DownstreamEnd",
];
const UNKNOWN: i32 = 2;
const GRPC_TYPE = staticText("application/grpc");
const GRPC_TYPE_BYTES: i32 = 16;
const DASH = staticText("-");
/** All long names with commas. */
const FLAGS_BYTES: i32 = 1024;

/** Rows of {address, length}: built at start, since strings are UTF-16. */
const flagNames = buildRows(RESPONSE_FLAG_NAMES);
const flagLongNames = buildRows(RESPONSE_FLAG_LONG_NAMES);
const camelNames = buildRows(CAMEL_NAMES);
const snakeNames = buildRows(SNAKE_NAMES);
const logTypes = buildRows(LOG_TYPES);

function buildRows(names: string[]): usize {
  const rows = staticText(" ".repeat(names.length * 8));
  for (let i = 0; i < names.length; i++) {
    store<u32>(rows + (<usize>i << 3), <u32>staticText(names[i]));
    store<u32>(rows + (<usize>i << 3), names[i].length, 4);
  }
  return rows;
}

/** The flags of a stream with commas between them, or a dash, which is a text here. */
export function setFlags(flags: u64, isLong: bool): void {
  if (flags == 0) {
    setText(DASH, 1);
    return;
  }
  const rows = isLong ? flagLongNames : flagNames;
  const room = scratchRoom(FLAGS_BYTES);
  let at = room;
  for (let bit = 0; bit < RESPONSE_FLAG_COUNT; bit++) {
    if (((flags >> bit) & 1) == 0) continue;
    if (at != room) store<u8>(at++, 44);
    const length = load<i32>(rows + (<usize>bit << 3), 4);
    copyBytes(at, load<u32>(rows + (<usize>bit << 3)), length);
    at += <usize>length;
  }
  setText(room, <i32>(at - room));
}

/** What the lines are that are being written of a stream that goes on: `LOG_TYPE_*`, or 0. */
let presentType: i32 = 0;

/** Says what the next lines are; 0 is those at the end of a stream. */
export function setPresentType(type: i32): void {
  presentType = type;
}

/** When the line of a stream is being written: `LOG_TYPE_*`. */
export function logTypeOf(stream: Stream): i32 {
  if (presentType != 0) return presentType;
  return (stream.state & STATE_TCP) != 0 ? LOG_TYPE_TCP_END : LOG_TYPE_HTTP_END;
}

/** The name of that. */
export function setLogType(stream: Stream): void {
  const row = logTypes + (<usize>logTypeOf(stream) << 3);
  setText(load<u32>(row), load<i32>(row, 4));
}

/** The gRPC status of an answer to a gRPC request. */
export function setGrpcStatus(stream: Stream, style: i32): void {
  const status = isGrpcRequest(stream.request) ? grpcStatusOf(stream) : -1;
  if (status < 0) setNothing();
  else if (style == GRPC_NUMBER) setNumber(status);
  else if (status >= GRPC_STATUSES) setStatusNumber(status);
  else setName(style == GRPC_SNAKE ? snakeNames : camelNames, status);
}

function setName(rows: usize, index: i32): void {
  setText(load<u32>(rows + (<usize>index << 3)), load<i32>(rows + (<usize>index << 3), 4));
}

/** A status of the user's own: a number, but a text as the names are. */
function setStatusNumber(status: i32): void {
  const room = scratchRoom(12);
  setText(room, writeDecimal(room, status));
}

function isGrpcRequest(block: HeaderBlock): bool {
  const type = findKnown(block, H_CONTENT_TYPE);
  if (type === null || type.valueLength < GRPC_TYPE_BYTES) return false;
  if (memory.compare(type.value, GRPC_TYPE, GRPC_TYPE_BYTES) != 0) return false;
  return type.valueLength == GRPC_TYPE_BYTES || load<u8>(type.value + GRPC_TYPE_BYTES) == 43;
}

/**
 * The status in the trailers or the head of the response, or the one that its HTTP status stands
 * for, or -1.
 */
export function grpcStatusOf(stream: Stream): i32 {
  if (stream.responseTrailers != 0) {
    const found = readStatus(changetype<HeaderBlock>(stream.responseTrailers));
    if (found != NO_STATUS) return found;
  }
  const found = readStatus(stream.response);
  if (found != NO_STATUS) return found;
  return stream.status == 0 ? -1 : fromHttpStatus(stream.status);
}

const NO_STATUS: i32 = -2;

function readStatus(block: HeaderBlock): i32 {
  const entry = findKnown(block, H_GRPC_STATUS);
  if (entry === null) return NO_STATUS;
  const status = readDecimal(entry.value, entry.valueLength);
  return status < 0 || status > 0x7fffffff ? -1 : <i32>status;
}

/** What gRPC says of answers without a gRPC status. Envoy `httpToGrpcStatus`. */
function fromHttpStatus(status: i32): i32 {
  switch (status) {
    case 400: return 13;
    case 401: return 16;
    case 403: return 7;
    case 404: return 12;
    case 429:
    case 502:
    case 503:
    case 504: return 14;
    default: return UNKNOWN;
  }
}
