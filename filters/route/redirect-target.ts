/* Where an internal redirect leads, and whether its policy lets the request go there. */
import {
  H_AUTHORITY,
  H_PATH,
  H_SCHEME,
  H_X_ENVOY_ORIGINAL_URL,
} from "../../api/engine/header-names.ts";
import { HCM_STATS } from "../../api/engine/image.ts";
import { CONNECTION_TLS } from "../../api/engine/layout.ts";
import { REMOVAL_BYTES, REMOVAL_ID, REMOVAL_NAME } from "../../api/engine/match-image.ts";
import {
  INTERNAL_REDIRECT_ALLOWED_ROUTES,
  INTERNAL_REDIRECT_COPY,
  INTERNAL_REDIRECT_CROSS_SCHEME,
  INTERNAL_REDIRECT_MAX,
  INTERNAL_REDIRECT_PREDICATES,
  INTERNAL_REDIRECT_PREDICATE_ALLOWED_ROUTES,
  INTERNAL_REDIRECT_PREDICATE_PREVIOUS_ROUTES,
  INTERNAL_REDIRECT_PREDICATE_SAFE_SCHEME,
  ROUTE_NAME,
} from "../../api/engine/route-image.ts";
import {
  HTTP_PASSTHROUGH_INTERNAL_REDIRECT_BAD_LOCATION,
  HTTP_PASSTHROUGH_INTERNAL_REDIRECT_NO_ROUTE,
  HTTP_PASSTHROUGH_INTERNAL_REDIRECT_PREDICATE,
  HTTP_PASSTHROUGH_INTERNAL_REDIRECT_TOO_MANY_REDIRECTS,
  HTTP_PASSTHROUGH_INTERNAL_REDIRECT_UNSAFE_SCHEME,
} from "../../api/engine/stats.ts";
import { takeAbsolute } from "../hcm/target.ts";
import {
  addHeader,
  entryAt,
  keepBytes,
  nextByName,
  removeName,
  reserveArena,
  setKnown,
  setPseudo,
} from "../head/block.ts";
import { isWord } from "../http1/framing.ts";
import { REQUEST_AUTHORITY, REQUEST_PATH, REQUEST_SCHEME } from "../http1/start-line.ts";
import { copyBytes, equalBytes } from "../memory/bytes.ts";
import { count } from "../observe/counters.ts";
import { Connection } from "../stream/connection.ts";
import { Stream } from "../stream/stream.ts";
import { findRoute } from "./select.ts";

/** "://" as a little-endian number. */
const COLON_SLASHES: u32 = 0x2f2f3a;

/** What the request was before: its target, and the route that it took. */
let scheme: usize = 0;
let schemeLength: i32 = 0;
let authority: usize = 0;
let authorityLength: i32 = 0;
let path: usize = 0;
let pathLength: i32 = 0;
let route: usize = 0;
let virtualHost: usize = 0;

/** Points a request at a location. False, with nothing changed, when that may not be. */
export function retarget(stream: Stream, policy: usize, location: usize, length: i32): bool {
  const block = stream.request;
  const stats = <usize>load<u32>(stream.hcm, HCM_STATS);
  keepTarget(stream);
  let end = 0;
  while (end < length && load<u8>(location + end) != 35) end++;
  const kept = keepBytes(block, location, end);
  if (!takeAbsolute(block, kept, end)) {
    count(stats, HTTP_PASSTHROUGH_INTERNAL_REDIRECT_BAD_LOCATION);
    return false;
  }
  addSlash(stream);
  const maySwitch = load<u32>(policy, INTERNAL_REDIRECT_CROSS_SCHEME) != 0;
  if (!maySwitch && wasHttps(stream) != isHttps(stream)) {
    count(stats, HTTP_PASSTHROUGH_INTERNAL_REDIRECT_UNSAFE_SCHEME);
  } else if (stream.redirectCount >= load<i32>(policy, INTERNAL_REDIRECT_MAX)) {
    count(stats, HTTP_PASSTHROUGH_INTERNAL_REDIRECT_TOO_MANY_REDIRECTS);
  } else {
    return true;
  }
  restoreTarget(stream);
  return false;
}

/** Whether a route takes the request from here, and the predicates have nothing against it. */
export function leadsSomewhere(stream: Stream, policy: usize): bool {
  const stats = <usize>load<u32>(stream.hcm, HCM_STATS);
  copyListed(stream, policy);
  if (!findRoute(stream)) {
    count(stats, HTTP_PASSTHROUGH_INTERNAL_REDIRECT_NO_ROUTE);
    return false;
  }
  const target = stream.route;
  // What is logged and counted of this stream is about the route that it took.
  stream.route = route;
  stream.virtualHost = virtualHost;
  const before = reserveArena(stream.request, 8);
  store<u32>(before, <u32>stream.previousRoutes);
  store<u32>(before, <u32>route, 4);
  stream.previousRoutes = before;
  if (isAccepted(stream, policy, target)) return true;
  count(stats, HTTP_PASSTHROUGH_INTERNAL_REDIRECT_PREDICATE);
  return false;
}

