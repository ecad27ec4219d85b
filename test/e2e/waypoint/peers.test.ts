import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import type { ClientHttp2Session } from "node:http2";
import { setTimeout } from "node:timers/promises";
import type { RunningProxy } from "../../../proxy/main.ts";
import { startProxy } from "../../support/start-proxy.ts";
import { makeLogFolder, openSession, Pods, Tunnel, waypointConfig } from "./waypoint-scene.ts";

const REVIEWS = "10.96.0.10:80";
const DB = "10.96.0.20:5432";
const REMOTE = "10.96.0.30:80";

const NODE = JSON.stringify({
  id: "waypoint~10.0.0.1~waypoint-x.shop~shop",
  metadata: { NAMESPACE: "shop", WORKLOAD_NAME: "waypoint", CLUSTER_ID: "c1" },
});
const OWN_BAGGAGE = "k8s.pod.name=waypoint,k8s.namespace.name=shop,k8s.cluster.name=c1";
const STOREFRONT = "k8s.deployment.name=storefront,k8s.namespace.name=shop";
const CATALOG = "k8s.deployment.name=catalog,k8s.namespace.name=stock";

/** Lines of the log end with who the client is. */
const KNOWN =
  "from %FILTER_STATE(downstream_peer:FIELD:workload)% " +
  "%FILTER_STATE(downstream_peer:FIELD:cluster)%. " +
  "%FILTER_STATE(downstream_peer:PLAIN)% %FILTER_STATE(downstream_peer_obj)%";

function typed(type: string, value: object): string {
  const envelope = "type.googleapis.com/udpa.type.v1.TypedStruct";
  const type_url = `type.googleapis.com/${type}`;
  return JSON.stringify({ name: "x", typed_config: { "@type": envelope, type_url, value } });
}

/** The waypoint's filter where the tunnels come in. */
function meets(config: object): (yaml: string) => string {
  const filter = typed("io.istio.http.peer_metadata.Config", config);
  return (yaml) =>
    yaml.replace(
      "          - name: connect_authority\n",
      () => `          - ${filter}\n          - name: connect_authority\n`,
    );
}

