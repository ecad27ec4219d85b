/*
 * The request target and the host: from the four forms of RFC 9112 §3.2 to a relative path and an
 * authority, tidied as the configuration asks.
 */
import {
  H_AUTHORITY,
  H_CONTENT_TYPE,
  H_HOST,
  H_PATH,
  H_SCHEME,
} from "../../api/engine/header-names.ts";
import {
  HCM_ACCEPT_HTTP_10,
  HCM_DENY_ABSOLUTE_URL,
  HCM_FLAGS,
  HCM_STRIP_ANY_PORT,
  HCM_STRIP_MATCHING_PORT,
} from "../../api/engine/image.ts";
import { STATE_CONNECTION_CLOSE } from "../../api/engine/layout.ts";
import { HeaderBlock, entryAt, findKnown, removeKnown, setPseudo } from "../head/block.ts";
import { isWord } from "../http1/framing.ts";
import {
  REQUEST_AUTHORITY,
  REQUEST_METHOD,
  REQUEST_PATH,
  REQUEST_SCHEME,
} from "../http1/start-line.ts";
import { staticText } from "../memory/text.ts";
import { Connection } from "../stream/connection.ts";
import { Stream } from "../stream/stream.ts";
import { checkHost, hasPort, isTargetHost } from "./host.ts";
import { tidyPath } from "./path.ts";
import { Refusal, refuse, refuseMalformed } from "./refusal.ts";

const SLASH = staticText("/");
const HTTP = staticText("http");
const HTTPS = staticText("https");

/** Sets `:path`, `:authority` and, for an absolute target, `:scheme`. False when refused. */
export function prepareTarget(stream: Stream, connection: Connection): bool {
  const block = stream.request;
  const flags = load<i32>(stream.hcm, HCM_FLAGS);
  if (stream.version == 10 && (flags & HCM_ACCEPT_HTTP_10) == 0) {
    return refuseMalformed(stream, 426, Refusal.LowVersion);
  }
  takeHost(block);
  const path = entryAt(block, REQUEST_PATH);
  const method = entryAt(block, REQUEST_METHOD);
  if (hasHighByte(path.value, path.valueLength)) {
    return refuseMalformed(stream, 400, Refusal.Codec);
  }
  if (isConnect(method.value, method.valueLength)) return takeAuthority(stream, flags);
  // In HTTP/2 a path is a path: what looks like a URL there is refused below.
  const mayBeUrl = stream.version != 20 && load<u8>(path.value) != 47;
  if (mayBeUrl && !takeOther(stream, flags)) return false;
  return tidyTarget(stream);
}

/** Tidies host and path as the configuration asks. False when that showed that they are refused. */
export function tidyTarget(stream: Stream): bool {
  const block = stream.request;
  const flags = load<i32>(stream.hcm, HCM_FLAGS);
  const path = entryAt(block, REQUEST_PATH);
  const method = entryAt(block, REQUEST_METHOD);
  if (!checkHost(stream, flags)) return false;
  if (isQuery(method.value, method.valueLength) && !hasContentType(block)) {
    return refuse(stream, 400, Refusal.QueryContentType);
  }
  if (path.valueLength == 0 || load<u8>(path.value) != 47) {
    // `*` of OPTIONS too: only paths can be routed.
    return refuse(stream, 404, Refusal.RelativePath);
  }
  const refusal = tidyPath(stream, flags);
  if (refusal == Refusal.PathNormalizationRedirect) return refuse(stream, 307, refusal);
  if (refusal != Refusal.None) return refuse(stream, 400, refusal);
  return true;
}

/** Targets are ASCII; the codec let no controls pass. May look 15 bytes behind the end. */
function hasHighByte(text: usize, length: i32): bool {
  for (let at = 0; at < length; at += 16) {
    const high = i8x16.bitmask(v128.load(text + at));
    if (high != 0 && at + ctz(high) < length) return true;
  }
  return false;
}

/** True for the method CONNECT. */
export function isConnect(method: usize, length: i32): bool {
  return length == 7 && load<u32>(method) == 0x4e4e4f43 && load<u32>(method, 3) == 0x5443454e;
}

/** True for the method QUERY, whose request is in its body. */
function isQuery(method: usize, length: i32): bool {
  return length == 5 && load<u32>(method) == 0x52455551 && load<u8>(method, 4) == 89;
}

function hasContentType(block: HeaderBlock): bool {
  const type = findKnown(block, H_CONTENT_TYPE);
  return type !== null && type.valueLength > 0;
}

/**
 * The authority form: `host:port` of CONNECT, which has no path. When no tunnel is made, what
 * follows the request is not to be read.
 */
function takeAuthority(stream: Stream, flags: i32): bool {
  stream.state |= STATE_CONNECTION_CLOSE;
  const path = entryAt(stream.request, REQUEST_PATH);
  if (!isTargetHost(path.value, path.valueLength) || !hasPort(path.value, path.valueLength)) {
    return refuseMalformed(stream, 400, Refusal.InvalidUrl);
  }
  setPseudo(stream.request, REQUEST_AUTHORITY, H_AUTHORITY, path.value, path.valueLength);
  path.valueLength = 0;
  path.nameLength = 0;
  return checkHost(stream, flags & ~(HCM_STRIP_ANY_PORT | HCM_STRIP_MATCHING_PORT));
}

function takeHost(block: HeaderBlock): void {
  const host = findKnown(block, H_HOST);
  if (host === null) return;
  setPseudo(block, REQUEST_AUTHORITY, H_AUTHORITY, host.value, host.valueLength);
  removeKnown(block, H_HOST);
}

/** Everything but a path: `*` for OPTIONS, `http://…`, or nothing that can be served. */
function takeOther(stream: Stream, flags: i32): bool {
  const path = entryAt(stream.request, REQUEST_PATH);
  const method = entryAt(stream.request, REQUEST_METHOD);
  const isOptions = isWord(method.value, method.valueLength, "options");
  if (isOptions && load<u8>(path.value) == 42) return true;
  if ((flags & HCM_DENY_ABSOLUTE_URL) != 0) return true;
  return takeAbsolute(stream, path.value, path.valueLength);
}

/** `http://authority/path`: the authority of the target wins over Host (RFC 9112 §3.2.2). */
function takeAbsolute(stream: Stream, target: usize, length: i32): bool {
  const block = stream.request;
  let from = 0;
  if (length > 7 && isWord(target, 7, "http://")) from = 7;
  else if (length > 8 && isWord(target, 8, "https://")) from = 8;
  let end = from;
  while (end < length && !isAuthorityEnd(load<u8>(target + end))) end++;
  let host = from;
  for (let at = from; at < end; at++) {
    if (load<u8>(target + at) == 64) host = at + 1;
  }
  if (from == 0 || !isTargetHost(target + host, end - host)) {
    return refuseMalformed(stream, 400, Refusal.InvalidUrl);
  }
  setPseudo(block, REQUEST_AUTHORITY, H_AUTHORITY, target + host, end - host);
  setPseudo(block, REQUEST_SCHEME, H_SCHEME, from == 8 ? HTTPS : HTTP, from - 3);
  if (end == length) setPseudo(block, REQUEST_PATH, H_PATH, SLASH, 1);
  else setPseudo(block, REQUEST_PATH, H_PATH, target + end, length - end);
  return true;
}

// @ts-ignore: decorator
@inline
function isAuthorityEnd(byte: u32): bool {
  return byte == 47 || byte == 63 || byte == 35;
}
