import assert from "node:assert/strict";
import type { ListenerSketch } from "../../support/listener/sketch.ts";
import type { Part } from "../../support/proxy-sketch.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import { downstreamTls, inlineCertificate } from "../../support/tls/sketch.ts";
import { sendPlain, sendRequest, sendTls } from "./client.ts";
import { ListenerPair } from "./listener-pair.ts";

const SERVER = makeCertificate({ subject: [["CN", "server"]], dns: ["a.test"] });
const SOCKET = downstreamTls({ tls_certificates: [inlineCertificate(SERVER)] });

const over = (match: Part) => ({ match, transportSocket: SOCKET });
const range = (address: string, bits: number): Part => ({
  address_prefix: address,
  prefix_len: bits,
});

const names: ListenerSketch = {
  name: "names",
  filters: [["tls", { enable_ja3_fingerprinting: true }]],
  seen: "%REQUESTED_SERVER_NAME% %TLS_JA3_FINGERPRINT%",
  chains: {
    exact: over({ server_names: ["www.example.com", "B.Test"] }),
    near: over({ server_names: ["*.example.com"] }),
    far: over({ server_names: ["*.com"] }),
    h2: over({ application_protocols: ["h2"], transport_protocol: "tls" }),
    http: over({ application_protocols: ["http/1.1"], transport_protocol: "tls" }),
    tls: over({ transport_protocol: "tls" }),
    plain: {},
  },
};

const SOURCES: Readonly<Record<string, { match: Part }>> = {
  port: { match: { destination_port: 443, source_type: "EXTERNAL" } },
  near: { match: { prefix_ranges: [range("198.51.100.0", 24)] } },
  far: { match: { prefix_ranges: [range("198.51.0.0", 16)], source_type: "SAME_IP_OR_LOOPBACK" } },
  outer: { match: { prefix_ranges: [range("198.51.0.0", 16)], source_type: "EXTERNAL" } },
  direct: { match: { direct_source_prefix_ranges: [range("192.0.2.0", 24)] } },
  source: { match: { source_prefix_ranges: [range("192.0.2.0", 24)] } },
  sourcePort: { match: { source_prefix_ranges: [range("192.0.2.0", 24)], source_ports: [7] } },
  ipv6: { match: { source_prefix_ranges: [range("2001:db8::", 32)] } },
};

const ends: ListenerSketch = {
  name: "ends",
  filters: [["proxy"]],
  seen: "%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS%",
  chains: SOURCES,
};

const withDefault: ListenerSketch = {
  name: "with-default",
  filters: [["proxy"], ["http"]],
  chains: {
    old: { match: { application_protocols: ["http/1.0"] } },
    two: { match: { application_protocols: ["h2c"] } },
    one: { match: { application_protocols: ["http/1.1"], destination_port: 80 } },
    rest: {},
  },
  fallback: "rest",
};

type Ask = (port: number) => Promise<string>;

const tests: readonly (readonly [name: string, on: string, ask: Ask])[] = [
  ...["www.example.com", "WWW.Example.Com", "a.b.example.com", "x.com", "b.test", "c.test"].map(
    (servername) =>
      [`SNI ${servername}`, "names", (port: number) => sendTls(port, { servername })] as const,
  ),
  ["no SNI", "names", (port) => sendTls(port, {})],
  ["ALPN", "names", (port) => sendTls(port, { ALPNProtocols: ["x", "http/1.1"] })],
  ["ALPN of nobody", "names", (port) => sendTls(port, { ALPNProtocols: ["x"] })],
  ["plain text", "names", (port) => sendRequest(port, "")],
  ...[
    "192.0.2.1 203.0.113.1 7 443",
    "127.0.0.1 203.0.113.1 7 443",
    "127.0.0.2 203.0.113.1 7 443",
    "192.0.2.1 198.51.100.1 7 80",
    "192.0.2.1 198.51.1.1 7 80",
    "127.0.0.1 198.51.1.1 7 80",
    "198.51.1.1 198.51.1.1 7 80",
    "192.0.2.1 203.0.113.1 7 80",
    "192.0.2.1 203.0.113.1 8 80",
    "203.0.113.9 203.0.113.1 8 80",
  ].map(
    (addresses) =>
      [
        `from ${addresses}`,
        "ends",
        (port: number) => sendRequest(port, `PROXY TCP4 ${addresses}\r\n`),
      ] as const,
  ),
  ["IPv6", "ends", (port) => sendRequest(port, "PROXY TCP6 2001:db8::1 2001:db8::2 7 80\r\n")],
  ...["80", "81"].flatMap((localPort) =>
    ["GET / HTTP/1.1", "GET / HTTP/1.0"].map(
      (line) =>
        [
          `${line} to port ${localPort}`,
          "with-default",
          (port: number) => {
            const header = `PROXY TCP4 192.0.2.1 192.0.2.2 1 ${localPort}\r\n`;
            return sendPlain(port, `${header}${line}\r\nhost: a\r\nconnection: close\r\n\r\n`);
          },
        ] as const,
    ),
  ),
];

describe("differential listener: choice of a filter chain", () => {
  let pair: ListenerPair | undefined;

  before(async function () {
    this.timeout(30_000);
    pair = await ListenerPair.start(this, [names, ends, withDefault]);
  });
  after(() => pair?.stop());

  for (const [name, on, ask] of tests) {
    it(`${on}: ${name}`, async () => {
      const answers = await pair?.ask(on, ask);
      assert.ok(answers !== undefined);
      assert.equal(answers.ours, answers.envoy);
    });
  }

  it("statistics: listeners and their filters have counted the same", async () => {
    const stats = await pair?.stats();
    assert.ok(stats !== undefined);
    assert.deepEqual(stats.ours, stats.envoy);
    assert.ok(Object.keys(stats.envoy).length > 10);
  });
});
