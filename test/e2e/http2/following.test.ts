import assert from "node:assert/strict";
import { validateConfig } from "../../../proxy/main.ts";
import { get, type Part, TestProxy, toBootstrap, toCluster } from "../../support/proxy-sketch.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import { upstreamTls } from "../../support/tls/sketch.ts";
import { startTcp } from "../tcp/tcp-scene.ts";
import { TunnelUpstream } from "../upgrade/tunnel-upstream.ts";
import { EitherUpstream } from "./either-upstream.ts";
import { Http2Client } from "./http2-client.ts";

const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const TYPE = "type.googleapis.com/envoy.extensions";
const CERTIFICATE = makeCertificate({ subject: [["CN", "up"]], dns: ["up.test"] });

/** Fields of a cluster that speaks what the client speaks. */
function following(config: Part = {}, more: Part = {}): Part {
  const any = {
    "@type": `type.googleapis.com/${OPTIONS}`,
    use_downstream_protocol_config: config,
  };
  return { typed_extension_protocol_options: { [OPTIONS]: any }, ...more };
}

describe("use_downstream_protocol_config", () => {
  let upstream: EitherUpstream;
  let proxy: TestProxy;
  const clients: { close(): void }[] = [];

  beforeEach(async () => {
    upstream = await EitherUpstream.listen();
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await proxy?.untilIdle();
    await proxy?.stop();
    upstream.close();
  });

  async function start(config: Part = {}, more: Part = {}): Promise<void> {
    proxy = await TestProxy.start({ endpoints: [upstream.port], cluster: following(config, more) });
  }

  /** Asks in HTTP/1.1. */
  async function ask1(headers = ""): Promise<string> {
    const client = await proxy.connect();
    clients.push(client);
    client.write(get("/", headers));
    return (await client.readMessage()).body;
  }

  /** Asks in HTTP/2, on a connection of its own. */
  async function ask2(headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const client = await Http2Client.open(proxy.port);
    clients.push(client);
    return (await client.ask(headers)).body;
  }

  /** Answers when so many requests are there. */
  function answerTogether(count: number): void {
    const held: (() => void)[] = [];
    upstream.serve = (_, response) => {
      held.push(() => response.end("x"));
      if (held.length === count) for (const answer of held) answer();
    };
  }

  async function connections(): Promise<readonly number[]> {
    const names = ["http1_total", "http2_total"];
    return Promise.all(names.map((name) => proxy.stat(`cluster.up.upstream_cx_${name}`)));
  }

  it("requests in turn: each in its own version, on one connection of each", async () => {
    await start();
    const answers = [await ask1(), await ask2(), await ask1(), await ask2()];
    assert.deepEqual(answers, ["HTTP/1.1", "HTTP/2.0", "HTTP/1.1", "HTTP/2.0"]);
    assert.deepEqual(await connections(), [1, 1]);
  });

  it("http2_protocol_options: for the connections in HTTP/2", async () => {
    await start({ http2_protocol_options: { max_concurrent_streams: 1 } });
    answerTogether(3);
    await Promise.all([ask2(), ask2(), ask2()]);
    assert.deepEqual(await connections(), [0, 3]);
  });

  it("http2_protocol_options left out: many requests share a connection", async () => {
    await start();
    answerTogether(5);
    await Promise.all([ask2(), ask2(), ask2(), ask1(), ask1()]);
    assert.deepEqual(await connections(), [2, 1]);
  });

  it("http_protocol_options: for the connections in HTTP/1", async () => {
    await start({ http_protocol_options: { header_key_format: { proper_case_words: {} } } });
    await Promise.all([ask1("x-a-b: c\r\n"), ask2({ "x-a-b": "c" })]);
    const [first, second] = upstream.arrivals.toSorted((a, b) => (a.version < b.version ? -1 : 1));
    assert.ok(first.names.includes("X-A-B"));
    assert.ok(second.names.includes("x-a-b"));
  });

  for (const [name, protocols] of [
    ["nothing named", []],
    ["both versions named", ["h2", "http/1.1"]],
  ] as const) {
    it(`TLS, ${name}: a connection offers what it will speak`, async () => {
      upstream.close();
      upstream = await EitherUpstream.listen(CERTIFICATE);
      const transport_socket = upstreamTls({ alpn_protocols: protocols });
      await start({}, { transport_socket });
      assert.deepEqual([await ask1(), await ask2()], ["HTTP/1.1", "HTTP/2.0"]);
      assert.deepEqual(upstream.offers, [["http/1.1"], ["h2"]]);
    });
  }

  it("mirrors: in HTTP/1.1 whatever the request came in", async () => {
    proxy = await TestProxy.start({
      endpoints: [upstream.port],
      cluster: following(),
      action: { request_mirror_policies: [{ cluster: "shadow" }] },
      moreClusters: [
        toCluster("shadow", [upstream.port], {
          cluster: following({ http2_protocol_options: {} }),
        }),
      ],
    });
    await ask2();
    await proxy.untilStat("cluster.shadow.upstream_rq_completed", 1);
    assert.deepEqual(upstream.takeVersions().sort(), ["HTTP/1.1", "HTTP/2.0"]);
    assert.equal(await proxy.stat("cluster.shadow.upstream_cx_http1_total"), 1);
  });

  it("another configuration: a cluster that stays as it was keeps the connections", async () => {
    await start();
    await Promise.all([ask1(), ask2()]);
    const sketch = { endpoints: [upstream.port], cluster: following() };
    await proxy.proxy.replace(toBootstrap({ ...sketch, manager: { via: "new" } }));
    assert.deepEqual([await ask1(), await ask2()], ["HTTP/1.1", "HTTP/2.0"]);
    assert.deepEqual(await connections(), [1, 1]);
  });

  it("filter state that goes along: connections of their own, in each version", async () => {
    proxy = await TestProxy.run(withinWorker());
    const answers = [await ask1("x-user: a\r\n"), await ask2({ "x-user": "a" })];
    answers.push(await ask1("x-user: b\r\n"), await ask2({ "x-user": "b" }));
    answers.push(await ask1("x-user: a\r\n"), await ask2({ "x-user": "a" }));
    const both = (user: string) => [`HTTP/1.1 ${user}`, `HTTP/2 ${user}`];
    assert.deepEqual(answers, [...both("a"), ...both("b"), ...both("a")]);
    assert.deepEqual(await connections(), [2, 2]);
    // Connections within the worker are somebody's downstream, too.
    await proxy.proxy.replace(toBootstrap({ endpoints: [upstream.port] }));
  });

  for (const [options, version] of [
    [{}, "HTTP/1"],
    [{ http2_protocol_options: {} }, "HTTP/2"],
  ] as const) {
    it(`tunneling_config, with ${JSON.stringify(options)}: ${version}`, async () => {
      const end = await TunnelUpstream.listen(version);
      proxy = await startTcp({
        endpoints: [end.port],
        cluster: following(options),
        proxy: { tunneling_config: { hostname: "far.test:443" } },
      });
      const client = await proxy.connect();
      const ask = await end.next();
      assert.equal(ask.method, "CONNECT");
      const tunnel = ask.accept();
      client.write("ping");
      assert.equal(await tunnel.read(4), "ping");
      tunnel.end("bye");
      assert.equal((await client.readToEnd()).text, "bye");
      client.end();
      await tunnel.readToEnd();
      end.close();
    });
  }

  it("http3_protocol_options: refused with its path", async () => {
    await start();
    const cluster = following({ http3_protocol_options: {} });
    const config = toBootstrap({ endpoints: [upstream.port], cluster });
    const path = /use_downstream_protocol_config\.http3_protocol_options: not implemented/;
    await assert.rejects(validateConfig(config, "test"), path);
  });
});

