import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import type { ConnectionOptions } from "node:tls";
import { get, ok, type Part, toBootstrap } from "../../support/proxy-sketch.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { assertNothingStays, SOAK_TIMEOUT_MS, type Turn } from "../../support/soak.ts";
import { makeCertificate, type TestCertificate } from "../../support/tls/certificate.ts";
import {
  downstreamTls,
  inlineCertificate,
  openTls,
  type TlsClient,
  upstreamTls,
} from "../../support/tls/sketch.ts";
import { FickleServer } from "./fickle-server.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const SERVER = makeCertificate({ subject: [["CN", "server"]], dns: ["a.test"], issuer: ROOT });
const good = { subject: [["CN", "peer"]], dns: ["peer.test"], issuer: ROOT } as const;
const FRIEND = makeCertificate(good);
const STRANGERS = [
  makeCertificate({ ...good, fromDays: -3, toDays: -1 }),
  makeCertificate({ subject: [["CN", "x"]] }),
  makeCertificate({ ...good, dns: ["other.test"] }),
];
const VALIDATION: Part = {
  trusted_ca: { inline_string: ROOT.pem },
  match_typed_subject_alt_names: [{ san_type: "DNS", matcher: { exact: "peer.test" } }],
};

/** What is no TLS, in hexadecimal. */
const GARBAGE = {
  text: Buffer.from(get("/")).toString("hex"),
  "a record longer than any": `160301ffff${"00".repeat(100)}`,
  "a hello longer than any": "1603010008010fffff00000000",
} as const;
/** The front of a hello, and what may be the whole of one that is longer. */
const HALVES = { "a few bytes": "16030100", "half a hello": "160301020001000001fc0303" } as const;

describe("leaks, TLS", function () {
  this.timeout(SOAK_TIMEOUT_MS);

  it("handshakes full, resumed, broken and refused: nothing stays", async () => {
    const upstream = await RawUpstream.listen();
    upstream.serve((head, up) => {
      if (!head.includes("/gone")) up.write(ok("x".repeat(head.includes("/large") ? 300_000 : 3)));
    });
    const common = {
      tls_certificates: [inlineCertificate(SERVER)],
      validation_context: VALIDATION,
    };
    const transport_socket = downstreamTls(common, { require_client_certificate: true });
    await assertNothingStays({
      config: toBootstrap({ endpoints: [upstream.port], chain: { transport_socket } }),
      kinds: (port) => ({ ...friends(port), ...strangers(port) }),
      cost: 20,
      settle: () => upstream.cut(),
    });
    upstream.close();
  });

  it("upstreams that are served, break off or are strangers: nothing stays", async () => {
    const server = await FickleServer.listen(FRIEND, STRANGERS);
    const common = { validation_context: VALIDATION };
    const transport_socket = upstreamTls(common, { sni: "peer.test" });
    await assertNothingStays({
      config: toBootstrap({ endpoints: [server.port], cluster: { transport_socket } }),
      kinds: (port) => ({
        answered: async () => {
          const client = await RawConnection.open(port);
          client.write(get("/", "connection: close\r\n"));
          await client.readToEnd();
          client.close();
        },
        "given up": async () => {
          const client = await RawConnection.open(port);
          client.write(get("/"));
          client.reset();
        },
      }),
      cost: 20,
      settle: () => server.cut(),
    });
    server.close();
  });
});

/** What those do who have the right certificate. */
function friends(port: number): Record<string, Turn> {
  const own = { cert: FRIEND.pem, key: FRIEND.keyPem };
  const visit = (options: ConnectionOptions, play: (client: TlsClient) => unknown): Turn => {
    return async () => {
      const client = await openTls(port, { ...own, ...options });
      client.socket.on("error", () => {});
      await play(client);
      client.socket.destroy();
    };
  };
  const ask = async ({ connection }: TlsClient): Promise<void> => {
    connection.write(get("/"));
    await connection.readMessage();
  };
  const resume = (options: ConnectionOptions): Turn =>
    visit(options, async (first) => {
      await ask(first);
      const session = first.socket.getSession();
      const again = await openTls(port, { ...own, ...options, ...(session && { session }) });
      assert.ok(again.socket.isSessionReused());
      await ask(again);
      again.socket.destroy();
    });
  return {
    "full, 1.3": visit({}, ask),
    "full, 1.2": visit({ maxVersion: "TLSv1.2" }, ask),
    "resumed, 1.3": resume({}),
    "resumed, 1.2": resume({ maxVersion: "TLSv1.2" }),
    "ended in order": visit({}, async (client) => {
      await ask(client);
      client.socket.end();
      await client.connection.readToEnd();
    }),
    "cut after a request": visit({}, ({ connection }) => connection.write(get("/gone"))),
    "reset in a large answer": async () => {
      const socket = net.connect(port, "127.0.0.1");
      const client = await openTls(port, { ...own, socket });
      client.connection.write(get("/large"));
      await client.connection.readHead();
      socket.resetAndDestroy();
      client.socket.destroy();
    },
  };
}

/** What those do who have none, or do not speak TLS. */
function strangers(port: number): Record<string, Turn> {
  const plain = (hex: string, play: (client: RawConnection) => unknown): Turn => {
    return async () => {
      const client = await RawConnection.open(port);
      client.socket.write(Buffer.from(hex, "hex"));
      await play(client);
      client.close();
    };
  };
  const refused = ({ pem, keyPem }: TestCertificate): Turn => {
    return async () => {
      const { socket, connection } = await openTls(port, { cert: pem, key: keyPem });
      await connection.readToEnd();
      socket.destroy();
    };
  };
  const garbage = Object.entries(GARBAGE).map(([name, hex]) => {
    return [name, plain(hex, (client) => client.readToEnd())] as const;
  });
  const halves = Object.entries(HALVES).map(([name, hex]) => {
    return [name, plain(hex, (client) => client.reset())] as const;
  });
  const unknown = STRANGERS.map((certificate, place) => {
    return [`stranger ${place}`, refused(certificate)] as const;
  });
  const silent: Turn = async () => {
    const socket = net.connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.destroy();
  };
  return { ...Object.fromEntries([...garbage, ...halves, ...unknown]), silent };
}
