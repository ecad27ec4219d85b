/* Which route a request takes, and where that leads. */
import {
  HCM_DURATION_MAX_MS,
  HCM_ROUTE_CONFIG,
  HCM_STREAM_IDLE_TIMEOUT_MS,
} from "../../api/engine/image.ts";
import {
  ACTION_CLUSTER,
  ACTION_DIRECT,
  ACTION_REDIRECT,
  FORWARD_DURATION_MAX_MS,
  FORWARD_IDLE_TIMEOUT_MS,
  FORWARD_TIMEOUT_MS,
  ROUTES_FLAGS,
  ROUTES_FLAG_IGNORE_PARAMETERS,
  ROUTES_VHOST_HEADER,
  ROUTES_VHOST_HEADER_ID,
  ROUTE_ACTION,
  ROUTE_ACTION_KIND,
  ROUTE_NONE,
  ROUTE_NO_CLUSTER,
} from "../../api/engine/route-image.ts";
import { entryAt, nextByName } from "../head/block.ts";
import { REQUEST_AUTHORITY, REQUEST_PATH } from "../http1/start-line.ts";
import { indexOfByte } from "../memory/bytes.ts";
import { Stream } from "../stream/stream.ts";
import { pathEnd } from "./authority.ts";
import { firstMatch } from "./candidates.ts";
import { chooseCluster } from "./choose-cluster.ts";
import { redirect, redirectToTls, respondDirectly, wantsTls } from "./reply.ts";
import { grpcDuration } from "./timeout/grpc-timeout.ts";
import { defaultHost, findVirtualHost } from "./virtual-host.ts";

/** Status for a route that has no cluster to forward to. */
const NO_CLUSTER_STATUS: i32 = 503;

/** Finds the route of a prepared request and what it leads to: a `ROUTE_*` result. */
export function selectRoute(stream: Stream): i32 {
  stream.cluster = -1;
  stream.clusterRecord = 0;
  stream.weighted = 0;
  stream.route = 0;
  if (!findHost(stream)) return ROUTE_NONE;
  if (wantsTls(stream)) return redirectToTls(stream);
  return matchPath(stream) ? act(stream) : ROUTE_NONE;
}

/**
 * Sets virtual host and route of a request, without doing what the route says. A host that sends
 * the client to https is found without a route.
 */
export function findRoute(stream: Stream): bool {
  stream.route = 0;
  return findHost(stream) && (wantsTls(stream) || matchPath(stream));
}

function findHost(stream: Stream): bool {
  const image = stream.image;
  const routes = image + <usize>load<u32>(stream.hcm, HCM_ROUTE_CONFIG);
  const named = load<i32>(routes, ROUTES_VHOST_HEADER + 4);
  if (named > 0) return findHostByHeader(stream, routes, named);
  const authority = entryAt(stream.request, REQUEST_AUTHORITY);
  stream.virtualHost = findVirtualHost(routes, image, authority.value, authority.valueLength);
  return stream.virtualHost != 0;
}

/** `vhost_header`: the first header of that name says what the host is. */
function findHostByHeader(stream: Stream, routes: usize, length: i32): bool {
  const image = stream.image;
  const name = image + <usize>load<u32>(routes, ROUTES_VHOST_HEADER);
  const id = <u16>load<u32>(routes, ROUTES_VHOST_HEADER_ID);
  const at = nextByName(stream.request, 0, id, name, length);
  if (at < 0) {
    stream.virtualHost = findVirtualHost(routes, image, 0, 0);
    return stream.virtualHost != 0;
  }
  const entry = entryAt(stream.request, at);
  // An empty value is a value, where an empty host is none.
  if (entry.valueLength == 0) stream.virtualHost = defaultHost(routes, image);
  else stream.virtualHost = findVirtualHost(routes, image, entry.value, entry.valueLength);
  return stream.virtualHost != 0;
}

function matchPath(stream: Stream): bool {
  const routes = stream.image + <usize>load<u32>(stream.hcm, HCM_ROUTE_CONFIG);
  const path = entryAt(stream.request, REQUEST_PATH);
  let length = pathEnd(path.value, path.valueLength);
  if ((load<u32>(routes, ROUTES_FLAGS) & ROUTES_FLAG_IGNORE_PARAMETERS) != 0) {
    const semicolon = indexOfByte(path.value, length, 59);
    if (semicolon >= 0) length = semicolon;
  }
  stream.route = firstMatch(stream, stream.virtualHost, path.value, length);
  return stream.route != 0;
}

function act(stream: Stream): i32 {
  const action = stream.image + <usize>load<u32>(stream.route, ROUTE_ACTION);
  const kind = load<i32>(stream.route, ROUTE_ACTION_KIND);
  if (kind == ACTION_CLUSTER) {
    setTimeouts(stream, action);
    return chooseCluster(stream, action);
  }
  if (kind == ACTION_REDIRECT) return redirect(stream, action);
  if (kind == ACTION_DIRECT) return respondDirectly(stream, action);
  // `non_forwarding_action`: to Envoy's router that is a route to a cluster without a name.
  stream.status = NO_CLUSTER_STATUS;
  return ROUTE_NO_CLUSTER;
}

/** The route's own times, or those of the connection manager. */
function setTimeouts(stream: Stream, action: usize): void {
  const idle = load<i32>(action, FORWARD_IDLE_TIMEOUT_MS);
  const duration = load<i32>(action, FORWARD_DURATION_MAX_MS);
  stream.timeoutMs = load<i32>(action, FORWARD_TIMEOUT_MS);
  stream.idleTimeoutMs = idle >= 0 ? idle : load<i32>(stream.hcm, HCM_STREAM_IDLE_TIMEOUT_MS);
  const durationMs = duration >= 0 ? duration : load<i32>(stream.hcm, HCM_DURATION_MAX_MS);
  stream.durationMaxMs = grpcDuration(stream, action, durationMs);
}
