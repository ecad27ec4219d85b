import assert from "node:assert/strict";
import { RawConnection } from "../support/raw-connection.ts";
import { type AdminAnswer, type Both, type Pair, startPair } from "./pair/pair.ts";
import { staticCluster } from "./pair/configuration.ts";
import { get } from "./pair/request.ts";

const direct = [{ match: { prefix: "/" }, direct_response: { status: 200 } }];

const setup = {
  variants: {
    inward: { routes: direct, listener: { traffic_direction: "INBOUND" } },
    outward: { routes: direct, listener: { traffic_direction: "OUTBOUND" } },
  },
  clusters: [
    staticCluster("two", [1, 2], {
      circuit_breakers: { thresholds: [{ max_connections: 7, max_requests: 8 }] },
    }),
  ],
  bootstrap: {
    node: { id: "one", cluster: "shop", locality: { region: "eu" } },
    layered_runtime: {
      layers: [
        { name: "fixed", static_layer: { a: { b: 1 }, c: "x" } },
        { name: "admin", admin_layer: {} },
      ],
    },
  },
};

/**
 * How much of an answer must be the same: all of it; its lines, or its JSON, in any order; which
 * members it has; or only how it went. Ports and times are masked.
 */
type Extent = "text" | "lines" | "json" | "members" | "status";

const asked: readonly (readonly [request: string, extent: Extent])[] = [
  ["GET /ready", "text"],
  ["POST /ready", "text"],
  ["HEAD /ready", "text"],
  ["GET /ready?any=thing", "text"],
  ["GET /nothing", "status"],
  ["GET /ready/", "status"],
  ["GET /help", "status"],
  ["GET /", "status"],
  ["GET /server_info", "members"],
  ["GET /listeners", "text"],
  ["GET /listeners?format=json", "json"],
  ["GET /listeners?format=text", "text"],
  ["GET /clusters", "lines"],
  ["GET /clusters?filter=^tw", "text"],
  ["GET /clusters?filter=nothing", "text"],
  ["GET /clusters?filter=(", "status"],
  ["GET /clusters?format=json&filter=tw", "json"],
  ["GET /certs", "json"],
  ["GET /runtime", "json"],
  ["GET /memory", "members"],
  ["GET /contention", "status"],
  ["GET /init_dump", "json"],
  ["GET /hot_restart_version", "text"],
  ["GET /config_dump?resource=static_clusters&name_regex=two", "json"],
  ["GET /config_dump?resource=static_listeners&mask=listener.name", "json"],
  ["GET /config_dump?resource=dynamic_listeners", "json"],
  ["GET /config_dump?resource=static_route_configs", "json"],
  ["GET /config_dump?resource=static_endpoint_configs&include_eds&name_regex=two", "json"],
  ["GET /config_dump?resource=static_endpoint_configs", "text"],
  ["GET /config_dump?resource=nothing", "text"],
  ["GET /config_dump?resource=bootstrap", "text"],
  ["GET /config_dump?mask=bootstrap.node.locality", "json"],
  ["GET /config_dump?mask=nothing", "text"],
  ["GET /config_dump?name_regex=(", "text"],
  ["GET /stats?filter=^http.inward.downstream_rq_(c|ti|to.*l$)", "text"],
  ["GET /stats?filter=^http.inward.downstream_rq_total$&format=json", "text"],
  ["GET /stats?filter=^http.inward.downstream_cx_total$&usedonly", "text"],
  ["GET /stats?filter=^cluster.two.membership&type=Gauges", "text"],
  ["GET /stats?filter=^cluster.two.upstream_rq_per_cx&type=Histograms", "text"],
  ["GET /stats?filter=upstream_rq_per_cx&type=Histograms&histogram_buckets=cumulative", "lines"],
  ["GET /stats?filter=^cluster.two.upstream_cx_length&histogram_buckets=disjoint", "text"],
  ["GET /stats?filter=^cluster.two.upstream_cx_length&histogram_buckets=detailed", "text"],
  ["GET /stats?type=TextReadouts", "text"],
  ["GET /stats?type=nothing", "text"],
  ["GET /stats?filter=(", "text"],
  ["GET /stats?format=nothing", "status"],
  ["GET /stats?hidden=only", "text"],
  ["GET /stats?hidden=nothing", "text"],
  ["GET /stats?histogram_buckets=nothing", "status"],
  ["GET /stats/prometheus?filter=^cluster.two.membership", "lines"],
  ["GET /stats/prometheus?filter=^http.inward.downstream_rq_completed$&usedonly", "lines"],
  ["GET /stats?format=prometheus&filter=^cluster.two.upstream_cx_length_ms", "lines"],
  ["GET /stats/prometheus?filter=(", "text"],
  ["POST /logging", "status"],
  ["POST /logging?level=info", "status"],
  ["POST /logging?level=nothing", "status"],
  ["POST /logging?main=debug", "status"],
  ["POST /logging?main=nothing", "status"],
  ["POST /logging?nothing=info", "status"],
  ["POST /logging?paths=main:info,admin:info", "status"],
  ["POST /logging?paths=main:nothing", "status"],
  ["POST /logging?group=nothing", "status"],
  ["POST /reset_counters", "text"],
  ["POST /reopen_logs", "text"],
  ["POST /runtime_modify", "status"],
  ["GET /tap", "status"],
  ...[
    "/cpuprofiler",
    "/drain_listeners",
    "/healthcheck/fail",
    "/healthcheck/ok",
    "/heapprofiler",
    "/logging",
    "/quitquitquit",
    "/reopen_logs",
    "/reset_counters",
    "/runtime_modify",
  ].map((path) => [`GET ${path}`, "text"] as const),
];

