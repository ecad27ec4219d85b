import { type Case, compareAll } from "./pair/compare.ts";
import { get } from "./pair/request.ts";

const EDGE = { use_remote_address: true };

/** Header lines that only an internal peer may send. */
const STEERING = [
  "x-envoy-internal: true",
  "x-envoy-external-address: 9.9.9.9",
  "x-envoy-max-retries: 3",
  "x-envoy-retry-on: 5xx",
  "x-envoy-retry-grpc-on: cancelled",
  "x-envoy-upstream-alt-stat-name: other",
  "x-envoy-upstream-rq-timeout-ms: 4321",
  "x-envoy-upstream-rq-per-try-timeout-ms: 1234",
  "x-envoy-upstream-rq-timeout-alt-response: 1",
  "x-envoy-expected-rq-timeout-ms: 77",
  "x-envoy-force-trace: 1",
  "x-envoy-ip-tags: a",
  "x-envoy-decorator-operation: op",
  "x-envoy-downstream-service-cluster: c",
  "x-envoy-downstream-service-node: n",
  "x-envoy-hedge-on-per-try-timeout: true",
  "x-envoy-original-path: /o",
  "x-envoy-original-host: o",
  "x-envoy-original-url: http://o/",
  "x-envoy-attempt-count: 9",
  "x-envoy-is-timeout-retry: true",
  "x-envoy-original-dst-host: 1.2.3.4:5",
  "x-envoy-upstream-stream-duration-ms: 5000",
  "x-envoy-peer-metadata: m",
  "x-envoy-peer-metadata-id: i",
  "x-envoy-degraded: d",
  "x-envoy-retriable-status-codes: 503",
  "x-envoy-retriable-header-names: x-a",
  "x-forwarded-client-cert: By=x",
];

const variants = {
  inside: {},
  edge: { manager: EDGE },
  "inside, 1 hop": { manager: { xff_num_trusted_hops: 1 } },
  "inside, 2 hops": { manager: { xff_num_trusted_hops: 2 } },
  "edge, 1 hop": { manager: { ...EDGE, xff_num_trusted_hops: 1 } },
  "edge, 2 hops": { manager: { ...EDGE, xff_num_trusted_hops: 2 } },
  "edge, no append": { manager: { ...EDGE, skip_xff_append: true } },
  "inside, no append": { manager: { skip_xff_append: true } },
  "edge, no append, 1 hop": {
    manager: { ...EDGE, skip_xff_append: true, xff_num_trusted_hops: 1 },
  },
  suppressed: { manager: {}, router: { suppress_envoy_headers: true } },
  via: { manager: { via: "hop-1" } },
  "no ids": { manager: { generate_request_id: false } },
  "keeps ids": { manager: { ...EDGE, preserve_external_request_id: true } },
  "tells ids": { manager: { always_set_request_id_in_response: true } },
};

const FORWARDED: readonly (readonly string[])[] = [
  [],
  ["x-forwarded-for: 10.0.0.1"],
  ["x-forwarded-for: 127.0.0.1"],
  ["x-forwarded-for: 50.0.0.1"],
  ["x-forwarded-for: 50.0.0.1, 10.0.0.1"],
  ["x-forwarded-for: 50.0.0.1,10.0.0.2,10.0.0.1"],
  ["x-forwarded-for: 50.0.0.1, 51.0.0.1, 52.0.0.1, 53.0.0.1"],
  ["x-forwarded-for: 50.0.0.1", "x-forwarded-for: 10.0.0.1"],
  ["x-forwarded-for: ::1"],
  ["x-forwarded-for: fd00::1"],
  ["x-forwarded-for: 2001:db8::1, fe80::2"],
  ["x-forwarded-for: [2001:db8::1]:8080"],
  ["x-forwarded-for: 10.0.0.1:8080"],
  ["x-forwarded-for: not-an-address"],
  ["x-forwarded-for: 50.0.0.1, junk"],
  ["x-forwarded-for:"],
  ["x-forwarded-for: 50.0.0.1,"],
  ["x-forwarded-for: ,50.0.0.1"],
  ["x-forwarded-for: 10.0.0.1", "x-forwarded-proto: https"],
  ["x-forwarded-proto: https"],
  ["x-forwarded-proto: HTTPS"],
  ["x-forwarded-proto: gopher"],
  ["x-forwarded-proto: http"],
  ["x-forwarded-proto:"],
  ["x-forwarded-host: h.test", "x-forwarded-port: 8443"],
];

const REQUEST_IDS: readonly (readonly string[])[] = [
  [],
  ["x-request-id: mine"],
  ["x-request-id: a", "x-request-id: b"],
  ["x-request-id: 3f2a6c1e-0000-4000-8000-00000000abcd"],
  ["x-request-id:"],
  ["x-forwarded-for: 10.0.0.1", "x-request-id: mine"],
  ["x-client-trace-id: t"],
];

const cases: Case[] = [
  ...Object.keys(variants)
    .filter((on) => /inside|edge/.test(on))
    .flatMap((on) =>
      FORWARDED.map((lines) => {
        return {
          on,
          name: `client with ${lines.join(" and ") || "nothing"}`,
          send: get("/", ...lines),
        };
      }),
    ),
  ...["inside", "edge", "keeps ids", "no ids", "tells ids"].flatMap((on) =>
    REQUEST_IDS.map((lines) => {
      return {
        on,
        name: `request id with ${lines.join(" and ") || "none"}`,
        send: get("/", ...lines),
      };
    }),
  ),
  ...["inside", "edge", "suppressed"].flatMap((on) => [
    { on, name: "headers that steer", send: get("/", ...STEERING) },
    {
      on,
      name: "headers that steer, from an internal address",
      send: get("/", "x-forwarded-for: 10.0.0.1", ...STEERING),
    },
  ]),
  { on: "via", name: "via is added", send: get("/") },
  { on: "via", name: "via is appended", send: get("/", "via: 1.0 other") },
  {
    on: "via",
    name: "via is appended to the first of several",
    send: get("/", "via: a", "via: b"),
  },
];

describe("differential, who the client is", () => {
  compareAll({
    variants,
    cases,
    marks: [
      [
        /^(inside|.* hops?): client with x-forwarded-proto:$/,
        "An empty X-Forwarded-Proto counts as none",
      ],
      [
        /^inside, no append: client with x-forwarded-proto:$/,
        "An empty X-Forwarded-Proto counts as none",
      ],
    ],
  });
});
