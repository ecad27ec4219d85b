import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { RunningProxy } from "../../../../proxy/main.ts";
import { startProxy } from "../../../support/start-proxy.ts";

const TYPES = "type.googleapis.com/envoy.extensions.filters";
const MUTATION = `${TYPES}.http.header_mutation.v3.HeaderMutation`;
const PER_ROUTE = `${TYPES}.http.header_mutation.v3.HeaderMutationPerRoute`;

/** Appends `value` to the header `x-order` of requests and responses. */
function marks(value: string): object {
  const append = {
    header: { key: "x-order", value },
    append_action: "APPEND_IF_EXISTS_OR_ADD",
  };
  return { request_mutations: [{ append }], response_mutations: [{ append }] };
}

function filter(name: string, config: object): object {
  return { name, typed_config: { "@type": MUTATION, ...config } };
}

function perRoute(name: string, config: object): object {
  return { [name]: { "@type": PER_ROUTE, ...config } };
}

const DISABLED = {
  first: { "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", disabled: true },
};

/** What one exchange showed: `x-order` at the upstream and at the client, as lists. */
interface Order {
  readonly status: number;
  readonly request: readonly string[];
  readonly response: readonly string[];
}

describe("filter chain", () => {
  let upstream: Server;
  let proxy: RunningProxy | undefined;

  before((done) => {
    upstream = createServer((request, response) => {
      const values = request.rawHeaders.filter((_, i, all) => all[i - 1] === "x-order");
      response.setHeader("x-seen", values.join());
      response.setHeader("x-order", "upstream");
      response.end();
    }).listen(0, "127.0.0.1", done);
  });

  after((done) => {
    upstream.close(done);
  });

  afterEach(async () => {
    await proxy?.stop();
  });

  async function exchange(filters: readonly object[], route: object = {}): Promise<Order> {
    const bound = upstream.address();
    assert.ok(bound !== null && typeof bound === "object");
    const { port } = bound;
    proxy = await startProxy({ config: bootstrap(filters, route, port) });
    const [listener] = proxy.listenerAddresses;
    const response = await fetch(`http://127.0.0.1:${listener.port}/`);
    await response.text();
    const toList = (text: string | null): string[] =>
      text === null || text === "" ? [] : text.split(",").map((part) => part.trim());
    const { headers, status } = response;
    return {
      status,
      request: toList(headers.get("x-seen")),
      response: toList(headers.get("x-order")),
    };
  }

  const two = [
    filter("first", { mutations: marks("1") }),
    filter("second", { mutations: marks("2") }),
  ];

  it("order: requests run down the chain, responses up", async () => {
    const { request, response } = await exchange(two);
    assert.deepEqual(request, ["1", "2"]);
    assert.deepEqual(response, ["upstream", "2", "1"]);
  });

  it("disabled: a filter that is off for a route does nothing there", async () => {
    const { request } = await exchange(two, { typed_per_filter_config: DISABLED });
    assert.deepEqual(request, ["2"]);
  });

  it("settings: those of a route come after the filter's own", async () => {
    const settings = perRoute("first", { mutations: marks("route") });
    const { request } = await exchange(two, { typed_per_filter_config: settings });
    assert.deepEqual(request, ["1", "route", "2"]);
  });

  it("settings: a filter that the chain does not have is let pass", async () => {
    const settings = perRoute("third", { mutations: marks("route") });
    const { request } = await exchange(two, { typed_per_filter_config: settings });
    assert.deepEqual(request, ["1", "2"]);
  });

  it("local reply: goes up the chain like any response", async () => {
    const route = { route: undefined, direct_response: { status: 418 } };
    const { status, response } = await exchange(two, route);
    assert.equal(status, 418);
    assert.deepEqual(response, ["2", "1"]);
  });

  it("steps: removals and additions are done in the order of the list", async () => {
    const append = { header: { key: "x-order", value: "again" } };
    const steps = { response_mutations: [{ remove: "x-order" }, { append }] };
    const { response } = await exchange([filter("only", { mutations: steps })]);
    assert.deepEqual(response, ["again"]);
  });
});

function bootstrap(filters: readonly object[], route: object, port: number): string {
  const router = {
    name: "router",
    typed_config: { "@type": `${TYPES}.http.router.v3.Router` },
  };
  const endpoint = { address: { socket_address: { address: "127.0.0.1", port_value: port } } };
  const routes = [{ match: { prefix: "/" }, route: { cluster: "upstream" }, ...route }];
  const manager = {
    "@type": `${TYPES}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "test",
    route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes }] },
    http_filters: [...filters, router],
  };
  return JSON.stringify({
    static_resources: {
      listeners: [
        {
          name: "main",
          address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
          filter_chains: [{ filters: [{ name: "http", typed_config: manager }] }],
        },
      ],
      clusters: [
        {
          name: "upstream",
          type: "STATIC",
          load_assignment: {
            cluster_name: "upstream",
            endpoints: [{ lb_endpoints: [{ endpoint }] }],
          },
        },
      ],
    },
  });
}
