/* The authority of a request: which bytes it may hold, and which of its parts are stripped. */
import { H_AUTHORITY } from "../../api/engine/header-names.ts";
import {
  HCM_DEFAULT_HOST,
  HCM_LISTENER_PORT,
  HCM_STRIP_ANY_PORT,
  HCM_STRIP_MATCHING_PORT,
  HCM_STRIP_TRAILING_DOT,
} from "../../api/engine/image.ts";
import { entryAt, setPseudo } from "../head/block.ts";
import { REQUEST_AUTHORITY } from "../http1/start-line.ts";
import { readDecimal } from "../memory/bytes.ts";
import { Stream } from "../stream/stream.ts";
import { Refusal, refuse, refuseMalformed } from "./refusal.ts";

/** Greatest number that is taken for a port, as by Envoy. */
const PORT_MAX: i64 = 0xffffffff;

/** Host must be there and made of allowed bytes; then ports and dots are stripped as asked. */
export function checkHost(stream: Stream, flags: i32): bool {
  const host = entryAt(stream.request, REQUEST_AUTHORITY);
  if (host.nameLength == 0) {
    const length = load<i32>(stream.hcm, HCM_DEFAULT_HOST + 4);
    if (length == 0 || stream.version != 10) return refuse(stream, 400, Refusal.MissingHost);
    const text = stream.image + <usize>load<u32>(stream.hcm, HCM_DEFAULT_HOST);
    setPseudo(stream.request, REQUEST_AUTHORITY, H_AUTHORITY, text, length);
    return true;
  }
  for (let i = 0; i < host.valueLength; i++) {
    if (!isHostByte(load<u8>(host.value + i))) {
      return refuseMalformed(stream, 400, Refusal.InvalidHost);
    }
  }
  if ((flags & (HCM_STRIP_ANY_PORT | HCM_STRIP_MATCHING_PORT)) != 0) stripPort(stream, flags);
  if ((flags & HCM_STRIP_TRAILING_DOT) != 0) stripDot(stream);
  return true;
}

/** RFC 3986 `authority`: unreserved, sub-delims, and `:@[]%`. */
function isHostByte(byte: u32): bool {
  if (byte - 48 < 10 || (byte | 32) - 97 < 26) return true;
  switch (byte) {
    case 33: case 36: case 37: case 38: case 39: case 40: case 41: case 42: case 43: case 44:
    case 45: case 46: case 58: case 59: case 61: case 64: case 91: case 93: case 95: case 126:
      return true;
    default:
      return false;
  }
}

/** True when these bytes can be the authority of a request target. */
export function isTargetHost(host: usize, length: i32): bool {
  for (let i = 0; i < length; i++) {
    if (!isHostByte(load<u8>(host + i))) return false;
  }
  return length > 0;
}

/** True when a port of digits stands behind the host. */
export function hasPort(host: usize, length: i32): bool {
  const colon = portColon(host, length);
  return colon > 0 && readDecimal(host + colon + 1, length - colon - 1) >= 0;
}

/** Place of the colon before the port, or -1. Those between the brackets of IPv6 do not count. */
function portColon(host: usize, length: i32): i32 {
  for (let at = length - 1; at >= 0; at--) {
    const byte = load<u8>(host + at);
    if (byte == 58) return at;
    if (byte == 93) return -1;
  }
  return -1;
}

function stripPort(stream: Stream, flags: i32): void {
  const host = entryAt(stream.request, REQUEST_AUTHORITY);
  const colon = portColon(host.value, host.valueLength);
  if (colon < 0) return;
  const port = readDecimal(host.value + colon + 1, host.valueLength - colon - 1);
  if (port < 0 || port > PORT_MAX) return;
  const isAny = (flags & HCM_STRIP_ANY_PORT) != 0;
  if (isAny || port == <i64>load<i32>(stream.hcm, HCM_LISTENER_PORT)) host.valueLength = colon;
}

/** Takes the dot away that ends the name, with a port behind it or without. */
function stripDot(stream: Stream): void {
  const host = entryAt(stream.request, REQUEST_AUTHORITY);
  const colon = portColon(host.value, host.valueLength);
  const end = colon < 0 ? host.valueLength : colon;
  if (end == 0 || load<u8>(host.value + end - 1) != 46) return;
  // Moves the port, if any, over the dot. The bytes belong to this request's arena.
  memory.copy(host.value + end - 1, host.value + end, host.valueLength - end);
  host.valueLength--;
}
