import { fromBinary } from "@bufbuild/protobuf";
import type { Cluster } from "../../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import type {
  Http1ProtocolOptions,
  Http2ProtocolOptions,
} from "../../../../api/gen/envoy/config/core/v3/protocol_pb.js";
import {
  type HttpProtocolOptions,
  HttpProtocolOptionsSchema,
} from "../../../../api/gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.js";
import type { HttpCodec } from "../../model.ts";

const OPTIONS_KEY = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/** What a cluster speaks, and how. */
export interface UpstreamProtocol {
  readonly codec: HttpCodec;
  readonly http1: Http1ProtocolOptions | undefined;
  readonly http2: Http2ProtocolOptions | undefined;
}

/** The HttpProtocolOptions of a cluster, when it has some. */
export function readOptions(cluster: Cluster): HttpProtocolOptions | undefined {
  const any = cluster.typedExtensionProtocolOptions[OPTIONS_KEY];
  return any === undefined ? undefined : fromBinary(HttpProtocolOptionsSchema, any.value);
}

/** What a cluster speaks: HTTP/1 unless its options say otherwise. */
export function upstreamProtocol(options: HttpProtocolOptions | undefined): UpstreamProtocol {
  const choice = options?.upstreamProtocolOptions;
  if (choice?.case === "autoConfig") {
    const { httpProtocolOptions: http1, http2ProtocolOptions: http2 } = choice.value;
    return { codec: "auto", http1, http2 };
  }
  const config = choice?.case === "explicitHttpConfig" ? choice.value.protocolConfig : undefined;
  if (config?.case === "http2ProtocolOptions") {
    return { codec: "http2", http1: undefined, http2: config.value };
  }
  const http1 = config?.case === "httpProtocolOptions" ? config.value : undefined;
  return { codec: "http1", http1, http2: undefined };
}

/** What Envoy offers by ALPN where the TLS of the cluster names nothing. */
const OFFERED: Readonly<Record<HttpCodec, readonly string[]>> = {
  http1: ["http/1.1"],
  http2: ["h2"],
  auto: ["h2", "http/1.1"],
};

/** What a cluster offers by ALPN: of what its TLS names, that which the cluster can speak. */
export function offeredProtocols(cluster: Cluster, named: readonly string[]): readonly string[] {
  const { codec } = upstreamProtocol(readOptions(cluster));
  if (named.length === 0) return OFFERED[codec];
  return named.filter((name) => (name === "h2" ? codec !== "http1" : name.startsWith("http/1.")));
}
