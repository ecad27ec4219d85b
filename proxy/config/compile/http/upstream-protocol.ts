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
  /** Requests go on in the version in which they came; `codec` is for what came in none. */
  readonly followsDownstream: boolean;
  /** Options of HTTP/1; undefined where they are the defaults, or nothing speaks it. */
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
    return { codec: "auto", followsDownstream: false, http1, http2 };
  }
  if (choice?.case === "useDownstreamProtocolConfig") {
    const { httpProtocolOptions: http1, http2ProtocolOptions: http2 } = choice.value;
    // As in Envoy, where what tunnels of TCP speak depends on whether the options are there.
    const codec = http2 === undefined ? "http1" : "http2";
    return { codec, followsDownstream: true, http1, http2 };
  }
  const config = choice?.case === "explicitHttpConfig" ? choice.value.protocolConfig : undefined;
  if (config?.case === "http2ProtocolOptions") {
    return { codec: "http2", followsDownstream: false, http1: undefined, http2: config.value };
  }
  const http1 = config?.case === "httpProtocolOptions" ? config.value : undefined;
  return { codec: "http1", followsDownstream: false, http1, http2: undefined };
}

/** Whether connections to the cluster may speak HTTP/2. */
export function maySpeakHttp2({ codec, followsDownstream }: UpstreamProtocol): boolean {
  return codec !== "http1" || followsDownstream;
}
