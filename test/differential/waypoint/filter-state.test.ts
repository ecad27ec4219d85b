import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { startProxy } from "../../support/start-proxy.ts";
import type { Part } from "../../support/proxy-sketch.ts";
import { requirePeer } from "../../support/mocha/skip.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { type Backend, startBackend } from "../pair/backend.ts";
import { startEnvoy } from "../pair/envoy.ts";

const TYPE = "type.googleapis.com/envoy.extensions";
const PORT_KEY = "envoy.filters.listener.original_dst.local_ip";
const OVERRIDE_KEY = "envoy.network.transport_socket.original_dst_address";

/** What is logged of each request, on both listeners. */
const OPERATORS: readonly string[] = [
  "REQ(:PATH)",
  "RESPONSE_CODE",
  "RESPONSE_FLAGS",
  "RESPONSE_CODE_DETAILS",
  "UPSTREAM_CLUSTER",
  "UPSTREAM_HOST",
  "DOWNSTREAM_LOCAL_ADDRESS",
  ...["once", "always", "own", "empty", "skipped", "connection", "none"].flatMap((key) => [
    `FILTER_STATE(${key})`,
    `FILTER_STATE(${key}:PLAIN)`,
    `FILTER_STATE(${key}:TYPED)`,
    `FILTER_STATE(${key}:PLAIN):3`,
  ]),
  `FILTER_STATE(${PORT_KEY}:PLAIN)`,
  `FILTER_STATE(${OVERRIDE_KEY}:PLAIN)`,
  "DYNAMIC_METADATA(istio)",
  "DYNAMIC_METADATA(istio:a)",
  "DYNAMIC_METADATA(istio:a:b)",
  "DYNAMIC_METADATA(istio:a:n)",
  "DYNAMIC_METADATA(istio:a:none)",
  "DYNAMIC_METADATA(not.passed:x)",
];

function format(text: string): Part {
  return { text_format_source: { inline_string: text } };
}

function sets(key: string, text: string, more: Part = {}): Part {
  const factory = key.startsWith("envoy.") ? {} : { factory_key: "envoy.string" };
  return { object_key: key, ...factory, format_string: format(text), ...more };
}

function accessLog(path: string, prefix: string, filter: Part = {}): Part {
  const text = `${prefix} ${OPERATORS.map((each) => `%${each}%`).join(" | ")}\n`;
  const type = { "@type": `${TYPE}.access_loggers.file.v3.FileAccessLog` };
  return { name: "file", ...filter, typed_config: { ...type, path, log_format: format(text) } };
}

