import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { setTimeout } from "node:timers/promises";
import tls, { type ConnectionOptions } from "node:tls";
import { get } from "../../support/proxy-sketch.ts";
import {
  makeCertificate,
  makeRevocations,
  type TestCertificate,
} from "../../support/tls/certificate.ts";
import {
  downstreamTls,
  inlineCertificate,
  openTls,
  type TlsClient,
} from "../../support/tls/sketch.ts";
import { type Running, startBoth } from "./tls-pair.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const SERVER = makeCertificate({ subject: [["CN", "server"]], dns: ["a.test"], issuer: ROOT });
const good = { subject: [["CN", "peer"]], dns: ["peer.test"], issuer: ROOT } as const;
const FRIEND = makeCertificate(good);
const REVOKED = makeCertificate({ ...good, serial: 0x4242 });

const peers: Readonly<Record<string, TestCertificate | null>> = {
  "without a certificate": null,
  "whose certificate is expired": makeCertificate({ ...good, fromDays: -3, toDays: -1 }),
  "whose certificate is not valid yet": makeCertificate({ ...good, fromDays: 1 }),
  "whom nobody knows": makeCertificate({ subject: [["CN", "stranger"]], dns: ["peer.test"] }),
  "with another name": makeCertificate({ ...good, dns: ["other.test"] }),
  "whose certificate was revoked": REVOKED,
};

/** A ClientHello that says how long it is, and the beginning of it. */
const HALF = Buffer.from("160301020001000001fc0303", "hex");

/** Plays a peer on a socket that is connected in plain text. */
type Play = (socket: net.Socket) => void;

const plays: Readonly<Record<string, Play>> = {
  "that sends garbage": (socket) => socket.end(Buffer.alloc(64, "garbage!")),
  "that speaks HTTP": (socket) => socket.end(get("/")),
  "that ends at once": (socket) => socket.end(),
  "that ends in its hello": (socket) => socket.end(HALF),
  "that resets in its hello": (socket) =>
    socket.write(HALF, () => void setTimeout(50).then(() => socket.resetAndDestroy())),
  "that is silent": () => {},
  "that stops in its hello": (socket) => socket.write(HALF),
  "whose record is longer than any": (socket) =>
    socket.end(Buffer.concat([Buffer.from("160301ffff", "hex"), Buffer.alloc(100)])),
  "whose hello is longer than any": (socket) =>
    socket.end(Buffer.from("1603010008010fffff00000000", "hex")),
  "that sends an alert first": (socket) => socket.end(Buffer.from("15030100020228", "hex")),
  "whose first record has data": (socket) => socket.end(Buffer.from("170303000161", "hex")),
  "of SSL 3.0": (socket) => socket.end(Buffer.from("16030000050100000103", "hex")),
};

/** What is put into a connection behind its handshake. */
const injected: Readonly<Record<string, Buffer>> = {
  "a record of garbage": Buffer.concat([Buffer.from("1703030040", "hex"), Buffer.alloc(64, 7)]),
  "a record longer than any": Buffer.concat([Buffer.from("170303ffff", "hex"), Buffer.alloc(64)]),
  "a record that is too short": Buffer.from("170303000101", "hex"),
};

/** Answered otherwise: see the differences of TLS. */
const COUNTED = /^listener\.[\d.]+_\d+\.(ssl\.|downstream_cx_(total|destroy|active|transport))/;
/** Not told by node. */
const UNTOLD = /\.ssl\.(sigalgs|curves)\./;

type Deltas = Readonly<Record<string, number>>;

