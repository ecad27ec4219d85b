import assert from "node:assert/strict";
import type { ClientHttp2Session } from "node:http2";
import { assertNothingStays, SOAK_TIMEOUT_MS, type Turn } from "../../support/soak.ts";
import { CLIENTS, openSession, Pods, Tunnel, waypointConfig } from "../waypoint/waypoint-scene.ts";

const REVIEWS = "10.96.0.10:80";
const DB = "10.96.0.20:5432";
const REMOTE = "10.96.0.30:80";
/** CANCEL, RFC 9113 §7. */
const CANCEL = 8;
/** Tunnels on a connection. */
const TUNNEL_COUNT = 12;

describe("leaks, HBONE", function () {
  this.timeout(SOAK_TIMEOUT_MS);
  let pods: Pods;

  beforeEach(async () => {
    pods = await Pods.start();
  });

  afterEach(() => pods.stop());

  it("tunnels whole, reset, cut with their connection: nothing stays", () =>
    assertNothingStays({
      config: waypointConfig(pods, null),
      kinds,
      cost: 80,
      settle: () => {
        pods.cut();
        pods.authorities.length = 0;
        pods.heads.inner.length = 0;
        pods.heads.outer.length = 0;
      },
    }));
});

function kinds(port: number): Record<string, Turn> {
  const visit = (play: (session: ClientHttp2Session) => Promise<unknown>): Turn => {
    return async () => {
      const session = await openSession(port);
      await play(session);
      session.destroy();
    };
  };
  const openMany = (session: ClientHttp2Session): Promise<Tunnel[]> => {
    const authorities = Array.from({ length: TUNNEL_COUNT }, (_, place) => {
      return [REVIEWS, DB, REMOTE][place % 3];
    });
    return Promise.all(authorities.map((authority) => Tunnel.open(session, authority)));
  };
  return {
    "requests in many tunnels": visit(async (session) => {
      const tunnels = Array.from({ length: TUNNEL_COUNT }, async (_, place) => {
        const tunnel = await Tunnel.open(session, place % 3 === 0 ? REMOTE : REVIEWS);
        assert.equal(await tunnel.ask("/a"), "200 /a 0 ");
        await tunnel.ask("/large/70000", "body");
        tunnel.stream.end();
        await tunnel.untilOver();
      });
      await Promise.all(tunnels);
    }),
    "bytes in a tunnel": visit(async (session) => {
      const tunnel = await Tunnel.open(session, DB);
      tunnel.stream.end("hello");
      assert.equal(await tunnel.read(5), "hello");
      await tunnel.untilOver();
    }),
    "tunnels that are reset": visit(async (session) => {
      for (const tunnel of await openMany(session)) {
        tunnel.stream.write("POST / HTTP/1.1\r\ncontent-length: 90000\r\n\r\nhalf");
        tunnel.stream.close(CANCEL);
        await tunnel.untilOver();
      }
    }),
    "a connection cut with requests in its tunnels": visit(async (session) => {
      for (const tunnel of await openMany(session)) {
        tunnel.stream.write("GET /large/900000 HTTP/1.1\r\nhost: a\r\n\r\n");
      }
    }),
    "a connection cut while tunnels open": visit(async (session) => {
      void openMany(session);
    }),
    "what nobody knows": visit(async (session) => {
      for (const authority of ["10.96.0.99:80", "no.address:1"]) {
        const tunnel = await Tunnel.open(session, authority);
        tunnel.stream.end("GET / HTTP/1.1\r\n\r\n");
        await tunnel.untilOver();
      }
    }),
    "no HTTP in a tunnel": visit(async (session) => {
      const tunnel = await Tunnel.open(session, REVIEWS);
      tunnel.stream.end("\0\0\0 garbage \r\n\r\n");
      await tunnel.untilOver();
    }),
    strangers: async () => {
      await Promise.allSettled(
        [CLIENTS.stranger, CLIENTS.foreigner, null].map(async (certificate) => {
          const session = await openSession(port, certificate);
          session.destroy();
        }),
      );
    },
  };
}
