import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import tls, { type ConnectionOptions, type TLSSocket } from "node:tls";
import {
  TLS_CONNECTION_ERROR,
  TLS_FAIL_VERIFY_ERROR,
  TLS_FAIL_VERIFY_NO_CERT,
  TLS_HANDSHAKE,
  TLS_NO_CERTIFICATE,
  TLS_SESSION_REUSED,
} from "../../../../api/engine/tls/tls-stats.ts";
import type { TlsContextModel } from "../../../../proxy/config/tls-model.ts";
import { ServerTls } from "../../../../proxy/tls/server-tls.ts";
import { AcceptingServer } from "../../../../proxy/worker/accepting-server.ts";
import {
  makeCertificate,
  makeRevocations,
  type TestCertificate,
} from "../../../support/tls/certificate.ts";
import { loadEngine } from "../../../support/load-engine.ts";
import { serverModel, trusting } from "../../../support/tls/model.ts";
import { openTlsCounts } from "../../../support/tls/registry.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const RSA = makeCertificate({
  subject: [["CN", "rsa"]],
  key: "rsa",
  dns: ["a.test"],
});
const EC = makeCertificate({ subject: [["CN", "ec"]], dns: ["a.test"], issuer: ROOT });
const B = makeCertificate({ subject: [["CN", "b"]], dns: ["*.b.test"], issuer: ROOT });
const FRIEND = makeCertificate({ subject: [["CN", "friend"]], issuer: ROOT, serial: 7 });
const STRANGER = makeCertificate({ subject: [["CN", "stranger"]] });

/** A server that shakes hands, and echoes what it reads. */
class Scene {
  readonly #engine = loadEngine();
  readonly #stats = openTlsCounts(this.#engine);
  readonly #server: AcceptingServer;
  readonly #clients: TLSSocket[] = [];
  readonly #sockets: TLSSocket[] = [];
  readonly outcomes: string[] = [];
  readonly tls: ServerTls;
  #wake: () => void = () => {};
  port = 0;

