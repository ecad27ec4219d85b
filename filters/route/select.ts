/* Which route a request takes, and where that leads. */
import { HCM_ROUTE_CONFIG, IMAGE_CLUSTERS, CLUSTER_BYTES } from "../../api/engine/image.ts";
import {
  ACTION_CLUSTER,
  FORWARD_CLUSTER,
  FORWARD_DURATION_MAX_MS,
  FORWARD_IDLE_TIMEOUT_MS,
  FORWARD_NOT_FOUND_STATUS,
  FORWARD_TIMEOUT_MS,
  ROUTE_ACTION,
  ROUTE_ACTION_KIND,
  ROUTE_CLUSTER,
  ROUTE_NONE,
  ROUTE_NO_CLUSTER,
} from "../../api/engine/route-image.ts";
import { HCM_DURATION_MAX_MS, HCM_STREAM_IDLE_TIMEOUT_MS } from "../../api/engine/image.ts";
import { entryAt } from "../head/block.ts";
import { REQUEST_AUTHORITY, REQUEST_PATH } from "../http1/start-line.ts";
import { Stream } from "../stream/stream.ts";
import { pathEnd } from "./authority.ts";
import { firstMatch } from "./candidates.ts";
import { findVirtualHost } from "./virtual-host.ts";

/** Finds the route of a prepared request and what it leads to: a `ROUTE_*` result. */
export function selectRoute(stream: Stream): i32 {
  const image = stream.image;
  const routes = image + <usize>load<u32>(stream.hcm, HCM_ROUTE_CONFIG);
  stream.cluster = -1;
  stream.clusterRecord = 0;
  stream.weighted = 0;
  stream.route = 0;
  const authority = entryAt(stream.request, REQUEST_AUTHORITY);
  stream.virtualHost = findVirtualHost(routes, image, authority.value, authority.valueLength);
  if (stream.virtualHost == 0) return ROUTE_NONE;
  const path = entryAt(stream.request, REQUEST_PATH);
  const length = pathEnd(path.value, path.valueLength);
  stream.route = firstMatch(stream, stream.virtualHost, path.value, length);
  if (stream.route == 0) return ROUTE_NONE;
  const action = image + <usize>load<u32>(stream.route, ROUTE_ACTION);
  if (load<i32>(stream.route, ROUTE_ACTION_KIND) == ACTION_CLUSTER) return forward(stream, action);
  return ROUTE_NONE;
}

function forward(stream: Stream, action: usize): i32 {
  setTimeouts(stream, action);
  return takeCluster(stream, action, load<i32>(action, FORWARD_CLUSTER));
}

function takeCluster(stream: Stream, action: usize, index: i32): i32 {
  stream.cluster = index;
  if (index < 0) {
    stream.status = load<i32>(action, FORWARD_NOT_FOUND_STATUS);
    return ROUTE_NO_CLUSTER;
  }
  const clusters = stream.image + <usize>load<u32>(stream.image, IMAGE_CLUSTERS);
  stream.clusterRecord = clusters + <usize>index * CLUSTER_BYTES;
  return ROUTE_CLUSTER;
}

/** The route's own times, or those of the connection manager. */
function setTimeouts(stream: Stream, action: usize): void {
  const idle = load<i32>(action, FORWARD_IDLE_TIMEOUT_MS);
  const duration = load<i32>(action, FORWARD_DURATION_MAX_MS);
  stream.timeoutMs = load<i32>(action, FORWARD_TIMEOUT_MS);
  stream.idleTimeoutMs = idle >= 0 ? idle : load<i32>(stream.hcm, HCM_STREAM_IDLE_TIMEOUT_MS);
  stream.durationMaxMs = duration >= 0 ? duration : load<i32>(stream.hcm, HCM_DURATION_MAX_MS);
}
