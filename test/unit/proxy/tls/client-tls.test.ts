import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import tls, { type TlsOptions } from "node:tls";
import {
  TLS_CONNECTION_ERROR,
  TLS_COUNTERS,
  TLS_FAIL_VERIFY_SAN,
  TLS_HANDSHAKE,
  TLS_SESSION_REUSED,
} from "../../../../api/engine/tls/tls-stats.ts";
import type { TlsContextModel } from "../../../../proxy/config/tls-model.ts";
import { ClientTls, handshakeReason } from "../../../../proxy/tls/client-tls.ts";
import { makeCertificate } from "../../../support/tls/certificate.ts";
import { loadEngine } from "../../../support/load-engine.ts";
import {
  clientModel,
  PLAIN_UPSTREAM,
  toCertificate,
  trusting,
} from "../../../support/tls/model.ts";
import { openTlsCounts } from "../../../support/tls/registry.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const SERVER = makeCertificate({ subject: [["CN", "server"]], dns: ["a.test"], issuer: ROOT });
const CLIENT = makeCertificate({ subject: [["CN", "client"]], issuer: ROOT });

describe("client tls", () => {
  const engine = loadEngine();
  let server: tls.Server;
  let port: number;
  let stats: ReturnType<typeof openTlsCounts>;
  let client: ClientTls;

  async function serve(options: TlsOptions, model: TlsContextModel): Promise<void> {
    server = tls.createServer({ cert: SERVER.pem, key: SERVER.keyPem, ...options }, (socket) => {
      socket.on("error", () => {});
      socket.end(`${socket.servername} ${socket.getPeerX509Certificate()?.subject ?? "-"}`);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    port = address !== null && typeof address === "object" ? address.port : 0;
    stats = openTlsCounts(engine);
    client = new ClientTls(model, stats.counts);
  }

  /** What the server sent, or why it was refused. */
  function connect(hostname = ""): Promise<string> {
    return new Promise((resolve) => {
      let text = "";
      const onRead = (bytes: number): void => {
        text += Buffer.from(engine.input.subarray(0, bytes)).toString();
      };
      const socket = client.open(
        { input: engine.input, onRead },
        { isPipe: false, hostname, stream: null, protocols: [], preface: null, fd: null },
        {
          onSecure: () => {},
          onRefused: (reason) => {
            socket.destroy();
            resolve(reason);
          },
        },
      );
      socket.on("error", (error) => resolve(handshakeReason(error) ?? String(error)));
      socket.on("end", () => {
        socket.destroy();
        resolve(text);
      });
      socket.connect(port, "127.0.0.1");
    });
  }

  afterEach(() => server.close());

  it("open: without an authority everybody is the upstream", async () => {
    await serve({}, clientModel());
    assert.equal(await connect(), "false -");
    assert.equal(stats.read(TLS_HANDSHAKE), 1);
    assert.equal(stats.read(TLS_COUNTERS.indexOf("versions.TLSv1.3")), 1);
    assert.equal(stats.read(TLS_COUNTERS.indexOf("curves.X25519")), 1);
  });

  it("open: server name and certificate are sent", async () => {
    const upstream = { ...PLAIN_UPSTREAM, serverName: "a.test" };
    const model = clientModel({ upstream, certificates: [toCertificate(CLIENT)] });
    await serve({ requestCert: true, rejectUnauthorized: false }, model);
    assert.equal(await connect(), "a.test CN=client");
  });

  it("open: an upstream with another name is refused, and nothing is read", async () => {
    const names = [{ kind: "dns", how: "exact", value: "b.test", ignoresCase: false } as const];
    await serve({}, clientModel({ validation: trusting(ROOT, { names }) }));
    const want =
      "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:" +
      "verify cert failed: SAN matcher, certificate SANs are [a.test]:TLS_error_end";
    assert.equal(await connect(), want);
    assert.equal(stats.read(TLS_FAIL_VERIFY_SAN), 1);
    assert.equal(stats.read(TLS_HANDSHAKE), 0);
  });

  it("open: an upstream of another authority is refused", async () => {
    await serve({}, clientModel({ validation: trusting(CLIENT) }));
    assert.match(await connect(), /CERTIFICATE_VERIFY_FAILED/);
  });

  it("open: an upstream that speaks no TLS is told in Envoy's words", async () => {
    await serve({}, clientModel());
    server.close();
    const plain = net.createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    plain.listen(0, "127.0.0.1");
    await once(plain, "listening");
    const address = plain.address();
    port = address !== null && typeof address === "object" ? address.port : 0;
    const want =
      "TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end";
    assert.equal(await connect(), want);
    assert.equal(stats.read(TLS_CONNECTION_ERROR), 1);
    plain.close();
  });

  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`open: a session of ${version} is resumed, and not after the secrets changed`, async () => {
      const model = clientModel({ versionMax: version });
      await serve({}, model);
      await connect();
      await connect();
      assert.equal(stats.read(TLS_SESSION_REUSED), 1);
      client.update(model);
      await connect();
      assert.equal(stats.read(TLS_SESSION_REUSED), 1);
    });
  }

  it("open: the endpoint's name is sent where it has one", async () => {
    const upstream = { ...PLAIN_UPSTREAM, serverName: "a.test", sendsHostname: true };
    await serve({}, clientModel({ upstream }));
    assert.equal(await connect("b.test"), "b.test -");
    assert.equal(await connect(""), "a.test -");
  });

  it("open: the name that was sent must be the upstream's, whatever else is asked", async () => {
    const names = [{ kind: "dns", how: "exact", value: "other.test", ignoresCase: false }] as const;
    const upstream = { ...PLAIN_UPSTREAM, sendsHostname: true, checksServerName: true };
    await serve({}, clientModel({ upstream, validation: trusting(ROOT, { names }) }));
    assert.equal(await connect("a.test"), "a.test -");
    assert.match(await connect("other.test"), /SAN matcher, certificate SANs are/);
    assert.equal(stats.read(TLS_FAIL_VERIFY_SAN), 1);
  });

  it("open: a session that began with another name is not resumed", async () => {
    const upstream = { ...PLAIN_UPSTREAM, sendsHostname: true, sessionsMax: 4 };
    await serve({}, clientModel({ upstream }));
    await connect("b.test");
    await connect("a.test");
    assert.equal(stats.read(TLS_SESSION_REUSED), 0);
    await connect("b.test");
    assert.equal(stats.read(TLS_SESSION_REUSED), 1);
  });

  it("open: with no sessions kept none is resumed", async () => {
    await serve({}, clientModel({ upstream: { ...PLAIN_UPSTREAM, sessionsMax: 0 } }));
    await connect();
    await connect();
    assert.equal(stats.read(TLS_SESSION_REUSED), 0);
    assert.equal(stats.read(TLS_HANDSHAKE), 2);
  });
});
