import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import { get, ok, type Part, TestProxy, toBootstrap } from "../../support/proxy-sketch.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import { downstreamTls, inlineCertificate } from "../../support/tls/sketch.ts";
import { toTcpBootstrap } from "../tcp/tcp-scene.ts";

const CERTIFICATE = makeCertificate({ subject: [["CN", "a.test"]], dns: ["a.test"] });
const CHAIN = {
  transport_socket: downstreamTls({ tls_certificates: [inlineCertificate(CERTIFICATE)] }),
};
const LISTENER = { stat_prefix: "door" };

/** Routes that move everything behind them in the engine's image. */
const ROUTES: readonly Part[] = Array.from({ length: 50 }, (_, place) => ({
  match: { path: `/new/${place}` },
  direct_response: { status: 200, body: { inline_string: `answer ${place}` } },
}));

describe("listener, a configuration that is replaced in the middle of a handshake", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy;
  let socket: net.Socket;

  beforeEach(async () => {
    upstream = await RawUpstream.listen();
  });

  afterEach(async () => {
    socket.destroy();
    await proxy.stop();
    upstream.close();
  });

  /** Connects, has the configuration replaced, and only then begins the handshake. */
  async function connectAcross(before: string, after: string): Promise<RawConnection> {
    proxy = await TestProxy.run(before);
    socket = net.connect(proxy.port, "127.0.0.1");
    await once(socket, "connect");
    await proxy.untilStat("listener.door.downstream_cx_active", 1);
    await proxy.proxy.replace(after);
    const secure = tls.connect({ socket, rejectUnauthorized: false });
    await once(secure, "secureConnect");
    return new RawConnection(secure);
  }

  it("HTTP: the connection is served by the new one", async () => {
    upstream.serve((_, up) => up.write(ok("fine")));
    const sketch = { endpoints: [upstream.port], chain: CHAIN, listener: LISTENER };
    const client = await connectAcross(
      toBootstrap(sketch),
      toBootstrap({ ...sketch, routes: ROUTES, manager: { server_name: "s".repeat(500) } }),
    );
    client.write(get("/"));
    const { head, body } = await client.readMessage();
    assert.match(head, /^HTTP\/1.1 200 OK/);
    assert.equal(body, "fine");
    client.write(get("/new/7"));
    assert.equal((await client.readMessage()).body, "answer 7");
    client.close();
    await proxy.untilIdle();
  });

  it("TCP: the connection goes where its filter chain led when it was chosen", async () => {
    const other = await RawUpstream.listen();
    const sketch = { endpoints: [upstream.port], chain: CHAIN, listener: LISTENER };
    const client = await connectAcross(
      toTcpBootstrap(sketch),
      toTcpBootstrap({
        ...sketch,
        endpoints: [other.port],
        proxy: { stat_prefix: "s".repeat(500) },
      }),
    );
    client.write("hello");
    const up = await upstream.accept();
    assert.equal(await up.read(5), "hello");
    client.close();
    up.close();
    await proxy.untilIdle();
    other.close();
  });
});
