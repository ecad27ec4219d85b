import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { LocalWorker } from "../../support/local-worker.ts";
import {
  get,
  type Part,
  type ProxySketch,
  TestProxy,
  toBootstrap,
} from "../../support/proxy-sketch.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import {
  downstreamTls,
  inlineCertificate,
  openTls,
  serveTls,
  upstreamTls,
} from "../../support/tls/sketch.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const SERVER = makeCertificate({ subject: [["CN", "server"]], dns: ["a.test"], issuer: ROOT });
const UP = makeCertificate({ subject: [["CN", "up"]], dns: ["up.test"], issuer: ROOT });
const FRIEND = makeCertificate({
  subject: [["CN", "friend"]],
  uris: ["spiffe://td/friend"],
  issuer: ROOT,
});
const OWN = { cert: FRIEND.pem, key: FRIEND.keyPem };
const TRUST = { validation_context: { trusted_ca: { inline_string: ROOT.pem } } };
const HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const CONNECTION_COUNT = 60;
/** Pools may be a little larger by chance of timing. */
const SLACK_BYTES = 32 * 1024;

describe("tls facts", function () {
  this.timeout(20_000);
  let up: Awaited<ReturnType<typeof serveTls>>;

  before(async () => {
    up = await serveTls(UP, { requestCert: true, ca: ROOT.pem });
  });
  after(() => up.close());

  function sketch(headers: Part, cluster: Part = {}): ProxySketch {
    const common = { ...TRUST, tls_certificates: [inlineCertificate(SERVER)] };
    const response_headers_to_add = Object.entries(headers).map(([key, value]) => ({
      header: { key, value },
    }));
    return {
      endpoints: [up.port],
      chain: { transport_socket: downstreamTls(common) },
      cluster: { transport_socket: upstreamTls(common, { sni: "up.test" }), ...cluster },
      manager: {
        route_config: {
          response_headers_to_add,
          virtual_hosts: [
            {
              name: "all",
              domains: ["*"],
              routes: [{ match: { prefix: "/" }, route: { cluster: "up" } }],
            },
          ],
        },
      },
    };
  }

  it("facts: headers tell of both connections", async () => {
    const headers = {
      "x-peer": "%DOWNSTREAM_PEER_URI_SAN%",
      "x-up": "%UPSTREAM_PEER_SUBJECT% %UPSTREAM_SERVER_NAME%",
    };
    const proxy = await TestProxy.start(sketch(headers));
    const { connection, socket } = await openTls(proxy.port, OWN);
    for (let count = 0; count < 2; count++) {
      connection.write(get("/"));
      const { head } = await connection.readMessage();
      assert.match(head, /\r\nx-peer: spiffe:\/\/td\/friend\r\nx-up: CN=up up.test\r\n/);
    }
    socket.destroy();
    await proxy.stop();
  });

  it("facts: a later configuration may ask for more of connections that are there", async () => {
    const proxy = await TestProxy.start(sketch({}));
    const { connection, socket } = await openTls(proxy.port, OWN);
    connection.write(get("/"));
    assert.doesNotMatch((await connection.readMessage()).head, /x-peer/);
    const headers = { "x-peer": "%DOWNSTREAM_PEER_URI_SAN%", "x-up": "%UPSTREAM_PEER_DNS_SAN%" };
    await proxy.proxy.replace(toBootstrap(sketch(headers)));
    connection.write(get("/"));
    const { head } = await connection.readMessage();
    assert.match(head, /\r\nx-peer: spiffe:\/\/td\/friend\r\nx-up: up.test\r\n/);
    socket.destroy();
    await proxy.stop();
  });

  it("facts: they go with the last that has them", async () => {
    const headers = { "x-peer": "%DOWNSTREAM_PEER_CERT%", "x-up": "%UPSTREAM_PEER_CERT%" };
    const options = {
      typed_extension_protocol_options: {
        [HTTP_OPTIONS]: {
          "@type": `type.googleapis.com/${HTTP_OPTIONS}`,
          common_http_protocol_options: { max_requests_per_connection: 1 },
          explicit_http_config: { http_protocol_options: {} },
        },
      },
    };
    const worker = await LocalWorker.start(toBootstrap(sketch(headers, options)));
    const run = async (): Promise<number> => {
      for (let count = 0; count < CONNECTION_COUNT; count++) {
        const { connection, socket } = await openTls(worker.port, OWN);
        for (let turn = 0; turn < 2; turn++) {
          connection.write(get("/"));
          assert.match((await connection.readMessage()).head, /x-up: -----BEGIN%20CERT/);
        }
        socket.destroy();
      }
      while (worker.connectionCount > 0) await setImmediate();
      return worker.measureCollected().engineBytes;
    };
    const before = await run();
    const grown = (await run()) - before;
    worker.stop();
    assert.ok(grown < SLACK_BYTES, `the engine grew by ${grown} bytes`);
  });
});
