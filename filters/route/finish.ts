/*
 * What the route does to a request on its way upstream and to a response on its way downstream.
 * Envoy `finalizeRequestHeaders` and `finalizeResponseHeaders`.
 */
import { H_AUTHORITY, H_X_ENVOY_ATTEMPT_COUNT } from "../../api/engine/header-names.ts";
import { HCM_ROUTE_CONFIG } from "../../api/engine/image.ts";
import {
  ACTION_CLUSTER,
  ROUTES_FLAGS,
  ROUTES_FLAG_MOST_SPECIFIC_WINS,
  ROUTES_INTERNAL_ONLY,
  ROUTES_REQUEST_MUTATIONS,
  ROUTES_RESPONSE_MUTATIONS,
  ROUTE_ACTION,
  ROUTE_ACTION_KIND,
  ROUTE_REQUEST_MUTATIONS,
  ROUTE_RESPONSE_MUTATIONS,
  VHOST_FLAGS,
  VHOST_FLAG_ATTEMPT_COUNT,
  VHOST_FLAG_ATTEMPT_COUNT_IN_RESPONSE,
  VHOST_REQUEST_MUTATIONS,
  VHOST_RESPONSE_MUTATIONS,
  WEIGHTED_HOST,
  WEIGHTED_REQUEST_MUTATIONS,
  WEIGHTED_RESPONSE_MUTATIONS,
} from "../../api/engine/route-image.ts";
import { HeaderBlock, reserveArena, setKnown, setPseudo } from "../head/block.ts";
import { REQUEST_AUTHORITY } from "../http1/start-line.ts";
import { writeDecimal } from "../memory/bytes.ts";
import { Stream } from "../stream/stream.ts";
import { applyMutations, removeListed } from "./mutations.ts";
import { rewriteHost, rewritePath } from "./rewrite.ts";

/** Removes `internal_only_headers`: for requests that come from outside. */
export function removeInternalOnly(stream: Stream): void {
  const routes = stream.image + <usize>load<u32>(stream.hcm, HCM_ROUTE_CONFIG);
  removeListed(routes + ROUTES_INTERNAL_ONLY, stream.image, stream.request);
}

/** Applies the route's header mutations, host rewrite and path rewrite to the request. */
export function finishRequestHeaders(stream: Stream): void {
  if (stream.route == 0) return;
  const image = stream.image;
  const block = stream.request;
  if ((load<u32>(stream.virtualHost, VHOST_FLAGS) & VHOST_FLAG_ATTEMPT_COUNT) != 0) {
    setAttemptCount(stream, block);
  }
  const weighted = stream.weighted;
  if (weighted != 0) {
    applyMutations(image + <usize>load<u32>(weighted, WEIGHTED_REQUEST_MUTATIONS), block, stream);
    const host = load<i32>(weighted, WEIGHTED_HOST + 4);
    if (host > 0) {
      const text = image + <usize>load<u32>(weighted, WEIGHTED_HOST);
      setPseudo(block, REQUEST_AUTHORITY, H_AUTHORITY, text, host);
    }
  }
  applyLevels(
    stream,
    block,
    load<u32>(stream.route, ROUTE_REQUEST_MUTATIONS),
    load<u32>(stream.virtualHost, VHOST_REQUEST_MUTATIONS),
    ROUTES_REQUEST_MUTATIONS,
  );
  if (load<i32>(stream.route, ROUTE_ACTION_KIND) != ACTION_CLUSTER) return;
  const action = image + <usize>load<u32>(stream.route, ROUTE_ACTION);
  rewriteHost(stream, action);
  rewritePath(stream, action);
}

/** Applies the header mutations of the route and its levels to the response. */
export function finishResponseHeaders(stream: Stream): void {
  if (stream.route == 0) return;
  const block = stream.response;
  const flags = load<u32>(stream.virtualHost, VHOST_FLAGS);
  const isForwarded = load<i32>(stream.route, ROUTE_ACTION_KIND) == ACTION_CLUSTER;
  if (isForwarded && (flags & VHOST_FLAG_ATTEMPT_COUNT_IN_RESPONSE) != 0) {
    setAttemptCount(stream, block);
  }
  const weighted = stream.weighted;
  if (weighted != 0) {
    const list = stream.image + <usize>load<u32>(weighted, WEIGHTED_RESPONSE_MUTATIONS);
    applyMutations(list, block, stream);
  }
  applyLevels(
    stream,
    block,
    load<u32>(stream.route, ROUTE_RESPONSE_MUTATIONS),
    load<u32>(stream.virtualHost, VHOST_RESPONSE_MUTATIONS),
    ROUTES_RESPONSE_MUTATIONS,
  );
}

/** The level that is applied last wins: the configuration, unless the most specific is to win. */
function applyLevels(
  stream: Stream,
  block: HeaderBlock,
  route: u32,
  virtualHost: u32,
  field: usize,
): void {
  const image = stream.image;
  const routes = image + <usize>load<u32>(stream.hcm, HCM_ROUTE_CONFIG);
  const configuration = load<u32>(routes + field);
  if ((route | virtualHost | configuration) == 0) return;
  const isAscending = (load<u32>(routes, ROUTES_FLAGS) & ROUTES_FLAG_MOST_SPECIFIC_WINS) != 0;
  applyMutations(image + <usize>(isAscending ? configuration : route), block, stream);
  applyMutations(image + <usize>virtualHost, block, stream);
  applyMutations(image + <usize>(isAscending ? route : configuration), block, stream);
}

function setAttemptCount(stream: Stream, block: HeaderBlock): void {
  const count = stream.attemptCount > 0 ? stream.attemptCount : 1;
  const digits = reserveArena(block, 10);
  setKnown(block, H_X_ENVOY_ATTEMPT_COUNT, digits, writeDecimal(digits, <u64>count));
}
