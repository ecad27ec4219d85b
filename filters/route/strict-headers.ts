/* Headers that the router refuses to misunderstand: `strict_check_headers`. */
import {
  H_X_ENVOY_MAX_RETRIES,
  H_X_ENVOY_RETRY_GRPC_ON,
  H_X_ENVOY_RETRY_ON,
  H_X_ENVOY_UPSTREAM_RQ_PER_TRY_TIMEOUT_MS,
  H_X_ENVOY_UPSTREAM_RQ_TIMEOUT_MS,
} from "../../api/engine/header-names.ts";
import {
  HCM_STRICT_HEADERS,
  STRICT_MAX_RETRIES,
  STRICT_PER_TRY_TIMEOUT,
  STRICT_RETRY_GRPC_ON,
  STRICT_RETRY_ON,
  STRICT_RQ_TIMEOUT,
} from "../../api/engine/image.ts";
import { RESPONSE_FLAG_IH } from "../../api/engine/response-flags.ts";
import { HeaderEntry, reserveArena } from "../head/block.ts";
import { joinLines } from "../hcm/list-header.ts";
import { copyBytes, writeAscii } from "../memory/bytes.ts";
import { Stream } from "../stream/stream.ts";
import { readNatural } from "./match/integer.ts";

/** What the headers may list. Envoy RetryStateImpl::parseRetryOn and parseRetryGrpcOn. */
const RETRY_ON: StaticArray<string> = [
  "5xx",
  "gateway-error",
  "connect-failure",
  "envoy-ratelimited",
  "retriable-4xx",
  "refused-stream",
  "retriable-status-codes",
  "retriable-headers",
  "reset",
  "reset-before-request",
  "http3-post-connect-failure",
];
const RETRY_GRPC_ON: StaticArray<string> = [
  "cancelled",
  "deadline-exceeded",
  "resource-exhausted",
  "unavailable",
  "internal",
];

/** Bytes of the texts around name and value in the body, and around the name in the details. */
const TEXT_BYTES: i32 = 64;

/** Returns false when a header that is to be checked has no valid value; the reply is ready. */
export function checkStrictHeaders(stream: Stream): bool {
  const bits = load<u32>(stream.hcm, HCM_STRICT_HEADERS);
  if (bits == 0) return true;
  return (
    checkTime(stream, bits & STRICT_RQ_TIMEOUT, H_X_ENVOY_UPSTREAM_RQ_TIMEOUT_MS) &&
    checkTime(stream, bits & STRICT_PER_TRY_TIMEOUT, H_X_ENVOY_UPSTREAM_RQ_PER_TRY_TIMEOUT_MS) &&
    checkTime(stream, bits & STRICT_MAX_RETRIES, H_X_ENVOY_MAX_RETRIES) &&
    checkList(stream, bits & STRICT_RETRY_ON, H_X_ENVOY_RETRY_ON, RETRY_ON) &&
    checkList(stream, bits & STRICT_RETRY_GRPC_ON, H_X_ENVOY_RETRY_GRPC_ON, RETRY_GRPC_ON)
  );
}

function checkTime(stream: Stream, isAsked: u32, id: i32): bool {
  if (isAsked == 0) return true;
  const entry = joinLines(stream.request, id);
  if (entry === null || readNatural(entry.value, entry.valueLength)) return true;
  return refuseHeader(stream, entry);
}

function checkList(stream: Stream, isAsked: u32, id: i32, words: StaticArray<string>): bool {
  if (isAsked == 0) return true;
  const entry = joinLines(stream.request, id);
  if (entry === null || listsOnly(entry.value, entry.valueLength, words)) return true;
  return refuseHeader(stream, entry);
}

/** True when each item of a comma-separated list is one of the words, or empty. */
function listsOnly(value: usize, length: i32, words: StaticArray<string>): bool {
  let at = 0;
  while (at < length) {
    let from = at;
    while (at < length && load<u8>(value + at) != 44) at++;
    let end = at++;
    while (from < end && isBlank(load<u8>(value + from))) from++;
    while (end > from && isBlank(load<u8>(value + end - 1))) end--;
    if (end > from && !isOneOf(value + from, end - from, words)) return false;
  }
  return true;
}

function isOneOf(item: usize, length: i32, words: StaticArray<string>): bool {
  for (let i = 0; i < words.length; i++) {
    if (isText(item, length, words[i])) return true;
  }
  return false;
}

function isText(bytes: usize, length: i32, text: string): bool {
  if (length != text.length) return false;
  for (let i = 0; i < length; i++) {
    if (load<u8>(bytes + i) != <u8>text.charCodeAt(i)) return false;
  }
  return true;
}

// @ts-ignore: decorator
@inline
function isBlank(byte: u32): bool {
  return byte == 32 || byte == 9;
}

/** Makes the reply: 400, with a body that says what was wrong. */
function refuseHeader(stream: Stream, entry: HeaderEntry): bool {
  stream.status = 400;
  stream.responseFlags |= (<u64>1) << RESPONSE_FLAG_IH;
  const nameLength = entry.nameLength;
  const body = reserveArena(stream.request, TEXT_BYTES + nameLength + entry.valueLength);
  let at = body + writeAscii(body, "invalid header '");
  copyBytes(at, entry.name, nameLength);
  at += nameLength;
  at += writeAscii(at, "' with value '");
  copyBytes(at, entry.value, entry.valueLength);
  at += entry.valueLength;
  store<u8>(at++, 39);
  stream.replyBody = body;
  stream.replyBodyLength = <i32>(at - body);
  const details = reserveArena(stream.request, TEXT_BYTES + nameLength);
  at = details + writeAscii(details, "request_headers_failed_strict_check{");
  copyBytes(at, entry.name, nameLength);
  at += nameLength;
  store<u8>(at++, 125);
  stream.details = details;
  stream.detailsLength = <i32>(at - details);
  return false;
}
