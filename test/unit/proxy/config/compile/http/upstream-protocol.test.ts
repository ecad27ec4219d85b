import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import type { Cluster } from "../../../../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import { parseBootstrap } from "../../../../../../proxy/config/bootstrap.ts";
import {
  maySpeakHttp2,
  readOptions,
  upstreamProtocol,
} from "../../../../../../proxy/config/compile/http/upstream-protocol.ts";
import { upstreamTls } from "../../../../../support/tls/sketch.ts";

const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

const CONFIGS: Readonly<Record<string, JsonObject | null>> = {
  none: null,
  "explicit HTTP/1": { explicit_http_config: { http_protocol_options: {} } },
  "explicit HTTP/2": { explicit_http_config: { http2_protocol_options: {} } },
  auto: { auto_config: {} },
  "the downstream's": { use_downstream_protocol_config: {} },
  "the downstream's, options of HTTP/2": {
    use_downstream_protocol_config: {
      http_protocol_options: { enable_trailers: true },
      http2_protocol_options: { max_concurrent_streams: 3 },
    },
  },
};

function cluster(config: JsonObject | null): Cluster {
  const any = { "@type": `type.googleapis.com/${OPTIONS}`, ...config };
  const parsed = parseBootstrap(
    JSON.stringify({
      static_resources: {
        clusters: [
          {
            name: "a",
            type: "STATIC",
            transport_socket: upstreamTls({}),
            ...(config === null ? {} : { typed_extension_protocol_options: { [OPTIONS]: any } }),
          },
        ],
      },
    }),
    { name: "test" },
  );
  const [found] = parsed.staticResources?.clusters ?? [];
  return found;
}

describe("upstream protocol", () => {
  for (const [config, codec, followsDownstream, mayHttp2] of [
    ["none", "http1", false, false],
    ["explicit HTTP/1", "http1", false, false],
    ["explicit HTTP/2", "http2", false, true],
    ["auto", "auto", false, true],
    ["the downstream's", "http1", true, true],
    ["the downstream's, options of HTTP/2", "http2", true, true],
  ] as const) {
    it(`upstreamProtocol, maySpeakHttp2: ${config}`, () => {
      const protocol = upstreamProtocol(readOptions(cluster(CONFIGS[config])));
      assert.equal(protocol.codec, codec);
      assert.equal(protocol.followsDownstream, followsDownstream);
      assert.equal(maySpeakHttp2(protocol), mayHttp2);
    });
  }

  it("upstreamProtocol: options of both versions", () => {
    const options = readOptions(cluster(CONFIGS["the downstream's, options of HTTP/2"]));
    const { http1, http2 } = upstreamProtocol(options);
    assert.equal(http1?.enableTrailers, true);
    assert.equal(http2?.maxConcurrentStreams, 3);
  });
});