describe("differential, bad peers of TLS", function () {
  this.timeout(60_000);
  let both: { readonly envoy: Running; readonly ours: Running } | undefined;
  const witnesses: TlsClient[] = [];

  before(async function () {
    const common = {
      tls_certificates: [inlineCertificate(SERVER)],
      validation_context: {
        trusted_ca: { inline_string: ROOT.pem },
        crl: { inline_string: makeRevocations(ROOT, [0x4242]) },
        match_typed_subject_alt_names: [{ san_type: "DNS", matcher: { exact: "peer.test" } }],
      },
    };
    const transport_socket = downstreamTls(common, { require_client_certificate: true });
    both = await startBoth(this, {
      endpoints: [1],
      routes: [{ match: { prefix: "/" }, direct_response: { status: 200 } }],
      chain: { transport_socket, transport_socket_connect_timeout: "0.3s" },
      manager: { delayed_close_timeout: "0.02s" },
    });
    const own = { cert: FRIEND.pem, key: FRIEND.keyPem };
    for (const { port } of [both.envoy, both.ours]) witnesses.push(await openTls(port, own));
  });

  after(async () => {
    for (const { socket } of witnesses) socket.destroy();
    await Promise.all([both?.envoy.stop(), both?.ours.stop()]);
  });

  async function read(proxy: Running): Promise<ReadonlyMap<string, number>> {
    const stats = [...(await proxy.readStats())].map(
      ([name, value]) =>
        [name.replace(/^listener\.127\.0\.0\.1_\d+/, "listener.0_0"), value] as const,
    );
    return new Map(stats.filter(([name]) => COUNTED.test(name) && !UNTOLD.test(name)));
  }

  /** What a peer changes in the statistics of a proxy, when it is gone. */
  async function deltasOf(proxy: Running, play: (port: number) => Promise<void>): Promise<Deltas> {
    const before = await read(proxy);
    await play(proxy.port);
    for (;;) {
      const after = await read(proxy);
      const isOver =
        after.get("listener.0_0.downstream_cx_active") === 1 &&
        after.get("listener.0_0.downstream_cx_total") !==
          before.get("listener.0_0.downstream_cx_total");
      if (!isOver) {
        await setTimeout(10);
        continue;
      }
      const changed = [...after].map(
        ([name, now]) => [name, now - (before.get(name) ?? 0)] as const,
      );
      return Object.fromEntries(changed.filter(([, by]) => by !== 0).sort());
    }
  }

  /** Both count the same, and those who were there before are served. */
  async function compare(
    play: (port: number) => Promise<void>,
    differs: Deltas = {},
  ): Promise<Deltas> {
    assert.ok(both);
    const envoy = await deltasOf(both.envoy, play);
    const ours = await deltasOf(both.ours, play);
    assert.deepEqual(ours, { ...envoy, ...differs });
    for (const { connection } of witnesses) {
      connection.write(get("/"));
      assert.match((await connection.readMessage()).head, /^HTTP\/1.1 200 /);
    }
    return ours;
  }

  for (const [name, play] of Object.entries(plays)) {
    it(`peer: one ${name}`, async () => {
      await compare(async (port) => {
        const socket = net.connect(port, "127.0.0.1");
        socket.on("error", () => {});
        socket.resume();
        await once(socket, "connect");
        play(socket);
        await closed(socket);
      });
    });
  }

  for (const [name, certificate] of Object.entries(peers)) {
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      it(`peer: one ${name}, ${maxVersion}`, async () => {
        const own = certificate === null ? {} : { cert: certificate.pem, key: certificate.keyPem };
        await compare((port) => untilClosed(port, { ...own, maxVersion }));
      });
    }
  }

  for (const [name, bytes] of Object.entries(injected)) {
    it(`peer: one whose connection gets ${name}`, async () => {
      // Envoy counts such a fault again when it closes.
      await compare((port) => inject(port, bytes), { "listener.0_0.ssl.connection_error": 1 });
    });
  }
});

function closed(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

async function untilClosed(port: number, options: ConnectionOptions): Promise<void> {
  const socket = tls.connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options });
  socket.on("error", () => {});
  socket.resume();
  await closed(socket);
}

/** Makes a connection through a relay, and puts bytes into it that are no part of it. */
async function inject(port: number, bytes: Buffer): Promise<void> {
  const sockets: net.Socket[] = [];
  const relay = net.createServer((near) => {
    const far = net.connect(port, "127.0.0.1");
    sockets.push(near, far);
    for (const each of [near, far]) each.on("error", () => {});
    near.pipe(far, { end: false });
    far.pipe(near);
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  const address = relay.address();
  assert.ok(address !== null && typeof address === "object");
  const own = { cert: FRIEND.pem, key: FRIEND.keyPem };
  const { connection, socket } = await openTls(address.port, own);
  socket.on("error", () => {});
  connection.write(get("/"));
  await connection.readMessage();
  const [, far] = sockets;
  far.end(bytes);
  await closed(far);
  for (const each of sockets) each.destroy();
  relay.close();
}
