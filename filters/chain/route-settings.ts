/*
 * What routes say of filters: `typed_per_filter_config` at four levels, from the weighted cluster
 * (most specific) to the route configuration.
 */
import { HCM_ROUTE_CONFIG } from "../../api/engine/image.ts";
import {
  PER_FILTER_BYTES,
  PER_FILTER_CONFIG,
  PER_FILTER_DISABLED,
  PER_FILTER_KIND,
} from "../../api/engine/match-image.ts";
import {
  ROUTES_PER_FILTER,
  ROUTE_PER_FILTER,
  VHOST_PER_FILTER,
  WEIGHTED_PER_FILTER,
} from "../../api/engine/route-image.ts";
import { Stream } from "../stream/stream.ts";

/** Levels, most specific first. */
export const LEVEL_COUNT: i32 = 4;

/** Address of the list reference of a level, or 0 when the request has no such level. */
function levelList(stream: Stream, level: i32): usize {
  if (level == 0) return stream.weighted == 0 ? 0 : stream.weighted + WEIGHTED_PER_FILTER;
  if (level == 1) return stream.route == 0 ? 0 : stream.route + ROUTE_PER_FILTER;
  if (level == 2) return stream.virtualHost == 0 ? 0 : stream.virtualHost + VHOST_PER_FILTER;
  return stream.image + <usize>load<u32>(stream.hcm, HCM_ROUTE_CONFIG) + ROUTES_PER_FILTER;
}

/** Address of what a level says of the filter at a place of the chain, or 0. */
function findEntry(stream: Stream, level: i32, place: i32): usize {
  const list = levelList(stream, level);
  if (list == 0) return 0;
  const count = load<i32>(list, 4);
  const first = stream.image + <usize>load<u32>(list);
  for (let i = 0; i < count; i++) {
    const entry = first + <usize>i * PER_FILTER_BYTES;
    if (load<i32>(entry, PER_FILTER_KIND) == place + 1) return entry;
  }
  return 0;
}

/** Address of a level's settings for the filter at a place of the chain, or 0. */
export function settingsOf(stream: Stream, level: i32, place: i32): usize {
  const entry = findEntry(stream, level, place);
  if (entry == 0) return 0;
  const config = load<u32>(entry, PER_FILTER_CONFIG);
  return config == 0 ? 0 : stream.image + <usize>config;
}

/** 1 when routes turn the filter off, 0 when they give it settings, -1 when they say nothing. */
export function isDisabledByRoute(stream: Stream, place: i32): i32 {
  for (let level = 0; level < LEVEL_COUNT; level++) {
    const entry = findEntry(stream, level, place);
    if (entry != 0) return load<i32>(entry, PER_FILTER_DISABLED) != 0 ? 1 : 0;
  }
  return -1;
}