  constructor(model: TlsContextModel) {
    this.tls = new ServerTls(model, new Uint8Array(48), this.#stats.counts);
    this.#server = new AcceptingServer((handle) => {
      const input = this.#engine.input;
      const onRead = (bytes: number) => socket.write(input.slice(0, bytes));
      const socket = this.tls.accept(
        handle,
        { input, onRead },
        {
          onSecure: (isValidated) => this.#note(isValidated ? "validated" : "secure"),
          onFailed: () => {
            this.#note("failed");
            socket.destroy();
          },
        },
      );
      this.#sockets.push(socket);
    });
  }

  async open(): Promise<void> {
    const address = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
    this.port = await this.#server.bind({ address, backlog: 8, reusesPort: false });
  }

  connect(options: ConnectionOptions = {}): TLSSocket {
    const place = { host: "127.0.0.1", port: this.port };
    const client = tls.connect({ ...place, rejectUnauthorized: false, ...options });
    client.on("error", () => {});
    this.#clients.push(client);
    return client;
  }

  async until(outcome: string): Promise<void> {
    while (!this.outcomes.includes(outcome)) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  read(counter: number): number {
    return this.#stats.read(counter);
  }

  close(): void {
    this.#server.close();
    for (const socket of [...this.#clients, ...this.#sockets]) socket.destroy();
  }

  #note(outcome: string): void {
    this.outcomes.push(outcome);
    this.#wake();
  }
}

describe("server tls", () => {
  let scene: Scene;

  async function open(model: TlsContextModel): Promise<void> {
    scene = new Scene(model);
    await scene.open();
  }

  afterEach(() => scene.close());

  it("accept: what is sent arrives whole, in both directions", async () => {
    await open(serverModel([EC]));
    const client = scene.connect();
    const sent = Buffer.alloc(1_000_000, "causeway ");
    client.write(sent);
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of client) {
      parts.push(part);
      length += part.length;
      if (length === sent.length) break;
    }
    assert.ok(Buffer.concat(parts).equals(sent));
  });

  const choices: readonly (readonly [name: string, options: ConnectionOptions, want: string])[] = [
    ["the EC certificate is preferred", { servername: "a.test" }, "CN=ec"],
    [
      "a peer that checks RSA only gets the RSA certificate",
      { servername: "a.test", sigalgs: "rsa_pss_rsae_sha256:RSA+SHA256" },
      "CN=rsa",
    ],
    ["a star covers one label", { servername: "x.b.test" }, "CN=b"],
    ["a name that no certificate has gets the first", { servername: "c.test" }, "CN=rsa"],
    ["without a name the EC certificate is preferred, too", {}, "CN=ec"],
  ];
  for (const [name, options, want] of choices) {
    it(`accept: ${name}`, async () => {
      await open(serverModel([RSA, EC, B]));
      const client = scene.connect(options);
      await once(client, "secureConnect");
      assert.equal(client.getPeerX509Certificate()?.subject, want);
    });
  }

  it("accept: the first of our protocols that the peer has is negotiated", async () => {
    await open(serverModel([EC], { protocols: ["http/1.1", "http/1.0"] }));
    const client = scene.connect({ ALPNProtocols: ["h2", "http/1.0", "http/1.1"] });
    await once(client, "secureConnect");
    assert.equal(client.alpnProtocol, "http/1.1");
  });

  it("accept: a version below the least is refused and counted", async () => {
    await open(serverModel([EC], { versionMin: "TLSv1.3" }));
    scene.connect({ maxVersion: "TLSv1.2" });
    await scene.until("failed");
    assert.equal(scene.read(TLS_CONNECTION_ERROR), 1);
    assert.equal(scene.read(TLS_HANDSHAKE), 0);
  });

  it("accept: what is no TLS is refused and counted", async () => {
    await open(serverModel([EC]));
    const client = net.connect(scene.port, "127.0.0.1");
    client.on("error", () => {});
    client.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    await scene.until("failed");
    assert.equal(scene.read(TLS_CONNECTION_ERROR), 1);
    client.destroy();
  });

  it("accept: a peer that goes away in the handshake is no error of TLS", async () => {
    await open(serverModel([EC]));
    const client = net.connect(scene.port, "127.0.0.1");
    client.end(Buffer.from("1603010200", "hex"));
    await scene.until("failed");
    assert.equal(scene.read(TLS_CONNECTION_ERROR), 0);
    client.destroy();
  });

  const peers: readonly {
    name: string;
    peer: TestCertificate | null;
    facts: Partial<TlsContextModel>;
    want: string;
    counter: number;
  }[] = [
    {
      name: "a friend is validated",
      peer: FRIEND,
      facts: {},
      want: "validated",
      counter: TLS_HANDSHAKE,
    },
    {
      name: "a stranger is refused",
      peer: STRANGER,
      facts: {},
      want: "failed",
      counter: TLS_FAIL_VERIFY_ERROR,
    },
    {
      name: "nobody is let in",
      peer: null,
      facts: {},
      want: "secure",
      counter: TLS_NO_CERTIFICATE,
    },
    {
      name: "nobody is refused where a name is asked for",
      peer: null,
      facts: {
        validation: trusting(ROOT, {
          names: [{ kind: "dns", how: "exact", value: "a.test", ignoresCase: false }],
        }),
      },
      want: "failed",
      counter: TLS_FAIL_VERIFY_NO_CERT,
    },
    {
      name: "who is revoked is refused",
      peer: FRIEND,
      facts: {
        validation: trusting(ROOT, {
          revocations: { certificates: makeRevocations(ROOT, [7]), origin: "<inline>" },
        }),
      },
      want: "failed",
      counter: TLS_FAIL_VERIFY_ERROR,
    },
    {
      name: "who is not revoked is validated",
      peer: FRIEND,
      facts: {
        validation: trusting(ROOT, {
          revocations: { certificates: makeRevocations(ROOT, [8]), origin: "<inline>" },
        }),
      },
      want: "validated",
      counter: TLS_HANDSHAKE,
    },
  ];
  for (const { name, peer, facts, want, counter } of peers) {
    it(`accept: ${name}`, async () => {
      await open(serverModel([EC], { validation: trusting(ROOT), ...facts }));
      scene.connect(peer === null ? {} : { cert: peer.pem, key: peer.keyPem });
      await scene.until(want);
      assert.deepEqual(scene.outcomes, [want]);
      assert.equal(scene.read(counter), 1);
    });
  }

  const resumptions: readonly (readonly [string, boolean, "TLSv1.2" | "TLSv1.3"])[] = [
    ["is resumed", true, "TLSv1.2"],
    ["is resumed", true, "TLSv1.3"],
    ["begins anew without tickets", false, "TLSv1.2"],
    ["begins anew without tickets", false, "TLSv1.3"],
  ];
  for (const [name, hasTickets, version] of resumptions) {
    it(`accept: a session of ${version} ${name}, also in another worker`, async () => {
      const plain = serverModel([EC], { versionMax: version });
      const { downstream } = plain;
      assert.ok(downstream !== null);
      const model = { ...plain, downstream: { ...downstream, hasTickets } };
      await open(model);
      const first = scene.connect();
      let session: Buffer | undefined;
      first.on("session", (each) => (session = each));
      first.write("x");
      await once(first, "data");
      scene.close();
      await open(model);
      const second = scene.connect(session === undefined ? {} : { session });
      await once(second, "secureConnect");
      await scene.until("secure");
      assert.equal(second.isSessionReused(), hasTickets);
      assert.equal(scene.read(TLS_SESSION_REUSED), hasTickets ? 1 : 0);
    });
  }

  it("update: later connections get the new certificate, and those before go on", async () => {
    await open(serverModel([EC]));
    const before = scene.connect({ servername: "a.test" });
    await once(before, "secureConnect");
    scene.tls.update(serverModel([B]));
    const after = scene.connect({ servername: "a.test" });
    await once(after, "secureConnect");
    assert.equal(after.getPeerX509Certificate()?.subject, "CN=b");
    before.write("still here");
    const [answer] = await once(before, "data");
    assert.equal(String(answer), "still here");
  });
});
