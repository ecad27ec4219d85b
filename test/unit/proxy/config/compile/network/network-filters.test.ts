import assert from "node:assert/strict";
import { toTcpBootstrap, networkFilter } from "../../../../../e2e/tcp/tcp-scene.ts";
import type { Part } from "../../../../../support/proxy-sketch.ts";
import { parseBootstrap, validateBootstrap } from "../../../../../../proxy/config/bootstrap.ts";
import type { Snapshot } from "../../../../../../proxy/config/model.ts";
import { compileSnapshot } from "../../../../../../proxy/config/compile/snapshot.ts";
import { SAMPLE_SETTING } from "../sample-setting.ts";

const TYPES = {
  limit: "connection_limit.v3.ConnectionLimit",
  rate: "local_ratelimit.v3.LocalRateLimit",
  rbac: "rbac.v3.RBAC",
} as const;
const AT = "static_resources.listeners[0].filter_chains[0].filters";
const BUCKET = { max_tokens: 4, tokens_per_fill: 2, fill_interval: "1s" };

function filter(type: keyof typeof TYPES, fields: Part): Part {
  return networkFilter(TYPES[type], { stat_prefix: "p", ...fields });
}

function istioFilter(type: string, fields: Part): Part {
  return { name: type, typed_config: { "@type": `type.googleapis.com/${type}`, ...fields } };
}

/** The filter with one policy, for who is in an address range. */
function policy(permission: Part, principal: Part): Part {
  const policies = { one: { permissions: [permission], principals: [principal] } };
  return filter("rbac", { rules: { policies } });
}

function compile(...filters: Part[]): Snapshot {
  const text = toTcpBootstrap({ filters });
  const flags: Readonly<Record<string, boolean>> = { "turned.off": false };
  const runtimeFlag = (key: string): boolean | undefined => flags[key];
  const bootstrap = parseBootstrap(text, { name: "test" });
  validateBootstrap(bootstrap, { name: "test" });
  return compileSnapshot(bootstrap, 1, { ...SAMPLE_SETTING, runtimeFlag });
}

describe("network filters", () => {
  it("connection_limit: its numbers, and whether it is on", () => {
    const flag = (key: string, value: boolean): Part => {
      return { runtime_enabled: { runtime_key: key, default_value: value } };
    };
    const { listeners, cells } = compile(
      filter("limit", { max_connections: 3, delay: "0.5s" }),
      filter("limit", { max_connections: 3, ...flag("turned.off", true) }),
      filter("limit", { max_connections: 3, ...flag("not.there", true) }),
      filter("limit", { max_connections: 3, ...flag("not.there", false) }),
    );
    const { filters } = listeners[0].filterChains[0];
    const facts = filters.map((each) =>
      each.kind === "connection-limit" ? [each.connectionsMax, each.delayMs, each.isEnabled] : [],
    );
    assert.deepEqual(facts, [
      [3, 500, true],
      [3, 0, false],
      [3, 0, true],
      [3, 0, false],
    ]);
    assert.equal(cells.length, 4);
  });

  it("local_ratelimit: filters with one share_key and bucket share a cell", () => {
    const { listeners, cells } = compile(
      filter("rate", { token_bucket: BUCKET, share_key: "a" }),
      filter("rate", { token_bucket: BUCKET, share_key: "a" }),
      filter("rate", { token_bucket: { ...BUCKET, max_tokens: 5 }, share_key: "a" }),
      filter("rate", { token_bucket: BUCKET }),
    );
    const { filters } = listeners[0].filterChains[0];
    assert.deepEqual(
      filters.map((each) => (each.kind === "connection-rate" ? each.cell : -1)),
      [0, 0, 1, 2],
    );
    assert.equal(cells.length, 3);
    const [first] = filters;
    assert.ok(first.kind === "connection-rate");
    assert.deepEqual([first.tokensMax, first.tokensPerMs], [4, 0.002]);
  });

  it("rbac: conditions, and policies in the order of their names", () => {
    const rule = { permissions: [{ any: true }], principals: [{ any: true }] };
    const range = { address_prefix: "10.0.0.0", prefix_len: 99 };
    const { listeners } = compile(
      filter("rbac", { rules: { action: "DENY", policies: { b: rule, a: rule, B: rule } } }),
      policy({ not_rule: { destination_port: 80 } }, { source_ip: range }),
    );
    const [named, conditions] = listeners[0].filterChains[0].filters;
    assert.ok(named.kind === "rbac" && conditions.kind === "rbac");
    assert.equal(named.rules?.action, "deny");
    assert.deepEqual(
      named.rules?.policies.map(({ name }) => name),
      ["B", "a", "b"],
    );
    assert.deepEqual(conditions.rules?.policies[0].permissions, [
      { kind: "not", condition: { kind: "local-port", start: 80, end: 81 } },
    ]);
    assert.deepEqual(conditions.rules?.policies[0].principals, [
      { kind: "remote-ip", prefix: "10.0.0.0", bits: 32 },
    ]);
  });

  it("Istio's: metadata_exchange counts, and peer_metadata only sets filter state", () => {
    const { listeners } = compile(
      istioFilter("envoy.tcp.metadataexchange.config.MetadataExchange", { protocol: "x" }),
      istioFilter("envoy.extensions.network_filters.peer_metadata.Config", { baggage_key: "a" }),
      istioFilter("envoy.extensions.network_filters.peer_metadata.Config", {}),
    );
    const [{ filters, stateSets }] = listeners[0].filterChains;
    assert.deepEqual(filters, [{ kind: "metadata-exchange" }]);
    assert.equal(stateSets.length, 2);
  });

  for (const [last, type] of [
    [networkFilter("set_filter_state.v3.Config"), "set_filter_state"],
    [istioFilter("envoy.tcp.metadataexchange.config.MetadataExchange", {}), "metadata_exchange"],
    [istioFilter("envoy.extensions.network_filters.peer_metadata.Config", {}), "peer_metadata"],
  ] as const) {
    it(`last: ${type} cannot end a chain`, () => {
      assert.throws(
        () => parseBootstrap(toTcpBootstrap({ terminal: last }), { name: "test" }),
        new RegExp(`of type envoy\\.filters\\.network\\.${type} is the last filter in a network`),
      );
    });
  }

  const any = { any: true };
  for (const [name, part, at, reason] of [
    ["no limit", filter("limit", {}), "[0].typed_config.max_connections", "is missing"],
    [
      "a bucket that is filled too often",
      filter("rate", { token_bucket: { ...BUCKET, fill_interval: "0.049s" } }),
      "[0].typed_config.token_bucket.fill_interval",
      "must be >= 50ms",
    ],
    [
      "ports the wrong way round",
      policy({ destination_port_range: { start: 2, end: 2 } }, any),
      ".destination_port_range",
      "range start 2 cannot be greater or equal than range end 2",
    ],
    [
      "no address",
      policy(any, { remote_ip: { address_prefix: "x" } }),
      ".remote_ip.address_prefix",
      "malformed IP address: x",
    ],
    ["a header", policy({ header: { name: "a" } }, any), ".header", "not implemented"],
    ["metadata", policy(any, { metadata: {} }), ".metadata", ""],
    ["a condition", filter("rbac", { matcher: {} }), ".matcher", "not implemented"],
  ] as const) {
    it(`refused, ${name}: told with its path`, () => {
      assert.throws(
        () => compile(part),
        (error: Error) =>
          error.message.includes(AT) &&
          error.message.includes(at) &&
          error.message.includes(reason),
      );
    });
  }
});
