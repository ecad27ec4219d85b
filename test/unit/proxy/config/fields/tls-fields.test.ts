import assert from "node:assert/strict";
import { parseBootstrap } from "../../../../../proxy/config/bootstrap.ts";
import type { Part } from "../../../../support/proxy-sketch.ts";
import { downstreamTls, upstreamTls } from "../../../../support/tls/sketch.ts";

const INLINE = {
  certificate_chain: { inline_string: "cert" },
  private_key: { inline_string: "key" },
};
const CA = { inline_string: "ca" };
const validation = (fields: Part): Part => ({ validation_context: fields });

const TYPED = "static_resources.clusters[0].transport_socket.typed_config";

/** What is not implemented is refused before it is compiled, each with its place. */
const missing: readonly (readonly [socket: Part, want: string])[] = [
  [
    upstreamTls({ tls_certificates: [{ ...INLINE, ocsp_staple: { inline_string: "a" } }] }),
    `${TYPED}.common_tls_context.tls_certificates[0].ocsp_staple: not implemented`,
  ],
  [
    downstreamTls({ tls_certificates: [INLINE] }, { ocsp_staple_policy: "MUST_STAPLE" }),
    `${TYPED}.ocsp_staple_policy: MUST_STAPLE is not implemented (accepted: LENIENT_STAPLING)`,
  ],
  [
    downstreamTls({ tls_certificates: [INLINE] }, { ocsp_staple_policy: "STRICT_STAPLING" }),
    `${TYPED}.ocsp_staple_policy: STRICT_STAPLING is not implemented (accepted: LENIENT_STAPLING)`,
  ],
  [
    upstreamTls(validation({ trusted_ca: CA, allow_expired_certificate: true })),
    `${TYPED}.common_tls_context.validation_context.allow_expired_certificate: ` +
      "not implemented (accepted: false)",
  ],
  [
    upstreamTls({}, { allow_renegotiation: true }),
    `${TYPED}.allow_renegotiation: not implemented (accepted: false)`,
  ],
  [
    upstreamTls({
      tls_certificate_sds_secret_configs: [
        {
          name: "own",
          sds_config: {
            api_config_source: {
              api_type: "GRPC",
              transport_api_version: "V3",
              grpc_services: [{ envoy_grpc: { cluster_name: "a" } }],
            },
          },
        },
      ],
    }),
    `${TYPED}.common_tls_context.tls_certificate_sds_secret_configs[0].sds_config.` +
      "api_config_source: not implemented",
  ],
];

describe("tls fields", () => {
  for (const [socket, want] of missing) {
    const [place] = want.split(": ");
    it(`parseBootstrap: ${place.slice(place.lastIndexOf(".") + 1)} is refused`, () => {
      assert.throws(
        () => parse(socket),
        (error: Error) => error.message.includes(want),
      );
    });
  }
});

/** Reads a configuration with a transport socket. */
function parse(transport_socket: Part): void {
  const clusters = [{ name: "a", type: "STATIC", transport_socket }];
  parseBootstrap(JSON.stringify({ static_resources: { clusters } }), { name: "config.json" });
}
