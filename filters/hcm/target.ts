/*
 * The request target and the host: from the four forms of RFC 9112 §3.2 to a relative path and an
 * authority, tidied as the configuration asks.
 */
import {
  H_AUTHORITY,
  H_HOST,
  H_PATH,
  H_SCHEME,
} from "../../api/engine/header-names.ts";
import {
  HCM_ACCEPT_HTTP_10,
  HCM_DEFAULT_HOST,
  HCM_DENY_ABSOLUTE_URL,
  HCM_FLAGS,
  HCM_LISTENER_PORT,
  HCM_STRIP_ANY_PORT,
  HCM_STRIP_MATCHING_PORT,
  HCM_STRIP_TRAILING_DOT,
  HCM_TLS,
} from "../../api/engine/image.ts";
import { HeaderBlock, entryAt, findKnown, setPseudo } from "../head/block.ts";
import { isWord } from "../http1/framing.ts";
import {
  REQUEST_AUTHORITY,
  REQUEST_METHOD,
  REQUEST_PATH,
  REQUEST_SCHEME,
} from "../http1/start-line.ts";
import { indexOfByte, readDecimal } from "../memory/bytes.ts";
import { staticText } from "../memory/text.ts";
import { Connection } from "../stream/connection.ts";
import { Stream } from "../stream/stream.ts";
import { tidyPath } from "./path.ts";
import { Refusal, refuse } from "./refusal.ts";

const SLASH = staticText("/");
const HTTP = staticText("http");
const HTTPS = staticText("https");

/** Sets `:path`, `:authority` and, for an absolute target, `:scheme`. False when refused. */
export function prepareTarget(stream: Stream, connection: Connection): bool {
  const block = stream.request;
  const flags = load<i32>(stream.hcm, HCM_FLAGS);
  if (stream.version == 10 && (flags & HCM_ACCEPT_HTTP_10) == 0) {
    return refuse(stream, 426, Refusal.LowVersion);
  }
  takeHost(block);
  const path = entryAt(block, REQUEST_PATH);
  const method = entryAt(block, REQUEST_METHOD);
  if (isConnect(method.value, method.valueLength)) {
    setPseudo(block, REQUEST_AUTHORITY, H_AUTHORITY, path.value, path.valueLength);
    path.valueLength = 0;
    return checkHost(stream, flags);
  }
  if (load<u8>(path.value) != 47 && !takeAbsolute(stream, flags)) return false;
  if (!checkHost(stream, flags)) return false;
  const refusal = tidyPath(stream, flags);
  if (refusal == Refusal.PathNormalizationRedirect) return refuse(stream, 307, refusal);
  if (refusal != Refusal.None) return refuse(stream, 400, refusal);
  return true;
}

/** True for the method CONNECT. */
export function isConnect(method: usize, length: i32): bool {
  return length == 7 && load<u32>(method) == 0x4e4e4f43 && load<u32>(method, 3) == 0x5443454e;
}

function takeHost(block: HeaderBlock): void {
  const host = findKnown(block, H_HOST);
  if (host === null) return;
  setPseudo(block, REQUEST_AUTHORITY, H_AUTHORITY, host.value, host.valueLength);
}

/** `http://authority/path`: the authority of the target wins over Host (RFC 9112 §3.2.2). */
function takeAbsolute(stream: Stream, flags: i32): bool {
  const block = stream.request;
  const path = entryAt(block, REQUEST_PATH);
  const length = path.valueLength;
  let from = 0;
  if (length > 7 && isWord(path.value, 7, "http://")) from = 7;
  else if (length > 8 && isWord(path.value, 8, "https://")) from = 8;
  if (from == 0 || (flags & HCM_DENY_ABSOLUTE_URL) != 0) {
    // `*` of OPTIONS too: only relative paths can be routed.
    return refuse(stream, 404, Refusal.RelativePath);
  }
  let end = from;
  while (end < length && !isAuthorityEnd(load<u8>(path.value + end))) end++;
  if (end == from) return refuse(stream, 400, Refusal.InvalidUrl);
  setPseudo(block, REQUEST_AUTHORITY, H_AUTHORITY, path.value + from, end - from);
  setPseudo(block, REQUEST_SCHEME, H_SCHEME, from == 8 ? HTTPS : HTTP, from - 3);
  if (end == length) {
    setPseudo(block, REQUEST_PATH, H_PATH, SLASH, 1);
  } else if (load<u8>(path.value + end) == 47) {
    path.value += end;
    path.valueLength -= end;
  } else {
    // "http://a?q": the empty path is written as "/". The byte before is part of the authority,
    // which is copied away by nobody yet, so the path gets bytes of its own.
    return refuse(stream, 400, Refusal.InvalidUrl);
  }
  return true;
}

// @ts-ignore: decorator
@inline
function isAuthorityEnd(byte: u32): bool {
  return byte == 47 || byte == 63 || byte == 35;
}

/** Host must be there and made of allowed bytes; then ports and dots are stripped as asked. */
function checkHost(stream: Stream, flags: i32): bool {
  const host = entryAt(stream.request, REQUEST_AUTHORITY);
  if (host.nameLength == 0) {
    const length = load<i32>(stream.hcm, HCM_DEFAULT_HOST + 4);
    if (length == 0) return refuse(stream, 400, Refusal.MissingHost);
    const text = stream.image + <usize>load<u32>(stream.hcm, HCM_DEFAULT_HOST);
    setPseudo(stream.request, REQUEST_AUTHORITY, H_AUTHORITY, text, length);
    return true;
  }
  for (let i = 0; i < host.valueLength; i++) {
    if (!isHostByte(load<u8>(host.value + i))) return refuse(stream, 400, Refusal.InvalidHost);
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

/** Length of the host without `:port`, or the whole length when it has none. */
export function hostLength(host: usize, length: i32): i32 {
  let at = length - 1;
  while (at >= 0 && <u32>load<u8>(host + at) - 48 < 10) at--;
  if (at < 0 || load<u8>(host + at) != 58) return length;
  // An IPv6 address has colons of its own, but a port only behind its bracket.
  const isBare = indexOfByte(host, at, 58) < 0 || load<u8>(host + at - 1) == 93;
  return isBare ? at : length;
}

function stripPort(stream: Stream, flags: i32): void {
  const host = entryAt(stream.request, REQUEST_AUTHORITY);
  const bare = hostLength(host.value, host.valueLength);
  if (bare == host.valueLength) return;
  if ((flags & HCM_STRIP_ANY_PORT) == 0) {
    const port = readDecimal(host.value + bare + 1, host.valueLength - bare - 1);
    if (port != <i64>load<i32>(stream.hcm, HCM_LISTENER_PORT)) return;
  }
  host.valueLength = bare;
}

function stripDot(stream: Stream): void {
  const host = entryAt(stream.request, REQUEST_AUTHORITY);
  const bare = hostLength(host.value, host.valueLength);
  if (bare == 0 || load<u8>(host.value + bare - 1) != 46) return;
  // Moves the port, if any, over the dot. The bytes belong to this request's arena.
  memory.copy(host.value + bare - 1, host.value + bare, host.valueLength - bare);
  host.valueLength--;
}
