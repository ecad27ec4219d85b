/* Whether one route matches a request. Envoy `RouteEntryImplBase::matchRoute`. Hot. */
import {
  PATH_KIND_EXACT,
  PATH_KIND_PREFIX,
  PATH_KIND_SEPARATED,
  ROUTE_FLAGS,
  ROUTE_FLAG_IGNORE_CASE,
  ROUTE_PATH,
  ROUTE_PATH_KIND,
} from "../../api/engine/route-image.ts";
import { equalBytes } from "../memory/bytes.ts";
import { Stream } from "../stream/stream.ts";
import { equalsLower } from "./hash-search.ts";

/** True when the route at that address matches. `length` has no query. */
export function matchRoute(stream: Stream, route: usize, path: usize, length: i32): bool {
  return matchPath(stream, route, path, length);
}

function matchPath(stream: Stream, route: usize, path: usize, length: i32): bool {
  const kind = load<i32>(route, ROUTE_PATH_KIND);
  const textLength = load<i32>(route, ROUTE_PATH + 4);
  if (kind == PATH_KIND_EXACT) {
    if (length != textLength) return false;
  } else if (length < textLength) {
    return false;
  }
  const text = stream.image + <usize>load<u32>(route, ROUTE_PATH);
  const isSame =
    (load<u32>(route, ROUTE_FLAGS) & ROUTE_FLAG_IGNORE_CASE) == 0
      ? equalBytes(path, text, textLength)
      : equalsLower(path, text, textLength);
  if (!isSame || kind != PATH_KIND_SEPARATED) return isSame;
  return length == textLength || load<u8>(path + textLength) == 47;
}
