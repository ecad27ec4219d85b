import { get } from "node:http";
import type { JsonObject } from "@bufbuild/protobuf";
import { LISTENER_DOWNSTREAM_CX_TOTAL } from "../../../api/engine/stats.ts";
import { parseBootstrap } from "../../../proxy/config/bootstrap.ts";
import { compileSnapshot } from "../../../proxy/config/compile/snapshot.ts";
import type { Snapshot } from "../../../proxy/config/model.ts";
import { SCOPE_KIND_LISTENER } from "../../../proxy/observe/stat/scope-kind.ts";
import type { Supervisor } from "../../../proxy/supervisor.ts";
import { SAMPLE_SETTING } from "./config/compile/sample-setting.ts";
import { socketAddress } from "./config/sample-bootstrap.ts";

const EXTENSIONS = "type.googleapis.com/envoy.extensions.filters";

/** A listener that answers every request with a text. */
export function listener(
  name: string,
  address: JsonObject,
  answer: string,
  more: JsonObject = {},
): JsonObject {
  const routes = [
    {
      match: { prefix: "/" },
      direct_response: { status: 200, body: { inline_string: answer } },
    },
  ];
  const manager = {
    "@type": `${EXTENSIONS}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: name,
    route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes }] },
    http_filters: [
      { name: "router", typed_config: { "@type": `${EXTENSIONS}.http.router.v3.Router` } },
    ],
  };
  const chain = { filters: [{ name: "http", typed_config: manager }] };
  return { name, address, filter_chains: [chain], ...more };
}

/** A snapshot with these listeners. */
export function compile(version: number, ...listeners: readonly JsonObject[]): Snapshot {
  const text = JSON.stringify({ static_resources: { listeners } });
  const bootstrap = parseBootstrap(text, { name: "test.json" });
  return compileSnapshot(bootstrap, version, SAMPLE_SETTING);
}

/** The body of an answer on a connection of its own. */
export function fetchText(options: { port: number } | { socketPath: string }): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const target = { host: "127.0.0.1", agent: false, ...options };
  const request = get(target, (response) => {
    let body = "";
    response.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    response.on("end", () => resolve(body));
  });
  request.on("error", reject);
  return promise;
}

/** Any port of 127.0.0.1. */
export const ANY_PORT = socketAddress("127.0.0.1", 0);

/** Connections that each worker has accepted. */
export async function connectionCounts(of: Supervisor): Promise<number[]> {
  const reports = await of.collect();
  return reports.map(({ stats }) =>
    stats
      .filter(({ kind }) => kind === SCOPE_KIND_LISTENER)
      .reduce((sum, { counters }) => sum + counters[LISTENER_DOWNSTREAM_CX_TOTAL], 0),
  );
}
