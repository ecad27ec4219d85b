import type { ClusterModel } from "../../../../proxy/config/model.ts";

/** A static cluster without endpoints, with small limits. */
export const CLUSTER_MODEL: ClusterModel = {
  name: "up",
  observedName: "up",
  discovery: "static",
  originalDst: null,
  endpoints: [],
  dnsTargets: [],
  dnsRefreshMs: 0,
  dnsFailureRefreshMs: 0,
  respectsDnsTtl: false,
  dnsFamily: "auto",
  connectTimeoutMs: 1000,
  requestsPerConnectionMax: 0,
  idleTimeoutMs: 0,
  connectionDurationMaxMs: 0,
  bufferBytesMax: 1_048_576,
  codec: "http1",
  http2StreamsMax: 2 ** 31 - 1,
  http2Keepalive: null,
  preconnectRatio: 1,
  circuitBreaker: { connectionsMax: 1, pendingMax: 1, requestsMax: 2, retriesMax: 3 },
  hasKeepAlive: false,
  keepAliveDelayMs: 0,
  tls: null,
  tlsFacts: 0,
};
