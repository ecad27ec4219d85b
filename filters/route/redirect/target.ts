/* Where an internal redirect leads, and whether its policy lets the request go there. */
import {
  H_AUTHORITY,
  H_LOCATION,
  H_PATH,
  H_SCHEME,
  H_X_ENVOY_ORIGINAL_URL,
} from "../../../api/engine/header-names.ts";
import { HCM_STATS } from "../../../api/engine/image.ts";
import { CONNECTION_TLS } from "../../../api/engine/layout.ts";
import { REMOVAL_BYTES, REMOVAL_ID, REMOVAL_NAME } from "../../../api/engine/match-image.ts";
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
} from "../../../api/engine/route-image.ts";
import {
  HTTP_PASSTHROUGH_INTERNAL_REDIRECT_BAD_LOCATION,
  HTTP_PASSTHROUGH_INTERNAL_REDIRECT_NO_ROUTE,
  HTTP_PASSTHROUGH_INTERNAL_REDIRECT_PREDICATE,
  HTTP_PASSTHROUGH_INTERNAL_REDIRECT_TOO_MANY_REDIRECTS,
  HTTP_PASSTHROUGH_INTERNAL_REDIRECT_UNSAFE_SCHEME,
} from "../../../api/engine/stats.ts";
import {
  readUrl,
  urlHostEnd,
  urlHostStart,
  urlPathEnd,
  urlSchemeLength,
} from "./location.ts";
import {
  ENTRY_BYTES,
  HeaderBlock,
  HeaderEntry,
  addHeader,
  entryAt,
  keepBytes,
  nextByName,
  removeName,
  reserveArena,
  setKnown,
  setPseudo,
} from "../../head/block.ts";
import { isWord } from "../../http1/framing.ts";
import { REQUEST_AUTHORITY, REQUEST_PATH, REQUEST_SCHEME } from "../../http1/start-line.ts";
import { copyBytes, equalBytes, writeAscii } from "../../memory/bytes.ts";
import { staticText } from "../../memory/text.ts";
import { count } from "../../observe/counters.ts";
import { Connection } from "../../stream/connection.ts";
import { Stream } from "../../stream/stream.ts";
import { findRoute } from "../select.ts";

const HTTP = staticText("http");
const HTTPS = staticText("https");
const SLASH = staticText("/");
/** Bytes of "https://". */
const LONGEST_SCHEME_BYTES: i32 = 8;
/** Bytes of one step in the list `followed` of a stream: {u32 next, u32 from, u32 to}. */
const FOLLOWED_BYTES: i32 = 12;

/** What the request was before: its headers, and the route that it took. */
let entries: usize = 0;
let entryCount: i32 = 0;
let present0: u64 = 0;
let present1: u64 = 0;
let route: usize = 0;
let virtualHost: usize = 0;

/**
 * Points a request at a location, and finds the route that takes it from there. False when that may
 * not be; then the request is as it was.
 */
export function retarget(stream: Stream, policy: usize, location: HeaderEntry): bool {
  keepHead(stream);
  const reason = isOnly(stream.response, location)
    ? failureOf(stream, policy, location)
    : HTTP_PASSTHROUGH_INTERNAL_REDIRECT_BAD_LOCATION;
  // What is logged and counted of this stream is about the route that it took.
  stream.route = route;
  stream.virtualHost = virtualHost;
  if (reason == 0) return true;
  count(<usize>load<u32>(stream.hcm, HCM_STATS), reason);
  restoreHead(stream);
  return false;
}

/** Which of two locations is meant, nobody knows. */
function isOnly(block: HeaderBlock, location: HeaderEntry): bool {
  const end = block.entries + <usize>block.count * ENTRY_BYTES;
  for (let at = changetype<usize>(location) + ENTRY_BYTES; at < end; at += ENTRY_BYTES) {
    const entry = changetype<HeaderEntry>(at);
    if (entry.id == H_LOCATION && entry.nameLength != 0) return false;
  }
  return true;
}

/** The statistic that counts why a redirect is not followed, or 0 when it may be. */
function failureOf(stream: Stream, policy: usize, location: HeaderEntry): i32 {
  const length = location.valueLength;
  const url = keepBytes(stream.request, location.value, length);
  if (!readUrl(url, length)) return HTTP_PASSTHROUGH_INTERNAL_REDIRECT_BAD_LOCATION;
  const isToHttp = isWord(url, urlSchemeLength, "http");
  const isFromHttp = !wasHttps(stream);
  if (!isToHttp && !isWord(url, urlSchemeLength, "https")) {
    return HTTP_PASSTHROUGH_INTERNAL_REDIRECT_UNSAFE_SCHEME;
  }
  if (isToHttp != isFromHttp && load<u32>(policy, INTERNAL_REDIRECT_CROSS_SCHEME) == 0) {
    return HTTP_PASSTHROUGH_INTERNAL_REDIRECT_UNSAFE_SCHEME;
  }
  if (stream.redirectCount >= load<i32>(policy, INTERNAL_REDIRECT_MAX)) {
    return HTTP_PASSTHROUGH_INTERNAL_REDIRECT_TOO_MANY_REDIRECTS;
  }
  copyListed(stream, policy);
  setTarget(stream.request, url, length, isToHttp);
  if (!findRoute(stream)) return HTTP_PASSTHROUGH_INTERNAL_REDIRECT_NO_ROUTE;
  if (!isAccepted(stream, policy, isFromHttp && !isToHttp)) {
    return HTTP_PASSTHROUGH_INTERNAL_REDIRECT_PREDICATE;
  }
  setOriginalUrl(stream.request, isFromHttp);
  return 0;
}

