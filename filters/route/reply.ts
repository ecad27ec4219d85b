/* Answers that a route makes itself: redirects and direct responses. */
import {
  H_LOCATION,
  H_X_ENVOY_INTERNAL,
  H_X_FORWARDED_PROTO,
} from "../../api/engine/header-names.ts";
import {
  DIRECT_BODY,
  DIRECT_STATUS,
  REDIRECT_FLAGS,
  REDIRECT_FLAG_HAS_QUERY,
  REDIRECT_FLAG_HTTPS,
  REDIRECT_FLAG_STRIP_QUERY,
  REDIRECT_HOST,
  REDIRECT_MATCHED_BYTES,
  REDIRECT_PATH,
  REDIRECT_PATH_KIND,
  REDIRECT_PATH_LITERAL,
  REDIRECT_PATH_PREFIX,
  REDIRECT_PATH_REGEX,
  REDIRECT_PORT,
  REDIRECT_REGEX,
  REDIRECT_SCHEME,
  REDIRECT_STATUS,
  REQUIRE_TLS_EXTERNAL_ONLY,
  REQUIRE_TLS_NONE,
  ROUTE_REPLY,
  VHOST_REQUIRE_TLS,
} from "../../api/engine/route-image.ts";
import { addKnown, entryAt, findKnown, reserveArena } from "../head/block.ts";
import { isWord } from "../http1/framing.ts";
import { REQUEST_AUTHORITY, REQUEST_PATH, REQUEST_SCHEME } from "../http1/start-line.ts";
import { copyBytes, indexOfByte } from "../memory/bytes.ts";
import { staticText } from "../memory/text.ts";
import { Stream } from "../stream/stream.ts";
import { strippedHostLength } from "./authority.ts";
import { replaceByRegex, replacePrefix } from "./rewrite.ts";

const DETAILS = staticText("direct_response");
const DETAILS_LENGTH: i32 = 15;
const HTTPS = staticText("https");
/** "://" as a little-endian number. */
const COLON_SLASHES: u32 = 0x2f2f3a;

/** Where a redirect leads: ranges that are put together. */
let scheme: usize = 0;
let schemeLength: i32 = 0;
let host: usize = 0;
let hostLength: i32 = 0;
let port: usize = 0;
let portLength: i32 = 0;
let path: usize = 0;
let pathLength: i32 = 0;
let query: usize = 0;
let queryLength: i32 = 0;

/** True when the virtual host wants this request in TLS. */
export function wantsTls(stream: Stream): bool {
  const rule = load<i32>(stream.virtualHost, VHOST_REQUIRE_TLS);
  if (rule == REQUIRE_TLS_NONE) return false;
  const block = stream.request;
  const proto = findKnown(block, H_X_FORWARDED_PROTO);
  if (proto !== null && isWord(proto.value, proto.valueLength, "https")) return false;
  if (rule != REQUIRE_TLS_EXTERNAL_ONLY) return true;
  const internal = findKnown(block, H_X_ENVOY_INTERNAL);
  return internal === null || !isWord(internal.value, internal.valueLength, "true");
}

/** Answers with the same URL in https. */
export function redirectToTls(stream: Stream): i32 {
  takeRequest(stream);
  scheme = HTTPS;
  schemeLength = 5;
  addLocation(stream);
  return answer(stream, 301);
}

/** Answers with a redirect; `action` is the address of its record. */
export function redirect(stream: Stream, action: usize): i32 {
  rewriteRedirect(stream, action);
  takeRequest(stream);
  const flags = load<u32>(action, REDIRECT_FLAGS);
  if (load<u32>(action, REDIRECT_SCHEME + 4) != 0) {
    scheme = stream.image + <usize>load<u32>(action, REDIRECT_SCHEME);
    schemeLength = load<i32>(action, REDIRECT_SCHEME + 4);
  } else if ((flags & REDIRECT_FLAG_HTTPS) != 0) {
    scheme = HTTPS;
    schemeLength = 5;
  }
  port = stream.image + <usize>load<u32>(action, REDIRECT_PORT);
  portLength = load<i32>(action, REDIRECT_PORT + 4);
  if (load<u32>(action, REDIRECT_HOST + 4) != 0) {
    host = stream.image + <usize>load<u32>(action, REDIRECT_HOST);
    hostLength = load<i32>(action, REDIRECT_HOST + 4);
  } else {
    stripPort(stream);
  }
  if (load<i32>(action, REDIRECT_PATH_KIND) == REDIRECT_PATH_LITERAL) {
    const mark = indexOfByte(path, pathLength, 63);
    query = path + (mark < 0 ? pathLength : mark);
    queryLength = mark < 0 || (flags & REDIRECT_FLAG_HAS_QUERY) != 0 ? 0 : pathLength - mark;
    path = stream.image + <usize>load<u32>(action, REDIRECT_PATH);
    pathLength = load<i32>(action, REDIRECT_PATH + 4);
  }
  const strips = flags & (REDIRECT_FLAG_STRIP_QUERY | REDIRECT_FLAG_HAS_QUERY);
  if (strips == REDIRECT_FLAG_STRIP_QUERY) stripQuery();
  addLocation(stream);
  return answer(stream, load<i32>(action, REDIRECT_STATUS));
}

