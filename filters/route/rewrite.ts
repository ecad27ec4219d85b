/* Path and host of a request on its way upstream. */
import {
  H_AUTHORITY,
  H_PATH,
  H_X_ENVOY_ORIGINAL_HOST,
  H_X_ENVOY_ORIGINAL_PATH,
  H_X_FORWARDED_HOST,
} from "../../api/engine/header-names.ts";
import { HCM_FLAGS, HCM_SUPPRESS_ENVOY_HEADERS } from "../../api/engine/image.ts";
import {
  FORWARD_FLAGS,
  FORWARD_FLAG_APPEND_HOST,
  FORWARD_FLAG_AUTO_HOST,
  FORWARD_HOST_HEADER_ID,
  FORWARD_HOST_REGEX,
  FORWARD_HOST_REWRITE,
  FORWARD_HOST_TEXT,
  FORWARD_MATCHED_BYTES,
  FORWARD_REWRITE,
  FORWARD_REWRITE_REGEX,
  FORWARD_REWRITE_TEXT,
  HOST_REWRITE_HEADER,
  HOST_REWRITE_LITERAL,
  HOST_REWRITE_NONE,
  REWRITE_NONE,
  REWRITE_PREFIX,
  ROUTE_ACTION,
} from "../../api/engine/route-image.ts";
import {
  entryAt,
  findKnown,
  keepBytes,
  nextByName,
  reserveArena,
  setKnown,
  setPseudo,
} from "../head/block.ts";
import { REQUEST_AUTHORITY, REQUEST_PATH } from "../http1/start-line.ts";
import { copyBytes, equalBytes } from "../memory/bytes.ts";
import { Stream } from "../stream/stream.ts";
import { pathEnd } from "./authority.ts";
import { rewriteOutput, rewriteRegex } from "./scratch.ts";

/** `auto_host_rewrite`: the authority becomes the hostname of the endpoint, where it has one. */
export function rewriteAutoHost(stream: Stream): void {
  const action = stream.image + <usize>load<u32>(stream.route, ROUTE_ACTION);
  const flags = load<u32>(action, FORWARD_FLAGS);
  if ((flags & FORWARD_FLAG_AUTO_HOST) == 0) return;
  const appends = (flags & FORWARD_FLAG_APPEND_HOST) != 0;
  setAuthority(stream, stream.hostName, stream.hostNameLength, appends);
}

/** Rewrites the path as a `route` action says. */
export function rewritePath(stream: Stream, action: usize): void {
  const kind = load<i32>(action, FORWARD_REWRITE);
  if (kind == REWRITE_NONE) return;
  const text = action + FORWARD_REWRITE_TEXT;
  if (kind == REWRITE_PREFIX) {
    replacePrefix(stream, text, load<i32>(action, FORWARD_MATCHED_BYTES));
  } else {
    replaceByRegex(stream, action + FORWARD_REWRITE_REGEX, text, true);
  }
}

/**
 * Puts a text in the place of what the route matched.
 *
 * @param text Address of a text reference.
 * @param matched Bytes to replace; -1 is all but the query.
 */
export function replacePrefix(stream: Stream, text: usize, matched: i32): void {
  const path = entryAt(stream.request, REQUEST_PATH);
  const from = matched < 0 ? pathEnd(path.value, path.valueLength) : matched;
  if (from > path.valueLength) return;
  const bytes = stream.image + <usize>load<u32>(text);
  replaceFront(stream, bytes, load<i32>(text, 4), from);
}

/**
 * Replaces what an expression matches in the path without its query. The references are addresses.
 *
 * @param mayBeEmpty Whether an empty result replaces the path; else it stays as it is.
 */
export function replaceByRegex(
  stream: Stream,
  regex: usize,
  text: usize,
  mayBeEmpty: bool,
): void {
  const path = entryAt(stream.request, REQUEST_PATH);
  const end = pathEnd(path.value, path.valueLength);
  const written = rewriteWith(stream, regex, text, path.value, end);
  if (written < 0 || (written == 0 && !mayBeEmpty)) return;
  replaceFront(stream, rewriteOutput(), written, end);
}

