import { type Case, compareAll } from "./pair/compare.ts";
import { get } from "./pair/request.ts";

const EDGE = { use_remote_address: true };
const range = (address: string, bits: number) => ({ address_prefix: address, prefix_len: bits });
/** Who is internal; tests come from 127.0.0.1. */
const TRUSTED = {
  internal_address_config: {
    cidr_ranges: [range("10.0.0.0", 8), range("127.0.0.0", 8), range("fd00::", 8)],
  },
};
const PRIVATE = { internal_address_config: {} };
const OWN = {
  routeConfiguration: { internal_only_headers: ["x-secret", "X-Envoy-Attempt-Count"] },
};

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
  "x-secret: s",
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
  "inside, trusted": { manager: TRUSTED, ...OWN },
  "inside, trusted, 1 hop": { manager: { ...TRUSTED, xff_num_trusted_hops: 1 }, ...OWN },
  "edge, trusted": { manager: { ...EDGE, ...TRUSTED }, ...OWN },
  "edge, trusted, 1 hop": { manager: { ...EDGE, ...TRUSTED, xff_num_trusted_hops: 1 }, ...OWN },
  "edge, trusted, no append": {
    manager: { ...EDGE, ...TRUSTED, skip_xff_append: true },
    ...OWN,
  },
  "inside, private": { manager: PRIVATE },
  "edge, private": { manager: { ...EDGE, ...PRIVATE } },
  "inside, one address": {
    manager: { internal_address_config: { cidr_ranges: [range("10.0.0.1", 64)] } },
  },
  "inside, all of IPv6": {
    manager: { internal_address_config: { cidr_ranges: [range("::", 0)] } },
  },
  "inside, all of IPv4": {
    manager: { internal_address_config: { cidr_ranges: [{ address_prefix: "10.0.0.0" }] } },
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
  ["x-forwarded-for: 127.0.0.2"],
  ["x-forwarded-for: 172.31.255.255"],
  ["x-forwarded-for: 172.32.0.1"],
  ["x-forwarded-for: 192.168.0.1"],
  ["x-forwarded-for: 100.64.0.1"],
  ["x-forwarded-for: 50.0.0.1"],
  ["x-forwarded-for: 50.0.0.1, 10.0.0.1"],
  ["x-forwarded-for: 50.0.0.1,10.0.0.2,10.0.0.1"],
  ["x-forwarded-for: 50.0.0.1, 51.0.0.1, 52.0.0.1, 53.0.0.1"],
  ["x-forwarded-for: 50.0.0.1", "x-forwarded-for: 10.0.0.1"],
  ["x-forwarded-for: ::1"],
  ["x-forwarded-for: fd00::1"],
  ["x-forwarded-for: FD00:0::0001"],
  ["x-forwarded-for: fc00::1"],
  ["x-forwarded-for: ::ffff:10.0.0.1"],
  ["x-forwarded-for: ::ffff:a00:1"],
  ["x-forwarded-for: 2001:DB8:0:0:1:0:0:1"],
  ["x-forwarded-for: 2001:db8::1, ::2"],
  ["x-forwarded-for: 2001:db8::1, fe80::2"],
  ["x-forwarded-for: [2001:db8::1]:8080"],
  ["x-forwarded-for: 10.0.0.1:8080"],
  ["x-forwarded-for: 010.0.0.1"],
  ["x-forwarded-for: 10.1"],
  ["x-forwarded-for: fe80::1%1"],
  ["x-forwarded-for: 10.0.0.1,"],
  ["x-forwarded-for: ,10.0.0.1"],
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
  ...[
    "inside",
    "edge",
    "suppressed",
    "inside, trusted",
    "edge, trusted",
    "edge, trusted, 1 hop",
    "inside, private",
    "edge, private",
  ].flatMap((on) => [
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
        /^(edge.*, 1 hop|inside, all of IPv6): client with x-forwarded-for: fe80::1%1$/,
        "An IPv6 address with a zone is none",
      ],
      [
        /^(inside.*|.* hops?): client with x-forwarded-proto:$/,
        "An empty X-Forwarded-Proto counts as none",
      ],
    ],
  });
});