function manager(name: string, routes: readonly Part[], filters: readonly Part[], log: Part): Part {
  const router = { "@type": `${TYPE}.filters.http.router.v3.Router` };
  return {
    name: "http",
    typed_config: {
      "@type": `${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: name,
      route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes }] },
      http_filters: [...filters, { name: "router", typed_config: router }],
      access_log: [log],
    },
  };
}

const to = (prefix: string, cluster: string): Part => ({ match: { prefix }, route: { cluster } });

function connectionSets(...values: readonly Part[]): Part {
  const type = { "@type": `${TYPE}.filters.network.set_filter_state.v3.Config` };
  return { name: "sets", typed_config: { ...type, on_new_connection: values } };
}

const NR = { filter: { response_flag_filter: { flags: ["NR"] } } };

function listeners(path: string): readonly Part[] {
  const state = {
    "@type": `${TYPE}.filters.http.set_filter_state.v3.Config`,
    on_request_headers: [
      sets("once", "%REQ(X-A)%", { shared_with_upstream: "ONCE" }),
      sets("always", "%REQ(X-B)%", { shared_with_upstream: "TRANSITIVE" }),
      sets("own", "%REQ(X-A)%"),
      sets("empty", ""),
      sets("skipped", "", { skip_if_empty: true }),
      sets(PORT_KEY, "%REQ(X-DST)%", { shared_with_upstream: "ONCE" }),
      sets(OVERRIDE_KEY, "%REQ(X-OVERRIDE)%"),
    ],
  };
  const outside = [
    to("/header", "by-header"),
    to("/named", "by-named-header"),
    to("/state", "by-state"),
    to("/", "within"),
  ];
  const inside = [
    to("/in/metadata", "by-metadata"),
    to("/in/port", "by-port"),
    to("/in/", "by-address"),
  ];
  const original = { "@type": `${TYPE}.filters.listener.original_dst.v3.OriginalDst` };
  return [
    {
      name: "outer",
      address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
      access_log: [accessLog(path, "outer listener")],
      filter_chains: [
        {
          filters: [
            connectionSets(sets("connection", "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%")),
            manager(
              "outer",
              outside,
              [{ name: "sets", typed_config: state }],
              accessLog(path, "outer"),
            ),
          ],
        },
      ],
    },
    {
      name: "inner",
      internal_listener: {},
      listener_filters: [{ name: "original_dst", typed_config: original }],
      access_log: [accessLog(path, "inner listener"), accessLog(path, "inner refused", NR)],
      filter_chains: [
        {
          // One destination has no chain.
          filter_chain_match: { prefix_ranges: [{ address_prefix: "127.0.0.1", prefix_len: 32 }] },
          filters: [
            connectionSets(sets("connection", "%FILTER_STATE(always:PLAIN)%")),
            manager("inner", inside, [], accessLog(path, "inner")),
          ],
        },
      ],
    },
  ];
}

function clusters(port: number): readonly Part[] {
  const toOriginal = (name: string, config: Part = {}): Part => {
    const base = {
      name,
      type: "ORIGINAL_DST",
      lb_policy: "CLUSTER_PROVIDED",
      connect_timeout: "1s",
    };
    return { ...base, original_dst_lb_config: config };
  };
  const key = { key: "istio", path: [{ key: "a" }, { key: "host" }] };
  const endpoint = { address: { envoy_internal_address: { server_listener_name: "inner" } } };
  const filter_metadata = {
    istio: { a: { b: "c", n: 3, host: `127.0.0.1:${port}` } },
    "not.passed": { x: "y" },
  };
  const within = {
    name: "within",
    load_assignment: {
      cluster_name: "within",
      endpoints: [{ lb_endpoints: [{ endpoint, metadata: { filter_metadata } }] }],
    },
    transport_socket: {
      name: "internal_upstream",
      typed_config: {
        "@type": `${TYPE}.transport_sockets.internal_upstream.v3.InternalUpstreamTransport`,
        passthrough_metadata: [{ kind: { host: {} }, name: "istio" }],
        transport_socket: {
          name: "raw",
          typed_config: { "@type": `${TYPE}.transport_sockets.raw_buffer.v3.RawBuffer` },
        },
      },
    },
  };
  return [
    within,
    toOriginal("by-header", { use_http_header: true }),
    toOriginal("by-named-header", { use_http_header: true, http_header_name: "x-to" }),
    toOriginal("by-state", { use_http_header: true }),
    toOriginal("by-metadata", { metadata_key: key }),
    toOriginal("by-port", { upstream_port_override: port }),
    toOriginal("by-address"),
  ];
}

/** Path and headers; `PORT` is the backend's. */
const REQUESTS: readonly (readonly [path: string, ...headers: string[]])[] = [
  ["/in/address", "x-a: abcdef", "x-b: b", "x-dst: 127.0.0.1:PORT"],
  ["/in/address", "x-a: other", "x-b: b2", "x-dst: 127.0.0.1:PORT"],
  ["/in/port", "x-dst: 127.0.0.1:9"],
  ["/in/metadata", "x-dst: 127.0.0.1:9"],
  ["/in/address", "x-dst: 127.0.0.1:9"],
  ["/in/address", "x-dst: 127.0.0.2:PORT"],
  ["/in/address", "x-dst: not an address"],
  ["/in/address"],
  ["/header", "x-envoy-original-dst-host: 127.0.0.1:PORT"],
  ["/header", "x-envoy-original-dst-host: 127.0.0.1"],
  ["/header", "x-envoy-original-dst-host: name:PORT"],
  ["/header", "x-to: 127.0.0.1:PORT"],
  ["/header"],
  ["/named", "x-to: 127.0.0.1:PORT"],
  ["/named", "x-envoy-original-dst-host: 127.0.0.1:PORT"],
  ["/state", "x-override: 127.0.0.1:PORT"],
  ["/state", "x-override: 127.0.0.1:PORT", "x-envoy-original-dst-host: 127.0.0.1:9"],
  ["/state", "x-override: nonsense", "x-envoy-original-dst-host: 127.0.0.1:PORT"],
  ["/state", "x-override: nonsense"],
];

interface Outcome {
  readonly statuses: readonly string[];
  readonly lines: readonly string[];
}

describe("differential filter state", function () {
  this.timeout(60_000);
  let backend: Backend;
  let envoy: Outcome;
  let ours: Outcome;

  before(async function () {
    const program = requirePeer(this, "envoy");
    backend = await startBackend({});
    envoy = await play(backend.port, async (config) => {
      const running = await startEnvoy(program, config);
      return { port: running.ports.get("outer") ?? 0, stop: () => running.stop() };
    });
    ours = await play(backend.port, async (config) => {
      const running = await startProxy({ config });
      return { port: running.listenerAddresses[0].port, stop: () => running.stop() };
    });
  });
  after(() => backend.stop());

  for (const [place, [path, ...headers]] of REQUESTS.entries()) {
    it(`${path} ${headers.join(", ")}: goes where Envoy sends it`, () => {
      assert.equal(ours.statuses[place], envoy.statuses[place]);
    });
  }

  for (const prefix of ["outer", "inner", "outer listener", "inner listener", "inner refused"]) {
    it(`log of ${prefix}: says the same`, () => {
      const pick = (lines: readonly string[]): readonly string[] =>
        lines
          .filter((line) => line.startsWith(`${prefix} `))
          .filter((line) => {
            return prefix.includes(" ") || !/^\w+ (listener|refused) /.test(line);
          });
      assert.ok(pick(envoy.lines).length > 0);
      assert.deepEqual(pick(ours.lines), pick(envoy.lines));
    });
  }
});

/** Starts a proxy, sends all on connections of their own, and stops it. */
async function play(
  backendPort: number,
  start: (config: string) => Promise<{ readonly port: number; stop(): Promise<void> }>,
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "causeway-state-"));
  const path = join(folder, "log");
  const extension = `${TYPE}.bootstrap.internal_listener.v3.InternalListener`;
  const proxy = await start(
    JSON.stringify({
      admin: { address: { socket_address: { address: "127.0.0.1", port_value: 0 } } },
      bootstrap_extensions: [{ name: "internal", typed_config: { "@type": extension } }],
      static_resources: { listeners: listeners(path), clusters: clusters(backendPort) },
    }),
  );
  try {
    const statuses: string[] = [];
    for (const [target, ...headers] of REQUESTS) {
      const client = await RawConnection.open(proxy.port);
      const lines = headers.map((each) => `${each.replaceAll("PORT", `${backendPort}`)}\r\n`);
      client.write(`GET ${target} HTTP/1.1\r\nhost: a\r\n${lines.join("")}\r\n`);
      statuses.push((await client.readMessage()).head.slice(9, 12));
      client.close();
    }
    await setTimeout(200);
    await proxy.stop();
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    const hidden = text.replaceAll(`:${proxy.port}`, ":PROXY");
    return { statuses, lines: hidden.trim().split("\n").sort() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
