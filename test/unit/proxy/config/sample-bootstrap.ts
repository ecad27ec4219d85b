import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { MeshError } from "../../../../api/errors.ts";
import { parseBootstrap } from "../../../../proxy/config/bootstrap.ts";
import type { Problem } from "../../../../proxy/config/problems.ts";

/** One change to the sample, and all that is then wrong with it. */
export interface Row {
  readonly name: string;
  readonly at: string;
  readonly value: JsonValue | undefined;
  readonly want: readonly string[];
}

/** The path of the HTTP connection manager in the sample. */
export const MANAGER = "static_resources.listeners[0].filter_chains[0].filters[0].typed_config";

/** The path of the only virtual host in the sample. */
export const HOST = `${MANAGER}.route_config.virtual_hosts[0]`;

/** The path of the first cluster in the sample. */
export const CLUSTER = "static_resources.clusters[0]";

/** The key and type of a cluster's HTTP options. */
export const HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

const FILTERS = "type.googleapis.com/envoy.extensions.filters";

/** A type URL of one of the sample's extensions. */
export function typeUrl(name: string): string {
  return `type.googleapis.com/${name}`;
}

/** A valid bootstrap with a listener, a few routes and two clusters, new for each caller. */
export function sampleBootstrap(): JsonObject {
  return {
    admin: { address: socketAddress("127.0.0.1", 9901) },
    static_resources: {
      listeners: [
        {
          name: "main",
          address: socketAddress("0.0.0.0", 10_000),
          filter_chains: [{ filters: [{ name: "http", typed_config: connectionManager() }] }],
        },
      ],
      clusters: [cluster("a", "STATIC", "10.0.0.1"), cluster("b", "STRICT_DNS", "b.example.com")],
    },
  };
}

/** An address as JSON. */
export function socketAddress(address: string, port: number): JsonObject {
  return { socket_address: { address, port_value: port } };
}

/** A cluster with one endpoint as JSON. */
export function cluster(name: string, type: string, address: string): JsonObject {
  const endpoint = { address: socketAddress(address, 8080) };
  const endpoints = [{ lb_endpoints: [{ endpoint }] }];
  return { name, type, connect_timeout: "1s", load_assignment: { cluster_name: name, endpoints } };
}

function connectionManager(): JsonObject {
  return {
    "@type": `${FILTERS}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "ingress",
    route_config: {
      name: "local",
      virtual_hosts: [
        {
          name: "all",
          domains: ["*"],
          routes: [
            { match: { prefix: "/" }, route: { cluster: "a" } },
            { match: { path: "/old" }, redirect: { path_redirect: "/new" } },
            { match: { path: "/no" }, direct_response: { status: 404 } },
          ],
        },
      ],
    },
    http_filters: [
      { name: "router", typed_config: { "@type": `${FILTERS}.http.router.v3.Router` } },
    ],
  };
}

/**
 * Sets the value at a path such as `a.b[0]["c.d"]`, making objects on the way; `undefined` takes
 * away what is there.
 */
export function setAt(root: JsonObject, path: string, value: JsonValue | undefined): void {
  const steps = [...path.matchAll(/\["([^"]+)"\]|\[(\d+)\]|([^.[]+)/g)].map(
    ([, key, index, name]) => key ?? index ?? name,
  );
  const last = steps.pop();
  assert.ok(last !== undefined, path);
  let at: JsonValue = root;
  for (const step of steps) {
    const inside: JsonValue = read(at, step) ?? {};
    write(at, step, inside);
    at = inside;
  }
  if (value === undefined && at !== null && typeof at === "object")
    Reflect.deleteProperty(at, last);
  else if (value !== undefined) write(at, last, value);
}

function read(value: JsonValue, step: string): JsonValue | undefined {
  if (Array.isArray(value)) return value[Number(step)];
  return value !== null && typeof value === "object" ? value[step] : undefined;
}

function write(value: JsonValue, step: string, inside: JsonValue): void {
  if (Array.isArray(value)) value[Number(step)] = inside;
  else if (value !== null && typeof value === "object") value[step] = inside;
}

/** What is wrong with a bootstrap, as `path: reason`; nothing if it is valid. */
export function problemsOf(bootstrap: JsonValue): string[] {
  return problemsOfText(JSON.stringify(bootstrap), "sample.json");
}

/** The same for a text. Anything but the one expected error fails the test. */
export function problemsOfText(text: string, name: string): string[] {
  try {
    parseBootstrap(text, { name });
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    assert.equal(error.code, "CONFIG_INVALID");
    assert.ok(error.message.startsWith(`${name}: `), error.message);
    assert.ok(Array.isArray(error.detail.problems));
    return error.detail.problems.map(({ path, reason }: Problem) =>
      path === "" ? reason : `${path}: ${reason}`,
    );
  }
  return [];
}