/** Answers with a fixed status and body; `action` is the address of its record. */
export function respondDirectly(stream: Stream, action: usize): i32 {
  const status = load<i32>(action, DIRECT_STATUS);
  stream.replyBody = stream.image + <usize>load<u32>(action, DIRECT_BODY);
  stream.replyBodyLength = load<i32>(action, DIRECT_BODY + 4);
  // Envoy gives these a location whatever they are for. RFC 9110 §10.2.2.
  if (status == 201 || (status >= 300 && status < 400)) {
    takeRequest(stream);
    stripPort(stream);
    addLocation(stream);
  }
  return answer(stream, status);
}

function answer(stream: Stream, status: i32): i32 {
  stream.status = status;
  stream.details = DETAILS;
  stream.detailsLength = DETAILS_LENGTH;
  return ROUTE_REPLY;
}

/** Prefix and regular expression change the path of the request itself. */
function rewriteRedirect(stream: Stream, action: usize): void {
  const kind = load<i32>(action, REDIRECT_PATH_KIND);
  if (kind == REDIRECT_PATH_PREFIX) {
    replacePrefix(stream, action + REDIRECT_PATH, load<i32>(action, REDIRECT_MATCHED_BYTES));
  } else if (kind == REDIRECT_PATH_REGEX) {
    replaceByRegex(stream, action + REDIRECT_REGEX, action + REDIRECT_PATH, false);
  }
}

function takeRequest(stream: Stream): void {
  const block = stream.request;
  const requestScheme = entryAt(block, REQUEST_SCHEME);
  const authority = entryAt(block, REQUEST_AUTHORITY);
  const requestPath = entryAt(block, REQUEST_PATH);
  scheme = requestScheme.value;
  schemeLength = requestScheme.valueLength;
  host = authority.value;
  hostLength = authority.valueLength;
  path = requestPath.value;
  pathLength = requestPath.valueLength;
  portLength = 0;
  queryLength = 0;
}

/** The request's port goes when another is given, or it was the default of another scheme. */
function stripPort(stream: Stream): void {
  const proto = findKnown(stream.request, H_X_FORWARDED_PROTO);
  let plainPort = 0;
  if (proto !== null && !isSameScheme(proto.value, proto.valueLength)) {
    if (isWord(proto.value, proto.valueLength, "https")) plainPort = 443;
    else if (isWord(proto.value, proto.valueLength, "http")) plainPort = 80;
  }
  hostLength = strippedHostLength(host, hostLength, portLength > 0, plainPort);
}

function isSameScheme(other: usize, length: i32): bool {
  if (length != schemeLength) return false;
  return memory.compare(other, scheme, length) == 0;
}

function stripQuery(): void {
  queryLength = 0;
  const mark = indexOfByte(path, pathLength, 63);
  if (mark >= 0) pathLength = mark;
}

/** Writes `location: scheme://host:port/path?query`. */
function addLocation(stream: Stream): void {
  const needsSlash = pathLength == 0 || load<u8>(path) != 47;
  const most = schemeLength + 4 + hostLength + portLength + pathLength + queryLength;
  const target = reserveArena(stream.response, most);
  let at = target;
  copyBytes(at, scheme, schemeLength);
  at += schemeLength;
  store<u32>(at, COLON_SLASHES);
  at += 3;
  copyBytes(at, host, hostLength);
  at += hostLength;
  copyBytes(at, port, portLength);
  at += portLength;
  if (needsSlash) store<u8>(at++, 47);
  copyBytes(at, path, pathLength);
  at += pathLength;
  copyBytes(at, query, queryLength);
  at += queryLength;
  addKnown(stream.response, H_LOCATION, target, <i32>(at - target));
}
