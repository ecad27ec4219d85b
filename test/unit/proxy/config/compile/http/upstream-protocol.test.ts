import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import type { Cluster } from "../../../../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import { parseBootstrap } from "../../../../../../proxy/config/bootstrap.ts";
import {
  offeredProtocols,
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
  for (const [config, codec, offered, ofAll] of [
    ["none", "http1", ["http/1.1"], ["http/1.1", "http/1.0"]],
    ["explicit HTTP/1", "http1", ["http/1.1"], ["http/1.1", "http/1.0"]],
    ["explicit HTTP/2", "http2", ["h2"], ["h2", "http/1.1", "http/1.0"]],
    ["auto", "auto", ["h2", "http/1.1"], ["h2", "http/1.1", "http/1.0"]],
  ] as const) {
    it(`upstreamProtocol, offeredProtocols: ${config}`, () => {
      const found = cluster(CONFIGS[config]);
      assert.equal(upstreamProtocol(readOptions(found)).codec, codec);
      assert.deepEqual(offeredProtocols(found, []), offered);
      assert.deepEqual(offeredProtocols(found, ["h3", "h2", "http/1.1", "http/1.0"]), ofAll);
    });
  }
});
