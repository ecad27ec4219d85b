/* Where access logs and local replies meet the header matchers and mutations of routes. */
import { Stream } from "../stream/stream.ts";

/** True when all header matchers of the list whose reference is at `list` match the request. */
export function matchesHeaders(stream: Stream, list: usize): bool {
  unreachable();
  return false;
}

/** Applies the additions of a mutation list to the response. */
export function addHeaders(stream: Stream, mutations: usize): void {
  unreachable();
}