function setTarget(block: HeaderBlock, url: usize, length: i32, isToHttp: bool): void {
  const scheme = isToHttp ? HTTP : HTTPS;
  setPseudo(block, REQUEST_SCHEME, H_SCHEME, scheme, isToHttp ? 4 : 5);
  const hostLength = urlHostEnd - urlHostStart;
  setPseudo(block, REQUEST_AUTHORITY, H_AUTHORITY, url + urlHostStart, hostLength);
  if (urlHostEnd == length) setPseudo(block, REQUEST_PATH, H_PATH, SLASH, 1);
  else setPseudo(block, REQUEST_PATH, H_PATH, url + urlHostEnd, urlPathEnd - urlHostEnd);
}

/** Says in `x-envoy-original-url` what was asked for before. */
function setOriginalUrl(block: HeaderBlock, isFromHttp: bool): void {
  const authority = savedEntry(REQUEST_AUTHORITY);
  const path = savedEntry(REQUEST_PATH);
  const most = LONGEST_SCHEME_BYTES + authority.valueLength + path.valueLength;
  const target = reserveArena(block, most);
  let at = target + writeAscii(target, isFromHttp ? "http://" : "https://");
  copyBytes(at, authority.value, authority.valueLength);
  at += authority.valueLength;
  copyBytes(at, path.value, path.valueLength);
  at += path.valueLength;
  setKnown(block, H_X_ENVOY_ORIGINAL_URL, target, <i32>(at - target));
}

/** Keeps the table of the head; its texts stay where they are. */
function keepHead(stream: Stream): void {
  const block = stream.request;
  entryCount = block.count;
  entries = keepBytes(block, block.entries, entryCount << 4);
  present0 = block.present0;
  present1 = block.present1;
  route = stream.route;
  virtualHost = stream.virtualHost;
}

function restoreHead(stream: Stream): void {
  const block = stream.request;
  block.count = entryCount;
  memory.copy(block.entries, entries, <usize>entryCount * ENTRY_BYTES);
  block.present0 = present0;
  block.present1 = present1;
}

function savedEntry(place: i32): HeaderEntry {
  return changetype<HeaderEntry>(entries + <usize>place * ENTRY_BYTES);
}

/** What a request over a plain connection says of its scheme is not believed. */
function wasHttps(stream: Stream): bool {
  const connection = changetype<Connection>(stream.downstream);
  if ((connection.flags & CONNECTION_TLS) == 0) return false;
  const scheme = savedEntry(REQUEST_SCHEME);
  return !isWord(scheme.value, scheme.valueLength, "http");
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

/** Asks the predicates about the route that was found. */
function isAccepted(stream: Stream, policy: usize, isToTls: bool): bool {
  const predicates = load<u32>(policy, INTERNAL_REDIRECT_PREDICATES);
  if ((predicates & INTERNAL_REDIRECT_PREDICATE_SAFE_SCHEME) != 0 && isToTls) return false;
  if ((predicates & INTERNAL_REDIRECT_PREDICATE_PREVIOUS_ROUTES) != 0) {
    if (wasFollowed(stream)) return false;
    noteFollowed(stream);
  }
  if ((predicates & INTERNAL_REDIRECT_PREDICATE_ALLOWED_ROUTES) == 0) return true;
  return isListed(stream, policy);
}

/** Whether a redirect of this request led from this route to that one before. */
function wasFollowed(stream: Stream): bool {
  const image = stream.image;
  let at = stream.followed;
  while (at != 0) {
    const isSame =
      isSameName(image, <usize>load<u32>(at, 4), route) &&
      isSameName(image, <usize>load<u32>(at, 8), stream.route);
    if (isSame) return true;
    at = <usize>load<u32>(at);
  }
  return false;
}

function noteFollowed(stream: Stream): void {
  const step = reserveArena(stream.request, FOLLOWED_BYTES);
  store<u32>(step, <u32>stream.followed);
  store<u32>(step, <u32>route, 4);
  store<u32>(step, <u32>stream.route, 8);
  stream.followed = step;
}

/** Routes are told apart by their names, as in Envoy. */
function isSameName(image: usize, one: usize, other: usize): bool {
  const length = nameLength(one);
  if (length != nameLength(other)) return false;
  return equalBytes(nameOf(image, one), nameOf(image, other), length);
}

function isListed(stream: Stream, policy: usize): bool {
  const image = stream.image;
  const name = nameOf(image, stream.route);
  const length = nameLength(stream.route);
  const total = load<i32>(policy, INTERNAL_REDIRECT_ALLOWED_ROUTES + 4);
  let item = image + <usize>load<u32>(policy, INTERNAL_REDIRECT_ALLOWED_ROUTES);
  for (let i = 0; i < total; i++) {
    const text = image + <usize>load<u32>(item);
    if (load<i32>(item, 4) == length && equalBytes(text, name, length)) return true;
    item += 8;
  }
  return false;
}

function nameOf(image: usize, record: usize): usize {
  return record == 0 ? 0 : image + <usize>load<u32>(record, ROUTE_NAME);
}

/** What sends the client to https is a route without a name. */
function nameLength(record: usize): i32 {
  return record == 0 ? 0 : load<i32>(record, ROUTE_NAME + 4);
}
