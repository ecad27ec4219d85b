import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { get, ok, TestProxy } from "../../support/proxy-sketch.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { makeCertificate, makeRevocations } from "../../support/tls/certificate.ts";
import {
  downstreamTls,
  inlineCertificate,
  openTls,
  type TlsClient,
} from "../../support/tls/sketch.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const SERVER = makeCertificate({ subject: [["CN", "server"]], dns: ["a.test"], issuer: ROOT });
const good = { subject: [["CN", "peer"]], dns: ["peer.test"], issuer: ROOT } as const;
const FRIEND = makeCertificate(good);

/** Who is turned away, and the statistic of it. */
const strangers = [
  ["expired", makeCertificate({ ...good, fromDays: -3, toDays: -1 }), "fail_verify_error"],
  ["not valid yet", makeCertificate({ ...good, fromDays: 1 }), "fail_verify_error"],
  ["of nobody", makeCertificate({ subject: [["CN", "x"]] }), "fail_verify_error"],
  ["revoked", makeCertificate({ ...good, serial: 0x4242 }), "fail_verify_error"],
  ["of another name", makeCertificate({ ...good, dns: ["other.test"] }), "fail_verify_san"],
] as const;

/** What is no TLS, in hexadecimal. */
const garbage = [
  ["text", Buffer.from(get("/")).toString("hex")],
  ["a record longer than any", `160301ffff${"00".repeat(100)}`],
  ["a hello longer than any", "1603010008010fffff00000000"],
] as const;

const STALL_COUNT = 40;
/** More than all buffers on the way take. */
const LARGE_BYTES = 20_000_000;

describe("tls bad peer", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy;
  let friend: TlsClient;

  beforeEach(async () => {
    upstream = await RawUpstream.listen();
    upstream.serve((head, connection) => {
      connection.write(ok(head.includes("/large") ? "x".repeat(LARGE_BYTES) : head));
    });
    const common = {
      tls_certificates: [inlineCertificate(SERVER)],
      validation_context: {
        trusted_ca: { inline_string: ROOT.pem },
        crl: { inline_string: makeRevocations(ROOT, [0x4242]) },
        match_typed_subject_alt_names: [{ san_type: "DNS", matcher: { exact: "peer.test" } }],
      },
    };
    proxy = await TestProxy.start({
      endpoints: [upstream.port],
      chain: {
        transport_socket: downstreamTls(common, { require_client_certificate: true }),
        transport_socket_connect_timeout: "1s",
      },
      listener: { stat_prefix: "own" },
      manager: { stream_idle_timeout: "1s" },
    });
    friend = await openTls(proxy.port, { cert: FRIEND.pem, key: FRIEND.keyPem });
  });

  /** Whoever was there before is served as before, and nothing of the bad peer is left. */
  afterEach(async () => {
    friend.connection.write(get("/"));
    assert.match((await friend.connection.readMessage()).head, /^HTTP\/1.1 200 /);
    friend.socket.destroy();
    await proxy.untilIdle();
    await proxy.stop();
    upstream.close();
  });

  function connectPlain(): Promise<net.Socket> {
    const socket = net.connect(proxy.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.resume();
    return once(socket, "connect").then(() => socket);
  }

  const closed = (socket: net.Socket): Promise<void> =>
    new Promise((resolve) => socket.once("close", () => resolve()));

  for (const [name, hex] of garbage) {
    it(`handshake: ${name} is closed and counted`, async () => {
      const socket = await connectPlain();
      socket.write(Buffer.from(hex, "hex"));
      await closed(socket);
      assert.equal(await proxy.stat("listener.own.ssl.connection_error"), 1);
    });
  }

  for (const [name, { pem, keyPem }, counter] of strangers) {
    it(`certificate: one that is ${name} is turned away and counted`, async () => {
      try {
        const { socket } = await openTls(proxy.port, { cert: pem, key: keyPem });
        socket.on("error", () => {});
        socket.resume();
        await closed(socket);
      } catch {
        // In TLS 1.2 the handshake itself fails.
      }
      await proxy.untilStat(`listener.own.ssl.${counter}`, 1);
      assert.equal(await proxy.stat("http.test.downstream_rq_total"), 0);
    });
  }

  it("handshake: many that never end are all closed in time", async () => {
    const sockets = await Promise.all(Array.from({ length: STALL_COUNT }, connectPlain));
    for (const socket of sockets) socket.write(Buffer.from("16030100", "hex"));
    await Promise.all(sockets.map(closed));
    const timeouts = "listener.own.downstream_cx_transport_socket_connect_timeout";
    assert.equal(await proxy.stat(timeouts), STALL_COUNT);
  });

  it("handshake: peers that reset in the middle of it are forgotten", async () => {
    for (let count = 0; count < STALL_COUNT; count++) {
      const socket = await connectPlain();
      const gone = closed(socket);
      socket.write(Buffer.from("160301020001000001fc0303", "hex"));
      socket.resetAndDestroy();
      await gone;
    }
    await proxy.untilStat("listener.own.downstream_cx_destroy", STALL_COUNT);
  });

  it("renegotiation: a peer that asks for it gets none", async () => {
    const own = { cert: FRIEND.pem, key: FRIEND.keyPem, maxVersion: "TLSv1.2" } as const;
    const { socket } = await openTls(proxy.port, own);
    const ended = closed(socket);
    const reason = await new Promise<Error | null>((resolve) => {
      socket.on("error", resolve);
      socket.renegotiate({ rejectUnauthorized: false }, resolve);
    });
    assert.match(reason?.message ?? "", /no renegotiation/i);
    socket.destroy();
    await ended;
    assert.equal(await proxy.stat("listener.own.ssl.handshake"), 2);
  });

  it("response: a peer that reads no more is not waited for for ever", async () => {
    const own = { cert: FRIEND.pem, key: FRIEND.keyPem };
    const { connection, socket } = await openTls(proxy.port, own);
    socket.pause();
    connection.write(get("/large"));
    await proxy.untilStat("http.test.downstream_rq_idle_timeout", 1);
    socket.destroy();
  });
});
