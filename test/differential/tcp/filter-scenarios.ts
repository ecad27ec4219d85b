import type { Json } from "../pair/configuration.ts";
import { filter, open, type TcpScenario, type TcpStage } from "./scenario.ts";

function limit(name: string, fields: Json): Json {
  return filter("limit", "connection_limit.v3.ConnectionLimit", { stat_prefix: name, ...fields });
}

function rate(name: string, fields: Json): Json {
  return filter("rate", "local_ratelimit.v3.LocalRateLimit", { stat_prefix: name, ...fields });
}

function rbac(name: string, fields: Json): Json {
  return filter("rbac", "rbac.v3.RBAC", { stat_prefix: `rbac.${name}.`, ...fields });
}

/** Rules of one policy, by default for everybody. */
function rules(action: string, policy: Json = {}, name = "the one"): Json {
  const all = { permissions: [{ any: true }], principals: [{ any: true }] };
  return { action, policies: { [name]: { ...all, ...policy } } };
}

/** Two connections, of which the second is refused. */
async function playTwo(stage: TcpStage): Promise<void> {
  const [client, up] = await open(stage);
  const second = await stage.connect();
  await second.readToEnd();
  second.close();
  client.end();
  await up.readToEnd();
  up.end();
  await client.readToEnd();
}

/** One connection that may speak. */
async function playAllowed(stage: TcpStage): Promise<void> {
  const [client, up] = await open(stage);
  client.write("hello");
  await up.read(5);
  client.write("again");
  await up.read(5);
  client.end();
  await up.readToEnd();
  up.end("hi");
  await client.readToEnd();
}

/** One connection that may not. */
async function playDenied(stage: TcpStage): Promise<void> {
  const [client, up] = await open(stage);
  client.write("hello");
  await client.readToEnd();
  stage.note((await up.readToEnd()).text);
  client.close();
  up.close();
}

const LOCAL = { address_prefix: "127.0.0.0", prefix_len: 8 };
const ELSEWHERE = { address_prefix: "10.0.0.0", prefix_len: 8 };

/** Name, rules, and whether a client from 127.0.0.1 without TLS may speak. */
const RULES: readonly (readonly [name: string, fields: Json, isAllowed: boolean])[] = [
  ["allow", { rules: rules("ALLOW") }, true],
  ["deny", { rules: rules("DENY") }, false],
  ["log", { rules: rules("LOG") }, true],
  ["empty", { rules: {} }, false],
  ["empty-deny", { rules: { action: "DENY" } }, true],
  ["nothing", {}, true],
  ["allow-from", { rules: rules("ALLOW", { principals: [{ remote_ip: LOCAL }] }) }, true],
  [
    "allow-from-elsewhere",
    { rules: rules("ALLOW", { principals: [{ direct_remote_ip: ELSEWHERE }] }) },
    false,
  ],
  [
    "deny-not-from",
    { rules: rules("DENY", { principals: [{ not_id: { remote_ip: LOCAL } }] }) },
    true,
  ],
  ["source", { rules: rules("ALLOW", { principals: [{ source_ip: LOCAL }] }) }, true],
  ["to", { rules: rules("ALLOW", { permissions: [{ destination_ip: LOCAL }] }) }, true],
  ["to-port", { rules: rules("ALLOW", { permissions: [{ destination_port: 1 }] }) }, false],
  [
    "to-ports",
    {
      rules: rules("ALLOW", {
        permissions: [{ destination_port_range: { start: 1, end: 65536 } }],
      }),
    },
    true,
  ],
  [
    "server-name",
    { rules: rules("ALLOW", { permissions: [{ requested_server_name: { exact: "" } }] }) },
    true,
  ],
  ["authenticated", { rules: rules("ALLOW", { principals: [{ authenticated: {} }] }) }, false],
  [
    "both",
    {
      rules: rules("ALLOW", {
        permissions: [{ and_rules: { rules: [{ any: true }, { not_rule: { any: true } }] } }],
      }),
    },
    false,
  ],
  [
    "either",
    {
      rules: rules("ALLOW", {
        principals: [{ or_ids: { ids: [{ remote_ip: ELSEWHERE }, { any: true }] } }],
      }),
    },
    true,
  ],
  [
    "shadow",
    { rules: rules("ALLOW"), shadow_rules: rules("DENY"), shadow_rules_stat_prefix: "dry_" },
    true,
  ],
  ["shadow-alone", { shadow_rules: rules("ALLOW") }, true],
  ["always", { rules: rules("ALLOW"), enforcement_type: "CONTINUOUS" }, true],
  ["later", { rules: rules("DENY"), delay_deny: "0.1s" }, false],
];

