/*
 * From a path to the route: finds the node of the path table that the path begins with, and tries
 * its candidates in the order of the configuration. The first that matches wins.
 */
import {
  PATH_EXACT,
  PATH_EXACT_NEXT,
  PATH_HASH,
  PATH_LISTS_MAX,
  PATH_PREFIX,
  PATH_PREFIX_NEXT,
  PATH_TEXT,
  STOP_PREFIX,
  STOP_SHIFT,
  VHOST_PATHS,
  VHOST_PATHS_MASK,
  VHOST_ROOT,
  VHOST_ROUTES,
  VHOST_STOPS,
} from "../../api/engine/route-image.ts";
import { Stream } from "../stream/stream.ts";
import { equalsLower, hashLower, slotOf } from "./hash-search.ts";
import { matchRoute } from "./match/match-route.ts";

/** Lists of candidates that are merged: {u32 next position, u32 end}. */
const lists: usize = memory.data(PATH_LISTS_MAX * 8);
const FNV_OFFSET: u32 = 0x811c9dc5;

let visitedCount: i32 = 0;

/** How many routes and path nodes were looked at since the module started. For tests. */
export function visitedCandidates(): i32 {
  return visitedCount;
}

/** Address of the first route of a virtual host that matches, or 0. `length` has no query. */
export function firstMatch(stream: Stream, virtualHost: usize, path: usize, length: i32): usize {
  const image = stream.image;
  const node = findNode(image, virtualHost, path, length);
  const isWhole = load<i32>(node, PATH_TEXT + 4) == length;
  const own = node + (isWhole ? PATH_EXACT : PATH_PREFIX);
  const next = load<u32>(node + (isWhole ? PATH_EXACT_NEXT : PATH_PREFIX_NEXT));
  const routes = image + <usize>load<u32>(virtualHost, VHOST_ROUTES);
  if (next == 0) return tryList(stream, routes, own, path, length);
  return tryMerged(stream, routes, own, <usize>next, path, length);
}

/** The longest node that the path begins with. One pass over the path, if that. */
function findNode(image: usize, virtualHost: usize, path: usize, length: i32): usize {
  let best = image + <usize>load<u32>(virtualHost, VHOST_ROOT);
  const table = <usize>load<u32>(virtualHost, VHOST_PATHS);
  if (table == 0) return best;
  const mask = load<u32>(virtualHost, VHOST_PATHS_MASK);
  const stops = image + <usize>load<u32>(virtualHost, VHOST_STOPS);
  const end = stops + ((<usize>load<u32>(virtualHost, VHOST_STOPS + 4)) << 2);
  let hash = FNV_OFFSET;
  let hashed = 0;
  for (let at = stops; at < end; at += 4) {
    const stop = load<u32>(at);
    const stopLength = <i32>(stop >> STOP_SHIFT);
    if (stopLength > length) break;
    if ((stop & STOP_PREFIX) == 0 && stopLength != length) continue;
    hash = hashLower(hash, path + hashed, stopLength - hashed);
    hashed = stopLength;
    const found = findText(image, image + table, mask, hash, path, stopLength);
    if (found != 0) best = found;
  }
  return best;
}

function findText(
  image: usize,
  table: usize,
  mask: u32,
  hash: u32,
  path: usize,
  length: i32,
): usize {
  let slot = slotOf(hash, mask);
  while (true) {
    const reference = <usize>load<u32>(table + (slot << 2));
    if (reference == 0) return 0;
    visitedCount++;
    const node = image + reference;
    const isLike = load<u32>(node, PATH_HASH) == hash && load<i32>(node, PATH_TEXT + 4) == length;
    if (isLike && equalsLower(path, image + <usize>load<u32>(node, PATH_TEXT), length)) return node;
    slot = (slot + 1) & mask;
  }
}

/** `list` is the address of a list reference; `routes` that of the routes' references. */
function tryList(stream: Stream, routes: usize, list: usize, path: usize, length: i32): usize {
  const image = stream.image;
  const first = image + <usize>load<u32>(list);
  const end = first + ((<usize>load<u32>(list, 4)) << 2);
  for (let at = first; at < end; at += 4) {
    const route = image + <usize>load<u32>(routes + (<usize>load<u32>(at) << 2));
    visitedCount++;
    if (matchRoute(stream, route, path, length)) return route;
  }
  return 0;
}

/** Tries the routes of several lists, each in ascending order, as if they were one. */
function tryMerged(
  stream: Stream,
  routes: usize,
  own: usize,
  next: usize,
  path: usize,
  length: i32,
): usize {
  const image = stream.image;
  const count = gather(image, own, next);
  while (true) {
    const at = leastOf(count);
    if (at == 0) return 0;
    const position = load<u32>(<usize>load<u32>(at));
    store<u32>(at, load<u32>(at) + 4);
    const route = image + <usize>load<u32>(routes + (<usize>position << 2));
    visitedCount++;
    if (matchRoute(stream, route, path, length)) return route;
  }
}

/** Notes where each list begins and ends, and returns how many there are. */
function gather(image: usize, own: usize, next: usize): i32 {
  let count = 0;
  while (true) {
    const slot = lists + (<usize>count << 3);
    count++;
    const first = image + <usize>load<u32>(own);
    store<u32>(slot, <u32>first);
    store<u32>(slot, <u32>(first + (<usize>load<u32>(own, 4) << 2)), 4);
    if (next == 0) return count;
    if (count == PATH_LISTS_MAX) unreachable();
    own = image + next + PATH_PREFIX;
    next = <usize>load<u32>(image + next, PATH_PREFIX_NEXT);
  }
}

/** The list with the least next position, or 0 when all are at their end. */
function leastOf(count: i32): usize {
  let best: usize = 0;
  let least: u32 = u32.MAX_VALUE;
  const end = lists + ((<usize>count) << 3);
  for (let slot = lists; slot < end; slot += 8) {
    const at = load<u32>(slot);
    if (at == load<u32>(slot, 4)) continue;
    const position = load<u32>(<usize>at);
    if (position >= least) continue;
    least = position;
    best = slot;
  }
  return best;
}
