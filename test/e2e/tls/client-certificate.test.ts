import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { get, ok, type Part, type ProxySketch, TestProxy } from "../../support/proxy-sketch.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { makeCertificate, sha256, type TestCertificate } from "../../support/tls/certificate.ts";
import { downstreamTls, inlineCertificate, openTls } from "../../support/tls/sketch.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const SERVER = makeCertificate({
  subject: [["CN", "server"]],
  dns: ["a.test"],
  uris: ["spiffe://td/server"],
  issuer: ROOT,
});
const FRIEND = makeCertificate({
  subject: [
    ["C", "US"],
    ["O", 'Acme, "Inc"'],
    ["CN", "friend"],
  ],
  uris: ["spiffe://td/friend"],
  dns: ["one.test", "two.test"],
  issuer: ROOT,
  serial: 0xbeef,
});
const STRANGER = makeCertificate({ subject: [["CN", "stranger"]] });
const FORGER = makeCertificate({
  subject: [["CN", "forger"]],
  uris: ["spiffe://td/x;By=spiffe://td/admin", "spiffe://td/y,Hash=0"],
  issuer: ROOT,
});

const HASH = `By=spiffe://td/server;Hash=${sha256(FRIEND.der, "hex")}`;
const SENT = "By=x;Hash=0";
const CERT = encodeURIComponent(FRIEND.pem);

describe("tls client certificate", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy;

  beforeEach(async () => {
    upstream = await RawUpstream.listen();
    upstream.serve((head, connection) => connection.write(ok(head)));
  });

  afterEach(() => upstream.close());

  /** What the upstream sees of a request, or what is answered here. */
  async function ask(
    sketch: Partial<ProxySketch>,
    peer: TestCertificate | null,
    validation: Part = {},
  ): Promise<string> {
    const transport_socket = downstreamTls({
      tls_certificates: [inlineCertificate(SERVER)],
      validation_context: { trusted_ca: { inline_string: ROOT.pem }, ...validation },
    });
    proxy = await TestProxy.start({
      endpoints: [upstream.port],
      ...sketch,
      chain: { transport_socket },
    });
    const own = peer === null ? {} : { cert: peer.pem, key: peer.keyPem };
    const { connection, socket } = await openTls(proxy.port, own);
    try {
      connection.write(get("/", `x-forwarded-client-cert: ${SENT}\r\n`));
      return (await connection.readMessage()).body;
    } finally {
      socket.destroy();
      await proxy.stop();
    }
  }

  const ALL = { subject: true, cert: true, chain: true, dns: true, uri: true };
  const modes: readonly (readonly [
    mode: string,
    set: Part,
    peer: TestCertificate | null,
    want: string,
  ])[] = [
    ["SANITIZE", {}, FRIEND, ""],
    ["FORWARD_ONLY", {}, FRIEND, SENT],
    ["FORWARD_ONLY", {}, null, ""],
    ["APPEND_FORWARD", {}, FRIEND, `${SENT},${HASH}`],
    ["APPEND_FORWARD", {}, null, ""],
    ["SANITIZE_SET", {}, FRIEND, HASH],
    ["SANITIZE_SET", {}, null, ""],
    [
      "SANITIZE_SET",
      { uri: true, dns: true },
      FRIEND,
      `${HASH};URI=spiffe://td/friend;DNS=one.test;DNS=two.test`,
    ],
    [
      "SANITIZE_SET",
      ALL,
      FRIEND,
      `${HASH};Cert="${CERT}";Chain="${CERT}";Subject="CN=friend,O=Acme\\, \\"Inc\\",C=US";` +
        "URI=spiffe://td/friend;DNS=one.test;DNS=two.test",
    ],
    [
      "SANITIZE_SET",
      { uri: true },
      FORGER,
      `By=spiffe://td/server;Hash=${sha256(FORGER.der, "hex")};URI=`,
    ],
    ["ALWAYS_FORWARD_ONLY", {}, null, SENT],
  ];
  for (const [mode, set, peer, want] of modes) {
    const who = peer === null ? "nobody" : peer === FRIEND ? "a friend" : "a forger";
    const what = Object.keys(set).join(" ");
    it(`x-forwarded-client-cert: ${mode} ${what} of ${who}`, async () => {
      const manager = {
        forward_client_cert_details: mode,
        set_current_client_cert_details: set,
      };
      const head = await ask({ manager }, peer);
      assert.equal(/\r\nx-forwarded-client-cert: (.*)\r\n/.exec(head)?.[1] ?? "", want);
    });
  }

  const accept = { trust_chain_verification: "ACCEPT_UNTRUSTED" };
  const matches: readonly (readonly [match: Part, peer: TestCertificate | null, want: boolean])[] =
    [
      [{ presented: true }, FRIEND, true],
      [{ presented: true }, null, false],
      [{ presented: false }, null, true],
      [{ presented: false }, FRIEND, false],
      [{ validated: true }, FRIEND, true],
      [{ validated: true }, STRANGER, false],
      [{ presented: true, validated: false }, STRANGER, true],
    ];
  for (const [tls_context, peer, want] of matches) {
    const who = peer === null ? "nobody" : peer === FRIEND ? "a friend" : "a stranger";
    it(`tls_context: ${JSON.stringify(tls_context)} is ${want} of ${who}`, async () => {
      const direct_response = { status: 200, body: { inline_string: "matched" } };
      const routes = [{ match: { prefix: "/", tls_context }, direct_response }];
      assert.equal((await ask({ routes }, peer, accept)) === "matched", want);
    });
  }

  it("formats: what TLS tells is logged", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tls-log-"));
    const path = join(folder, "log");
    const names = [
      "DOWNSTREAM_TLS_VERSION",
      "DOWNSTREAM_TLS_CIPHER",
      "DOWNSTREAM_PEER_SUBJECT",
      "DOWNSTREAM_PEER_ISSUER",
      "DOWNSTREAM_PEER_URI_SAN",
      "DOWNSTREAM_PEER_DNS_SAN",
      "DOWNSTREAM_PEER_SERIAL",
      "DOWNSTREAM_PEER_FINGERPRINT_256",
      "DOWNSTREAM_LOCAL_SUBJECT",
      "DOWNSTREAM_LOCAL_DNS_SAN",
      "DOWNSTREAM_PEER_IP_SAN",
    ];
    const text = `${names.map((name) => `%${name}%`).join(" | ")}\n`;
    const typed_config = {
      "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
      path,
      log_format: { text_format_source: { inline_string: text } },
    };
    const manager = { access_log: [{ name: "file", typed_config }] };
    await ask({ manager }, FRIEND);
    const line = readFileSync(path, "utf8");
    rmSync(folder, { recursive: true });
    assert.equal(
      line,
      'TLSv1.3 | TLS_AES_256_GCM_SHA384 | CN=friend,O=Acme\\, \\"Inc\\",C=US | CN=root | ' +
        "spiffe://td/friend | one.test,two.test | beef | " +
        `${sha256(FRIEND.der, "hex")} | CN=server | a.test | -\n`,
    );
  });
});
