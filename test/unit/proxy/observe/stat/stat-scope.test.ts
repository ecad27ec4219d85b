import assert from "node:assert/strict";
import {
  SCOPE_KIND_CLUSTER,
  SCOPE_KIND_HCM,
  SCOPE_KIND_TCP,
  SCOPE_KIND_VIRTUAL_HOST,
} from "../../../../../api/engine/image.ts";
import {
  SCOPE_KIND_ACCESS_LOG,
  SCOPE_KIND_HTTP_INSPECTOR,
  SCOPE_KIND_LISTENER,
  SCOPE_KIND_PROXY_PROTOCOL,
  SCOPE_KIND_PROXY_PROTOCOL_LEGACY,
  SCOPE_KIND_TLS,
  SCOPE_KIND_TLS_INSPECTOR,
} from "../../../../../proxy/observe/stat/scope-kind.ts";
import {
  findScopeLayout,
  sanitizeStatName,
  toListenerPrefix,
  toScopePrefix,
} from "../../../../../proxy/observe/stat/stat-scope.ts";

/** Gauges by their endings, from Envoy's documentation of each scope. */
const gauges: readonly (readonly [scope: string, kind: number, names: readonly string[]])[] = [
  [
    "http",
    SCOPE_KIND_HCM,
    [
      "downstream_cx_active",
      "downstream_cx_ssl_active",
      "downstream_cx_http1_active",
      "downstream_cx_http2_active",
      "downstream_cx_upgrades_active",
      "downstream_cx_rx_bytes_buffered",
      "downstream_cx_tx_bytes_buffered",
      "downstream_rq_active",
    ],
  ],
  [
    "cluster",
    SCOPE_KIND_CLUSTER,
    [
      "upstream_cx_active",
      "upstream_cx_rx_bytes_buffered",
      "upstream_cx_tx_bytes_buffered",
      "upstream_rq_active",
      "upstream_rq_pending_active",
      "membership_total",
      "membership_healthy",
      "membership_degraded",
      "membership_excluded",
      "version",
      "max_host_weight",
      "circuit_breakers.default.cx_open",
      "circuit_breakers.default.cx_pool_open",
      "circuit_breakers.default.rq_pending_open",
      "circuit_breakers.default.rq_open",
      "circuit_breakers.default.rq_retry_open",
    ],
  ],
  ["listener", SCOPE_KIND_LISTENER, ["downstream_cx_active", "downstream_pre_cx_active"]],
  ["access log", SCOPE_KIND_ACCESS_LOG, []],
];

const prefixes: readonly (readonly [kind: number, name: string, want: string])[] = [
  [SCOPE_KIND_HCM, "ingress_http", "http.ingress_http."],
  [SCOPE_KIND_HCM, "127.0.0.1_80:in", "http.in."],
  [SCOPE_KIND_HCM, "127.0.0.1_80:a:b", "http.a_b."],
  [SCOPE_KIND_CLUSTER, "shop.catalog", "cluster.shop.catalog."],
  [SCOPE_KIND_CLUSTER, "outbound|80||a.svc", "cluster.outbound|80||a.svc."],
  [SCOPE_KIND_LISTENER, "127.0.0.1:10000", "listener.127.0.0.1_10000."],
  [SCOPE_KIND_LISTENER, "[::1]:10000", "listener.[__1]_10000."],
  [SCOPE_KIND_ACCESS_LOG, "/dev/stdout", "access_logs.file./dev/stdout."],
  // Envoy has the filters of all listeners together, and one of their numbers below nothing.
  [SCOPE_KIND_TLS_INSPECTOR, "", "tls_inspector."],
  [SCOPE_KIND_PROXY_PROTOCOL, "", "proxy_proto."],
  [SCOPE_KIND_PROXY_PROTOCOL, "pre", "proxy_proto.pre."],
  [SCOPE_KIND_PROXY_PROTOCOL_LEGACY, "", ""],
];

const belowListeners: readonly (readonly [kind: number, name: string, want: string | null])[] = [
  [SCOPE_KIND_HCM, "127.0.0.1_80:in", "listener.127.0.0.1_80.http.in."],
  [SCOPE_KIND_HCM, "[__1]_80:a:b", "listener.[__1]_80.http.a_b."],
  [SCOPE_KIND_HCM, "in", null],
  [SCOPE_KIND_CLUSTER, "a:b", null],
];

const names: readonly (readonly [raw: string, want: string])[] = [
  ["plain", "plain"],
  ["tcp://10.0.0.1:80", "tcp_10.0.0.1_80"],
  ["a:/b", "a_b"],
  [".a.b.", "a.b"],
  ["a\0b", "a_b"],
];

describe("stat scope", () => {
  for (const [scope, kind, want] of gauges) {
    it(`findScopeLayout: the gauges of the ${scope} scope are Envoy's`, () => {
      const layout = findScopeLayout(kind);
      const found = layout?.columns.filter((column) => column.kind !== "counter");
      assert.deepEqual(found?.map(({ name }) => name).sort(), [...want].sort());
    });
  }

  it("findScopeLayout: a number that only the engine names so gets Envoy's name", () => {
    const found = findScopeLayout(SCOPE_KIND_HCM)?.columns.map(({ name }) => name);
    assert.ok(found?.includes("rs_too_large"));
    assert.ok(!found?.includes("downstream_rs_too_large"));
  });

  it("findScopeLayout: an unknown kind has no layout", () => {
    assert.equal(findScopeLayout(99), null);
  });

  for (const [kind, name, want] of prefixes) {
    it(`toScopePrefix: ${name} becomes ${want}`, () => {
      const layout = findScopeLayout(kind);
      assert.ok(layout);
      assert.equal(toScopePrefix(layout, name), want);
    });
  }

  for (const [kind, name, want] of belowListeners) {
    it(`toListenerPrefix: ${kind} ${name} becomes ${want}`, () => {
      const layout = findScopeLayout(kind);
      assert.ok(layout);
      assert.equal(toListenerPrefix(layout, name), want);
    });
  }

  for (const [raw, want] of names) {
    it(`sanitizeStatName: ${JSON.stringify(raw)} becomes ${want}`, () => {
      assert.equal(sanitizeStatName(raw), want);
    });
  }

  it("kinds: no two are the same", () => {
    const kinds = [
      SCOPE_KIND_HCM,
      SCOPE_KIND_CLUSTER,
      SCOPE_KIND_VIRTUAL_HOST,
      SCOPE_KIND_TCP,
      SCOPE_KIND_LISTENER,
      SCOPE_KIND_ACCESS_LOG,
      SCOPE_KIND_TLS,
      SCOPE_KIND_TLS_INSPECTOR,
      SCOPE_KIND_HTTP_INSPECTOR,
      SCOPE_KIND_PROXY_PROTOCOL,
      SCOPE_KIND_PROXY_PROTOCOL_LEGACY,
    ];
    assert.equal(new Set(kinds).size, kinds.length);
  });
});
