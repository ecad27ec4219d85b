import type { Part } from "../../../support/proxy-sketch.ts";

/** Fields of a cluster whose endpoints speak HTTP/2. */
export const HTTP2: Part = {
  typed_extension_protocol_options: {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
      explicit_http_config: { http2_protocol_options: {} },
    },
  },
};

const TYPES = "type.googleapis.com/envoy.extensions.filters.http";

/** A filter chain that translates gRPC-Web and counts gRPC. */
export const webFilters: readonly Part[] = [
  { name: "web", typed_config: { "@type": `${TYPES}.grpc_web.v3.GrpcWeb` } },
  { name: "stats", typed_config: { "@type": `${TYPES}.grpc_stats.v3.FilterConfig` } },
  { name: "router", typed_config: { "@type": `${TYPES}.router.v3.Router` } },
];
