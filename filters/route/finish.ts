/*
 * What the route does to a request on its way upstream and to a response on its way downstream.
 * Envoy `finalizeRequestHeaders` and `finalizeResponseHeaders`.
 */
import { Stream } from "../stream/stream.ts";

/** Applies the route's header mutations, host rewrite and path rewrite to the request. */
export function finishRequestHeaders(stream: Stream): void {}

/** Applies the header mutations of the route and its levels to the response. */
export function finishResponseHeaders(stream: Stream): void {}