const BEHIND_PROXY: Json = {
  listener_filters: [
    {
      name: "proxy_protocol",
      typed_config: {
        "@type":
          "type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol",
      },
    },
  ],
};

/** Kind of principal, its range, and whether a client may speak whose PROXY header has 10.1.1.1. */
const PROXIED: readonly (readonly [kind: string, range: Json, isAllowed: boolean])[] = [
  ["remote_ip", ELSEWHERE, true],
  ["source_ip", ELSEWHERE, true],
  ["direct_remote_ip", LOCAL, true],
  ["remote_ip", LOCAL, false],
  ["source_ip", LOCAL, false],
  ["direct_remote_ip", ELSEWHERE, false],
];

/** Network filters before a TCP proxy. */
export const FILTER_SCENARIOS: readonly TcpScenario[] = [
  { name: "limit", filters: [limit("limit", { max_connections: 1 })], play: playTwo },
  {
    name: "limit-later",
    filters: [limit("limit-later", { max_connections: 1, delay: "0.1s" })],
    play: playTwo,
  },
  {
    name: "limit-off",
    filters: [
      limit("limit-off", {
        max_connections: 1,
        runtime_enabled: { default_value: false, runtime_key: "not.there" },
      }),
    ],
    async play(stage) {
      const [one, up] = await open(stage);
      const [other, otherUp] = await open(stage);
      for (const each of [one, other]) each.end();
      for (const each of [up, otherUp]) {
        await each.readToEnd();
        each.end();
      }
      await one.readToEnd();
      await other.readToEnd();
    },
  },
  {
    name: "rate",
    filters: [rate("rate", { token_bucket: { max_tokens: 1, fill_interval: "100s" } })],
    play: playTwo,
  },
  {
    name: "rate-and-limit",
    filters: [
      rate("rate-and-limit", { token_bucket: { max_tokens: 1, fill_interval: "100s" } }),
      limit("rate-and-limit", { max_connections: 1 }),
    ],
    play: playTwo,
  },
  ...RULES.map(
    ([name, fields, isAllowed]): TcpScenario => ({
      name: `rbac-${name}`,
      filters: [rbac(`rbac-${name}`, fields)],
      play: isAllowed ? playAllowed : playDenied,
    }),
  ),
  ...PROXIED.map(([kind, range, isAllowed]): TcpScenario => {
    const name = `rbac-proxied-${kind}-${isAllowed ? "allowed" : "denied"}`;
    return {
      name,
      listener: BEHIND_PROXY,
      filters: [rbac(name, { rules: rules("ALLOW", { principals: [{ [kind]: range }] }) })],
      async play(stage) {
        const client = await stage.connect();
        client.write("PROXY TCP4 10.1.1.1 10.2.2.2 1 2\r\n");
        const up = await stage.upstream.accept();
        client.write("hello");
        if (isAllowed) {
          stage.note(await up.read(5));
          client.end();
          await up.readToEnd();
          up.end();
          await client.readToEnd();
        } else {
          await client.readToEnd();
          stage.note((await up.readToEnd()).text);
          client.close();
          up.close();
        }
      },
    };
  }),
  {
    name: "rbac-before-a-greeting",
    filters: [rbac("rbac-before-a-greeting", { rules: rules("DENY") })],
    async play(stage) {
      const [client, up] = await open(stage);
      up.write("welcome");
      stage.note(await client.read(7));
      client.end();
      await client.readToEnd();
      await up.readToEnd();
      up.close();
    },
  },
];