function rewriteWith(
  stream: Stream,
  regex: usize,
  text: usize,
  bytes: usize,
  length: i32,
): i32 {
  const table = stream.image + <usize>load<u32>(regex);
  const substitution = stream.image + <usize>load<u32>(text);
  return rewriteRegex(table, bytes, length, substitution, load<i32>(text, 4));
}

function replaceFront(stream: Stream, bytes: usize, length: i32, from: i32): void {
  const block = stream.request;
  const path = entryAt(block, REQUEST_PATH);
  const old = path.value;
  const oldLength = path.valueLength;
  const total = length + oldLength - from;
  const target = reserveArena(block, total);
  copyBytes(target, bytes, length);
  copyBytes(target + length, old + from, oldLength - from);
  stream.originalPath = old;
  stream.originalPathLength = oldLength;
  if (!suppressesEnvoyHeaders(stream)) setKnown(block, H_X_ENVOY_ORIGINAL_PATH, old, oldLength);
  setPseudo(block, REQUEST_PATH, H_PATH, target, total);
}

function suppressesEnvoyHeaders(stream: Stream): bool {
  return (load<u32>(stream.hcm, HCM_FLAGS) & HCM_SUPPRESS_ENVOY_HEADERS) != 0;
}

/** Rewrites the host as a `route` action says; that of the endpoint is left to the caller. */
export function rewriteHost(stream: Stream, action: usize): void {
  const kind = load<i32>(action, FORWARD_HOST_REWRITE);
  if (kind == HOST_REWRITE_NONE) return;
  const text = action + FORWARD_HOST_TEXT;
  const appends = (load<u32>(action, FORWARD_FLAGS) & FORWARD_FLAG_APPEND_HOST) != 0;
  const name = stream.image + <usize>load<u32>(text);
  const nameLength = load<i32>(text, 4);
  if (kind == HOST_REWRITE_LITERAL) {
    setAuthority(stream, name, nameLength, appends);
  } else if (kind == HOST_REWRITE_HEADER) {
    const id = <u16>load<u32>(action, FORWARD_HOST_HEADER_ID);
    const at = nextByName(stream.request, 0, id, name, nameLength);
    if (at < 0) return;
    const entry = entryAt(stream.request, at);
    setAuthority(stream, entry.value, entry.valueLength, appends);
  } else {
    const path = entryAt(stream.request, REQUEST_PATH);
    const end = pathEnd(path.value, path.valueLength);
    const written = rewriteWith(stream, action + FORWARD_HOST_REGEX, text, path.value, end);
    if (written <= 0) return;
    setAuthority(stream, keepBytes(stream.request, rewriteOutput(), written), written, appends);
  }
}

/**
 * Gives the request another authority; an empty one changes nothing. The bytes must outlive the
 * stream. Envoy `Utility::updateAuthority`.
 *
 * @param appends Whether `x-forwarded-host` gets the old one: `append_x_forwarded_host`.
 */
function setAuthority(stream: Stream, host: usize, length: i32, appends: bool): void {
  if (length == 0) return;
  const block = stream.request;
  const old = entryAt(block, REQUEST_AUTHORITY);
  if (old.valueLength > 0) {
    if (appends) appendForwardedHost(stream, old.value, old.valueLength);
    if (!suppressesEnvoyHeaders(stream)) {
      setKnown(block, H_X_ENVOY_ORIGINAL_HOST, old.value, old.valueLength);
    }
  }
  setPseudo(block, REQUEST_AUTHORITY, H_AUTHORITY, host, length);
}

/** Appends a host unless it is the last one already. */
function appendForwardedHost(stream: Stream, host: usize, length: i32): void {
  const block = stream.request;
  const entry = findKnown(block, H_X_FORWARDED_HOST);
  if (entry === null || entry.valueLength == 0) {
    setKnown(block, H_X_FORWARDED_HOST, host, length);
    return;
  }
  const before = entry.valueLength - length;
  const isLast =
    before >= 0 &&
    (before == 0 || load<u8>(entry.value + before - 1) == 44) &&
    equalBytes(entry.value + before, host, length);
  if (isLast) return;
  const total = entry.valueLength + 1 + length;
  const joined = reserveArena(block, total);
  copyBytes(joined, entry.value, entry.valueLength);
  store<u8>(joined + entry.valueLength, 44);
  copyBytes(joined + entry.valueLength + 1, host, length);
  entry.value = joined;
  entry.valueLength = total;
}
