import assert from "node:assert/strict";
import { formatClusterText, toClusterJson } from "../../../../../proxy/admin/page/clusters.ts";
import type { AdminHealthFlag } from "../../../../../proxy/admin/source.ts";
import { CLUSTER_B } from "../scripted-source.ts";

/** What Envoy 1.40 wrote for such a cluster. */
const TEXT = `b::observability_name::b
b::default_priority::max_connections::1024
b::default_priority::max_pending_requests::1024
b::default_priority::max_requests::1024
b::default_priority::max_retries::3
b::high_priority::max_connections::1024
b::high_priority::max_pending_requests::1024
b::high_priority::max_requests::1024
b::high_priority::max_retries::3
b::added_via_api::false
b::127.0.0.1:18080::cx_active::0
b::127.0.0.1:18080::cx_connect_fail::0
b::127.0.0.1:18080::cx_total::6
b::127.0.0.1:18080::rq_active::0
b::127.0.0.1:18080::rq_error::0
b::127.0.0.1:18080::rq_pending_active::0
b::127.0.0.1:18080::rq_success::6
b::127.0.0.1:18080::rq_timeout::0
b::127.0.0.1:18080::rq_total::6
b::127.0.0.1:18080::hostname::
b::127.0.0.1:18080::health_flags::healthy
b::127.0.0.1:18080::weight::1
b::127.0.0.1:18080::region::
b::127.0.0.1:18080::zone::
b::127.0.0.1:18080::sub_zone::
b::127.0.0.1:18080::canary::false
b::127.0.0.1:18080::priority::0
b::127.0.0.1:18080::success_rate::-1
b::127.0.0.1:18080::local_origin_success_rate::-1
`;

const JSON_OF_B = {
  cluster_statuses: [
    {
      name: "b",
      host_statuses: [
        {
          address: { socket_address: { address: "127.0.0.1", port_value: 18080 } },
          stats: [
            { name: "cx_connect_fail" },
            { value: "6", name: "cx_total" },
            { name: "rq_error" },
            { value: "6", name: "rq_success" },
            { name: "rq_timeout" },
            { value: "6", name: "rq_total" },
            { type: "GAUGE", name: "cx_active" },
            { type: "GAUGE", name: "rq_active" },
            { type: "GAUGE", name: "rq_pending_active" },
          ],
          health_status: { eds_health_status: "HEALTHY" },
          weight: 1,
          locality: {},
        },
      ],
      circuit_breakers: {
        thresholds: [
          { max_connections: 1024, max_pending_requests: 1024, max_requests: 1024, max_retries: 3 },
          {
            priority: "HIGH",
            max_connections: 1024,
            max_pending_requests: 1024,
            max_requests: 1024,
            max_retries: 3,
          },
        ],
      },
      observability_name: "b",
    },
  ],
};

/** Flags → the text, and the fields of HostHealthStatus. */
const health: readonly (readonly [
  flags: readonly AdminHealthFlag[],
  text: string,
  json: Readonly<Record<string, unknown>>,
])[] = [
  [
    ["/failed_active_hc", "/failed_outlier_check"],
    "/failed_active_hc/failed_outlier_check",
    {
      failed_active_health_check: true,
      failed_outlier_check: true,
      eds_health_status: "HEALTHY",
    },
  ],
  [["/failed_eds_health"], "/failed_eds_health", { eds_health_status: "UNHEALTHY" }],
  [["/degraded_eds_health"], "/degraded_eds_health", { eds_health_status: "DEGRADED" }],
  [
    ["/degraded_active_hc"],
    "/degraded_active_hc",
    { eds_health_status: "HEALTHY", failed_active_degraded_check: true },
  ],
];

describe("clusters page", () => {
  it("formatClusterText: has Envoy's lines in Envoy's order", () => {
    assert.equal(formatClusterText([CLUSTER_B]), TEXT);
  });

  it("toClusterJson: has Envoy's fields", () => {
    assert.deepEqual(toClusterJson([CLUSTER_B]), JSON_OF_B);
  });

  for (const [healthFlags, text, json] of health) {
    it(`health: ${text} is shown in both forms`, () => {
      const endpoints = [{ ...CLUSTER_B.endpoints[0], healthFlags }];
      const cluster = { ...CLUSTER_B, endpoints };
      assert.match(formatClusterText([cluster]), new RegExp(`::health_flags::${text}\n`));
      const shown = JSON.stringify(toClusterJson([cluster]));
      assert.ok(shown.includes(`"health_status":${JSON.stringify(json)}`), shown);
    });
  }
});