/** Undoes `retarget`. */
export function restoreTarget(stream: Stream): void {
  const block = stream.request;
  setPseudo(block, REQUEST_SCHEME, H_SCHEME, scheme, schemeLength);
  setPseudo(block, REQUEST_AUTHORITY, H_AUTHORITY, authority, authorityLength);
  setPseudo(block, REQUEST_PATH, H_PATH, path, pathLength);
  stream.route = route;
  stream.virtualHost = virtualHost;
}

/** Says in `x-envoy-original-url` what was asked for before `retarget`. */
export function keepUrl(stream: Stream): void {
  const block = stream.request;
  const target = reserveArena(block, schemeLength + 3 + authorityLength + pathLength);
  let at = target;
  copyBytes(at, scheme, schemeLength);
  at += schemeLength;
  store<u32>(at, COLON_SLASHES);
  at += 3;
  copyBytes(at, authority, authorityLength);
  at += authorityLength;
  copyBytes(at, path, pathLength);
  at += pathLength;
  setKnown(block, H_X_ENVOY_ORIGINAL_URL, target, <i32>(at - target));
}

function keepTarget(stream: Stream): void {
  const block = stream.request;
  const oldScheme = entryAt(block, REQUEST_SCHEME);
  const oldAuthority = entryAt(block, REQUEST_AUTHORITY);
  const oldPath = entryAt(block, REQUEST_PATH);
  scheme = oldScheme.value;
  schemeLength = oldScheme.valueLength;
  authority = oldAuthority.value;
  authorityLength = oldAuthority.valueLength;
  path = oldPath.value;
  pathLength = oldPath.valueLength;
  route = stream.route;
  virtualHost = stream.virtualHost;
}

/** `http://shop.example?page=2` asks for `/?page=2`. */
function addSlash(stream: Stream): void {
  const block = stream.request;
  const target = entryAt(block, REQUEST_PATH);
  const length = target.valueLength;
  if (length > 0 && load<u8>(target.value) == 47) return;
  const longer = reserveArena(block, length + 1);
  store<u8>(longer, 47);
  copyBytes(longer + 1, target.value, length);
  setPseudo(block, REQUEST_PATH, H_PATH, longer, length + 1);
}

function wasHttps(stream: Stream): bool {
  const connection = changetype<Connection>(stream.downstream);
  if ((connection.flags & CONNECTION_TLS) == 0) return false;
  return !isWord(scheme, schemeLength, "http");
}

function isHttps(stream: Stream): bool {
  return entryAt(stream.request, REQUEST_SCHEME).valueLength == 5;
}

/** Headers of the redirect become those of the request; what it does not have, neither has. */
function copyListed(stream: Stream, policy: usize): void {
  const image = stream.image;
  const total = load<i32>(policy, INTERNAL_REDIRECT_COPY + 4);
  let item = image + <usize>load<u32>(policy, INTERNAL_REDIRECT_COPY);
  for (let i = 0; i < total; i++) {
    const name = image + <usize>load<u32>(item, REMOVAL_NAME);
    const length = load<i32>(item, REMOVAL_NAME + 4);
    const id = <u16>load<u32>(item, REMOVAL_ID);
    removeName(stream.request, name, length);
    const block = stream.response;
    let at = nextByName(block, block.pseudoCount, id, name, length);
    for (; at >= 0; at = nextByName(block, at + 1, id, name, length)) {
      const entry = entryAt(block, at);
      const value = keepBytes(stream.request, entry.value, entry.valueLength);
      addHeader(stream.request, id, name, length, value, entry.valueLength);
    }
    item += REMOVAL_BYTES;
  }
}

function isAccepted(stream: Stream, policy: usize, target: usize): bool {
  const predicates = load<u32>(policy, INTERNAL_REDIRECT_PREDICATES);
  if ((predicates & INTERNAL_REDIRECT_PREDICATE_SAFE_SCHEME) != 0) {
    if (isHttps(stream) && !wasHttps(stream)) return false;
  }
  if ((predicates & INTERNAL_REDIRECT_PREDICATE_PREVIOUS_ROUTES) != 0) {
    if (wasTaken(stream, target)) return false;
  }
  if ((predicates & INTERNAL_REDIRECT_PREDICATE_ALLOWED_ROUTES) == 0) return true;
  return isNamed(stream, policy, target);
}

function wasTaken(stream: Stream, target: usize): bool {
  let at = stream.previousRoutes;
  while (at != 0) {
    if (<usize>load<u32>(at, 4) == target) return true;
    at = <usize>load<u32>(at);
  }
  return false;
}

function isNamed(stream: Stream, policy: usize, target: usize): bool {
  const image = stream.image;
  const name = image + <usize>load<u32>(target, ROUTE_NAME);
  const length = load<i32>(target, ROUTE_NAME + 4);
  const total = load<i32>(policy, INTERNAL_REDIRECT_ALLOWED_ROUTES + 4);
  let item = image + <usize>load<u32>(policy, INTERNAL_REDIRECT_ALLOWED_ROUTES);
  for (let i = 0; i < total; i++) {
    const text = image + <usize>load<u32>(item);
    if (load<i32>(item, 4) == length && equalBytes(text, name, length)) return true;
    item += 8;
  }
  return false;
}