/** A proxy whose cluster leads to a listener of its own, which says who asks, and in what. */
function withinWorker(): string {
  const type = { "@type": `${TYPE}.filters.http.set_filter_state.v3.Config` };
  const user = {
    object_key: "user",
    factory_key: "envoy.hashable_string",
    format_string: { text_format_source: { inline_string: "%REQ(X-USER)%" } },
    shared_with_upstream: "ONCE",
  };
  const router = { "@type": `${TYPE}.filters.http.router.v3.Router` };
  const sets = { name: "sets", typed_config: { ...type, on_request_headers: [user] } };
  const routed = { name: "router", typed_config: router };
  const body = { text_format_source: { inline_string: "%PROTOCOL% %FILTER_STATE(user:PLAIN)%" } };
  const match = { prefix: "/" };
  const passes = { match, route: { cluster: "up" } };
  const answers = { match, direct_response: { status: 200 } };
  const manager = (action: Part, filters: readonly Part[]): Part => ({
    name: "http",
    typed_config: {
      "@type": `${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: "test",
      route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes: [action] }] },
      http_filters: [...filters, routed],
      local_reply_config: { body_format: body },
    },
  });
  const place = { envoy_internal_address: { server_listener_name: "within", endpoint_id: "x" } };
  const internal = "envoy.extensions.bootstrap.internal_listener.v3.InternalListener";
  return JSON.stringify({
    bootstrap_extensions: [
      {
        name: "envoy.bootstrap.internal_listener",
        typed_config: { "@type": `type.googleapis.com/${internal}` },
      },
    ],
    static_resources: {
      listeners: [
        {
          name: "test",
          address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
          filter_chains: [{ filters: [manager(passes, [sets])] }],
        },
        {
          name: "within",
          internal_listener: {},
          filter_chains: [{ filters: [manager(answers, [])] }],
        },
      ],
      clusters: [
        {
          ...toCluster("up", [], { cluster: following() }),
          load_assignment: {
            cluster_name: "up",
            endpoints: [{ lb_endpoints: [{ endpoint: { address: place } }] }],
          },
        },
      ],
    },
  });
}