describe("waypoint, peers", function () {
  this.timeout(20_000);
  let pods: Pods;
  let proxy: RunningProxy;
  let session: ClientHttp2Session;
  let log: ReturnType<typeof makeLogFolder>;

  async function start(change: (yaml: string) => string, logged = KNOWN): Promise<void> {
    const yaml = waypointConfig(pods, log.path).replace(
      "of %FILTER_STATE(io.istio.peer_principal:PLAIN)%",
      () => logged.replaceAll('"', '\\"'),
    );
    proxy = await startProxy({ config: `node: ${NODE}\n${change(yaml)}` });
    session = await openSession(proxy.listenerAddresses[0].port);
  }

  async function untilLogged(pattern: RegExp): Promise<void> {
    const lines = (): string[] =>
      existsSync(log.path) ? readFileSync(log.path, "utf8").split("\n") : [];
    while (!lines().some((line) => pattern.test(line))) await setTimeout(20);
  }

  beforeEach(async () => {
    log = makeLogFolder();
    pods = await Pods.start();
  });

  afterEach(async () => {
    session.destroy();
    await proxy.stop();
    pods.stop();
    log.remove();
  });

  const BY_BAGGAGE = { downstream_discovery: [{ workload_discovery: {} }, { baggage: {} }] };

  it("shared_with_upstream: each request in a tunnel is of its client", async () => {
    await start(meets({ ...BY_BAGGAGE, shared_with_upstream: true }));
    const [first, second, third] = await Promise.all([
      Tunnel.open(session, REVIEWS, { baggage: STOREFRONT }),
      Tunnel.open(session, REVIEWS, { baggage: CATALOG }),
      Tunnel.open(session, REVIEWS),
    ]);
    for (const [tunnel, path] of [
      [first, "/first"],
      [second, "/second"],
      [third, "/third"],
    ] as const) {
      assert.equal(await tunnel.ask(path), `200 ${path} 0 `);
    }
    const pairs = "type=deployment,workload=storefront,namespace=shop";
    const json = '{"type":"deployment","workload":"storefront","namespace":"shop"}';
    await untilLogged(new RegExp(`^GET /first .* from storefront \\. ${pairs} ${json}$`));
    await untilLogged(/^GET \/second .* from catalog \. type=deployment,workload=catalog,name/);
    await untilLogged(/^GET \/third .* from - -\. - -$/);
    // What is shared once goes no further: one tunnel to the pod is for all of them.
    assert.equal(pods.authorities.length, 1);
  });

  it("shared_with_upstream: in TCP, too, and without it only the tunnel knows", async () => {
    await start(meets({ ...BY_BAGGAGE, shared_with_upstream: true }));
    const tunnel = await Tunnel.open(session, DB, { baggage: CATALOG });
    tunnel.stream.end("hello");
    assert.equal(await tunnel.read(5), "hello");
    await untilLogged(/ by db .* from catalog \. /);
    await untilLogged(/^CONNECT .* by main_internal .* from catalog \. /);
  });

  it("not shared: only the tunnel knows", async () => {
    await start(meets(BY_BAGGAGE));
    const tunnel = await Tunnel.open(session, DB, { baggage: CATALOG });
    tunnel.stream.end("hello");
    assert.equal(await tunnel.read(5), "hello");
    await untilLogged(/ by db .* from - -\. - -$/);
    await untilLogged(/^CONNECT .* by main_internal .* from catalog \. /);
  });

  it("downstream_propagation: the answer to CONNECT tells of the waypoint", async () => {
    await start(meets({ downstream_propagation: [{ baggage: {} }] }));
    const { status, head } = await Tunnel.open(session, REVIEWS);
    assert.deepEqual([status, head.baggage], [200, OWN_BAGGAGE]);
  });

  it("peer_metadata of the network: the tunnel to the pod tells of the waypoint", async () => {
    const type = "envoy.extensions.network_filters.peer_metadata.Config";
    const filter = typed(type, { baggage_key: "io.istio.baggage" });
    const key = "%FILTER_STATE(io.istio.baggage:PLAIN)%";
    const headers = JSON.stringify([{ header: { key: "baggage", value: key } }]);
    await start((yaml) => {
      const at = yaml.indexOf("  - name: connect_originate\n");
      const own = yaml
        .slice(at)
        .replace("    - filters:\n", () => `    - filters:\n      - ${filter}\n`)
        .replace('DRESS%" }', () => `DRESS%", headers_to_add: ${headers} }`);
      return yaml.slice(0, at) + own;
    });
    const tunnel = await Tunnel.open(session, REVIEWS);
    assert.equal(await tunnel.ask("/a"), "200 /a 0 ");
    assert.deepEqual(
      pods.heads.inner.map(({ baggage }) => baggage),
      [OWN_BAGGAGE],
    );
  });

  it("metadata_exchange: nobody says who he is, which is counted and known", async () => {
    const type = "envoy.tcp.metadataexchange.config.MetadataExchange";
    const value = { enable_discovery: true, protocol: "istio-peer-exchange" };
    const logged = "%FILTER_STATE(peer_not_found)% %FILTER_STATE(peer_not_found:PLAIN)%";
    await start((yaml) => {
      const chain = "    - name: db\n      filters:\n";
      return yaml.replace(chain, () => `${chain}      - ${typed(type, value)}\n`);
    }, logged);
    const tunnel = await Tunnel.open(session, DB);
    tunnel.stream.end("hello");
    assert.equal(await tunnel.read(5), "hello");
    await untilLogged(/ by db .* true true$/);
    await untilLogged(/^CONNECT .* by main_internal .* - -$/);
    const stats = await proxy.readStats();
    assert.equal(stats.get("metadata_exchange.alpn_protocol_not_found"), 1);
    assert.equal(stats.get("metadata_exchange.alpn_protocol_found"), 0);
  });

  it("connect_authority: what a tunnel knows is known within, by the names of Istio", async () => {
    const keys = [
      "io.istio.connect_authority",
      "io.istio.peer_principal",
      "io.istio.local_principal",
    ];
    const logged = keys.map((key) => `%FILTER_STATE(${key}:PLAIN)%`).join(" ");
    const remote = "%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_DIRECT_REMOTE_ADDRESS%";
    await start(
      (yaml) => yaml.replaceAll("envoy.hashable_string", "istio.hashable_string"),
      `${logged} ${remote}`,
    );
    const tunnel = await Tunnel.open(session, REVIEWS);
    await tunnel.ask("/a");
    const sa = "spiffe://cluster.local/ns/shop/sa";
    const known = `${REVIEWS} ${sa}/storefront ${sa}/waypoint`;
    const ends = "127\\.0\\.0\\.1:\\d+ envoy://internal_client_address/";
    await untilLogged(new RegExp(`^GET /a .* ${known} ${ends}$`));
  });

  it("double HBONE: the outer tunnel says who made it, and each has a connection", async () => {
    // As istiod writes it where there is one network: a header without a value.
    await start((yaml) => yaml.replace(", value: network-1", ""));
    const tunnels = [await Tunnel.open(session, REMOTE), await Tunnel.open(session, REMOTE)];
    await Promise.all(tunnels.map((tunnel) => tunnel.ask("/a")));
    const { inner, outer } = pods.heads;
    assert.deepEqual(
      outer.map((head) => [head["x-istio-source"], head["x-forwarded-network"]]),
      [
        ["waypoint", undefined],
        ["waypoint", undefined],
      ],
    );
    assert.deepEqual(
      inner.map((head) => [head["x-istio-source"], head["x-forwarded-network"]]),
      [
        [undefined, undefined],
        [undefined, undefined],
      ],
    );
    // By `max_requests_per_connection: 1` of both clusters.
    assert.deepEqual(pods.connectionCounts, [2, 2]);
  });

  it("connect_originate: tunnels to a pod share a connection", async () => {
    await start((yaml) => yaml);
    const tunnels = [await Tunnel.open(session, DB), await Tunnel.open(session, DB)];
    for (const { stream } of tunnels) stream.write("hello");
    await Promise.all(tunnels.map((tunnel) => tunnel.read(5)));
    assert.equal(pods.heads.inner.length, 2);
    assert.deepEqual(pods.connectionCounts, [1, 0]);
  });

  it("double HBONE: the inner tunnel says from which network it comes", async () => {
    await start((yaml) => yaml);
    await (await Tunnel.open(session, REMOTE)).ask("/a");
    const [head] = pods.heads.inner;
    assert.equal(head["x-forwarded-network"], "network-1");
    assert.equal(pods.heads.outer[0]["x-forwarded-network"], undefined);
  });
});