/** Where the answer is another one, as docs/admin.md says. */
const DIFFERENT: ReadonlySet<string> = new Set(["POST /runtime_modify"]);

describe("differential, admin interface", () => {
  let pair: Pair | undefined;
  before(async function () {
    this.timeout(30_000);
    pair = await startPair(this, setup);
  });
  after(() => pair?.stop());

  for (const [request, extent] of asked) {
    it(`${request}: the ${extent} is the same`, async () => {
      assert.ok(pair !== undefined);
      const [method, path] = request.split(" ");
      const { envoy, ours } = await pair.askAdmin(path, method);
      const told = { envoy: tell(envoy, extent), ours: tell(ours, extent) };
      if (DIFFERENT.has(request)) assert.notDeepEqual(told.ours, told.envoy);
      else assert.deepEqual(told.ours, told.envoy);
    });
  }

  it("/healthcheck/fail: answers say that the connection closes, until it is ok", async () => {
    assert.ok(pair !== undefined);
    assert.deepEqual(await heads(pair), NONE_CLOSES);
    await both(pair, "/healthcheck/fail");
    const { envoy, ours } = await pair.askAdmin("/ready");
    assert.deepEqual(ours, envoy);
    assert.deepEqual([ours.status, ours.body], [503, "DRAINING\n"]);
    assert.deepEqual(await heads(pair), { envoy: ALL_CLOSE, ours: ALL_CLOSE });
    await both(pair, "/healthcheck/ok");
    assert.deepEqual(await heads(pair), NONE_CLOSES);
  });

  it("/drain_listeners?inboundonly: inbound listeners close, idle connections stay", async () => {
    assert.ok(pair !== undefined);
    const { envoy: one, ours: other } = await openBoth(pair, "inward");
    const clients = [one, other];
    // An answer shows that the connection is accepted, not one that waits in the kernel.
    for (const client of clients) await askOnce(client);
    await both(pair, "/drain_listeners?inboundonly");
    await untilRefused(pair, "inward");
    for (const client of clients) {
      await askOnce(client);
      client.close();
    }
    const { envoy, ours } = await openBoth(pair, "outward");
    envoy.close();
    ours.close();
    const { envoy: known, ours: own } = await pair.askAdmin("/listeners");
    assert.equal(maskPorts(own.body), maskPorts(known.body));
  });

  it("/drain_listeners?graceful: listeners accept until the drain time is over", async () => {
    assert.ok(pair !== undefined);
    await both(pair, "/drain_listeners?graceful");
    const { envoy, ours } = await openBoth(pair, "outward");
    envoy.close();
    ours.close();
    await untilRefused(pair, "outward");
    const stats = await pair.readStats();
    const stopped = "listener_manager.listener_stopped";
    assert.equal(stats.ours.get(stopped), stats.envoy.get(stopped));
  });
});

const ALL_CLOSE = { inward: true, outward: true };
const NONE_CLOSES: Both<object> = {
  envoy: { inward: false, outward: false },
  ours: { inward: false, outward: false },
};

async function askOnce(client: RawConnection): Promise<void> {
  client.write(get("/"));
  assert.match((await client.readMessage()).head, /^HTTP\/1\.1 200 /);
}

/** Tells both to do something. */
async function both(pair: Pair, path: string): Promise<void> {
  const { envoy, ours } = await pair.askAdmin(path, "POST");
  assert.deepEqual([envoy.body, ours.body], ["OK\n", "OK\n"]);
}

async function openBoth(pair: Pair, variant: string): Promise<Both<RawConnection>> {
  const ports = pair.portsOf(variant);
  return {
    envoy: await RawConnection.open(ports.envoy),
    ours: await RawConnection.open(ports.ours),
  };
}

/** Which listeners answer with `connection: close`. */
async function heads(pair: Pair): Promise<Both<object>> {
  const closes = async (client: RawConnection): Promise<boolean> => {
    client.write(get("/"));
    const { head } = await client.readMessage();
    client.close();
    return /\r\nconnection: close\r\n/i.test(head);
  };
  const inward = await openBoth(pair, "inward");
  const outward = await openBoth(pair, "outward");
  return {
    envoy: { inward: await closes(inward.envoy), outward: await closes(outward.envoy) },
    ours: { inward: await closes(inward.ours), outward: await closes(outward.ours) },
  };
}

/** Resolves when neither accepts on a listener; the time limit of the test ends the wait. */
async function untilRefused(pair: Pair, variant: string): Promise<void> {
  const { envoy, ours } = pair.portsOf(variant);
  for (const port of [envoy, ours]) {
    for (;;) {
      const client = await RawConnection.open(port).catch(() => null);
      if (client === null) break;
      client.close();
    }
  }
}

function tell({ status, type, body }: AdminAnswer, extent: Extent): unknown {
  // Prometheus wants to know the version of its format, and Envoy does not tell.
  const told = { status, type: type.replace(/;.*/, "") };
  if (extent === "status") return told;
  const masked = maskPorts(body).replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"<time>"');
  if (extent === "text") return { ...told, body: masked.trimEnd() };
  if (extent === "json") return { ...told, body: JSON.parse(masked) };
  if (extent === "members") return { ...told, body: membersOf(JSON.parse(masked)) };
  // We say what a statistic is (# HELP), and Envoy does not.
  const lines = masked.split("\n").filter((line) => line !== "" && !line.startsWith("# HELP "));
  return { ...told, body: lines.sort() };
}

/** Without one that is newer than the API that we are made from, and there at the start only. */
function membersOf(tree: object): string[] {
  const members = Object.keys(tree).filter((name) => name !== "hot_restart_initializing");
  return members.sort();
}

function maskPorts(text: string): string {
  return text.replaceAll(/(127\.0\.0\.1:|"port_value":\s*)\d{4,5}/g, "$10");
}
