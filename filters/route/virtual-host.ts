/*
 * The virtual host of a request: a domain that is the host, else the longest `*suffix`, else the
 * longest `prefix*`, else `*`. Case does not count. Envoy `RouteMatcher::findVirtualHost`.
 */
import {
  HOST_BYTES,
  HOST_HASH,
  HOST_SEED_EXACT,
  HOST_SEED_PREFIX,
  HOST_SEED_SUFFIX,
  HOST_TEXT,
  HOST_TEXT_LENGTH,
  HOST_VIRTUAL_HOST,
  ROUTES_DEFAULT_HOST,
  ROUTES_FLAGS,
  ROUTES_FLAG_EXACT_HOSTS,
  ROUTES_FLAG_IGNORE_PORT,
  ROUTES_HOSTS,
  ROUTES_HOSTS_MASK,
  ROUTES_PREFIX_LENGTHS,
  ROUTES_SUFFIX_LENGTHS,
} from "../../api/engine/route-image.ts";
import { portStart } from "./authority.ts";
import { equalsLower, hashLower, slotOf } from "./hash-search.ts";

/**
 * Address of the virtual host record, or 0.
 *
 * @param routes Address of the route configuration.
 * @param image Address where its image begins.
 */
export function findVirtualHost(routes: usize, image: usize, host: usize, length: i32): usize {
  if (load<u32>(routes, ROUTES_HOSTS) != 0) {
    // Without a host not even the default is used, unless it is the only one.
    if (length == 0) return 0;
    const found = searchDomains(routes, image, host, length);
    if (found != 0) return found;
  }
  return defaultHost(routes, image);
}

/** Address of the virtual host of `*`, or 0. */
export function defaultHost(routes: usize, image: usize): usize {
  const fallback = <usize>load<u32>(routes, ROUTES_DEFAULT_HOST);
  return fallback == 0 ? 0 : image + fallback;
}

function searchDomains(routes: usize, image: usize, host: usize, length: i32): usize {
  const flags = load<u32>(routes, ROUTES_FLAGS);
  if ((flags & ROUTES_FLAG_IGNORE_PORT) != 0) {
    const port = portStart(host, length);
    if (port >= 0) length = port;
  }
  if ((flags & ROUTES_FLAG_EXACT_HOSTS) != 0) {
    const found = findDomain(routes, image, HOST_SEED_EXACT, host, length);
    if (found != 0) return found;
  }
  const found = findWildcard(routes, image, HOST_SEED_SUFFIX, host, length);
  if (found != 0) return found;
  return findWildcard(routes, image, HOST_SEED_PREFIX, host, length);
}

/** The `*` stands for at least one byte, so a text as long as the host does not count. */
function findWildcard(routes: usize, image: usize, seed: u32, host: usize, length: i32): usize {
  const field = seed == HOST_SEED_SUFFIX ? ROUTES_SUFFIX_LENGTHS : ROUTES_PREFIX_LENGTHS;
  const list = image + <usize>load<u32>(routes + field);
  const end = list + ((<usize>load<u32>(routes + field, 4)) << 2);
  for (let at = list; at < end; at += 4) {
    const part = load<i32>(at);
    if (part >= length) continue;
    const from = seed == HOST_SEED_SUFFIX ? length - part : 0;
    const found = findDomain(routes, image, seed, host + from, part);
    if (found != 0) return found;
  }
  return 0;
}

function findDomain(routes: usize, image: usize, seed: u32, text: usize, length: i32): usize {
  const hash = hashLower(seed, text, length);
  const mask = load<u32>(routes, ROUTES_HOSTS_MASK);
  const table = image + <usize>load<u32>(routes, ROUTES_HOSTS);
  let slot = slotOf(hash, mask);
  while (true) {
    const entry = table + <usize>slot * HOST_BYTES;
    const found = <usize>load<u32>(entry, HOST_VIRTUAL_HOST);
    if (found == 0) return 0;
    const isLike =
      load<u32>(entry, HOST_HASH) == hash && load<i32>(entry, HOST_TEXT_LENGTH) == length;
    if (isLike && equalsLower(text, image + <usize>load<u32>(entry, HOST_TEXT), length)) {
      return image + found;
    }
    slot = (slot + 1) & mask;
  }
}
