import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { setImmediate } from "node:timers/promises";
import type { RunningProxy } from "../../../proxy/main.ts";
import { startProxy } from "../../support/start-proxy.ts";
import {
  type ChainSketch,
  type ListenerSketch,
  toListenerBootstrap,
} from "../../support/listener/sketch.ts";
import { get } from "../../support/proxy-sketch.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import { downstreamTls, inlineCertificate, openTls } from "../../support/tls/sketch.ts";

const SERVER = makeCertificate({ subject: [["CN", "server"]], dns: ["a.test"] });
const SOCKET = downstreamTls({
  tls_certificates: [inlineCertificate(SERVER)],
  alpn_protocols: ["h2", "http/1.1"],
});

function named(...names: string[]): ChainSketch {
  return { match: { server_names: names }, transportSocket: SOCKET };
}

const BY_NAME = {
  a: named("a.test"),
  wild: named("*.test"),
  other: { match: { transport_protocol: "tls" }, transportSocket: SOCKET },
  plain: { match: { transport_protocol: "raw_buffer" } },
};

describe("listener filters", () => {
  let proxy: RunningProxy;
  const closers: (() => void)[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0)) close();
    await proxy.stop();
  });

  async function start(...sketches: ListenerSketch[]): Promise<number> {
    const config = toListenerBootstrap(sketches);
    proxy = await startProxy({ config });
    return proxy.listenerAddresses[0].port;
  }

  async function open(port: number): Promise<RawConnection> {
    const client = await RawConnection.open(port);
    closers.push(() => client.close());
    return client;
  }

  async function bodyOver(port: number, servername: string): Promise<string> {
    const { socket, connection } = await openTls(port, { servername });
    closers.push(() => socket.destroy());
    connection.write(get("/"));
    return (await connection.readMessage()).body;
  }

  async function stat(name: string): Promise<number> {
    return (await proxy.readStats()).get(name) ?? 0;
  }

  async function untilStat(name: string, value: number): Promise<void> {
    while ((await stat(name)) !== value) await setImmediate();
  }

  it("tls_inspector: the server name chooses the chain, plain text another", async () => {
    const port = await start({ filters: [["tls"]], chains: BY_NAME });
    assert.equal(await bodyOver(port, "a.test"), "a");
    assert.equal(await bodyOver(port, "A.Test"), "a");
    assert.equal(await bodyOver(port, "b.test"), "wild");
    assert.equal(await bodyOver(port, "c.example"), "other");
    const client = await open(port);
    client.write(get("/"));
    assert.equal((await client.readMessage()).body, "plain");
    client.write(get("/again"));
    assert.equal((await client.readMessage()).body, "plain");
    assert.equal(await stat("tls_inspector.tls_found"), 4);
    assert.equal(await stat("tls_inspector.tls_not_found"), 1);
    assert.equal(await stat("tls_inspector.sni_found"), 4);
    assert.equal(await stat("tls_inspector.alpn_not_found"), 4);
    assert.equal(await stat("listener.listener-0.downstream_pre_cx_active"), 0);
    assert.equal(await stat("listener.listener-0.downstream_cx_total"), 5);
  });

  it("tls_inspector: ALPN chooses the chain", async () => {
    const chains = {
      h2: { match: { application_protocols: ["h2"] }, transportSocket: SOCKET },
      none: { transportSocket: SOCKET },
    };
    const port = await start({ filters: [["tls"]], chains });
    const { socket } = await openTls(port, { ALPNProtocols: ["x", "h2"] });
    closers.push(() => socket.destroy());
    assert.equal(socket.alpnProtocol, "h2");
    await untilStat("http.h2.downstream_cx_active", 1);
    assert.equal(await bodyOver(port, "a.test"), "none");
  });

  it("tls_inspector: a ClientHello that comes byte by byte is put together", async () => {
    const port = await start({
      filters: [["tls"]],
      chains: BY_NAME,
      seen: "%REQUESTED_SERVER_NAME%",
    });
    const between = net.createServer({ noDelay: true }, (near) => {
      const far = net.connect({ port, host: "127.0.0.1", noDelay: true });
      closers.push(
        () => near.destroy(),
        () => far.destroy(),
      );
      far.pipe(near);
      let sent = Promise.resolve();
      near.on("data", (bytes: Buffer) => {
        sent = sent.then(async () => {
          for (const byte of bytes) {
            far.write(Buffer.of(byte));
            await setImmediate();
          }
        });
      });
      near.on("error", () => {});
      far.on("error", () => {});
    });
    between.listen(0, "127.0.0.1");
    await once(between, "listening");
    closers.push(() => between.close());
    const address = between.address();
    assert.ok(address !== null && typeof address === "object");
    const { socket, connection } = await openTls(address.port, { servername: "a.test" });
    closers.push(() => socket.destroy());
    connection.write(get("/"));
    const { head, body } = await connection.readMessage();
    assert.equal(body, "a");
    assert.match(head, /\r\nx-seen: a.test\r\n/);
  });

  it("http_inspector: the version of HTTP chooses the chain", async () => {
    const chains = {
      new: { match: { application_protocols: ["http/1.1"] } },
      old: { match: { application_protocols: ["http/1.0"] } },
      other: {},
    };
    const port = await start({ filters: [["http"]], chains });
    for (const [line, status] of [
      ["GET / HTTP/1.1", /^HTTP\/1.1 200 /],
      ["GET / HTTP/1.0", /^HTTP\/1.1 426 /],
    ] as const) {
      const client = await open(port);
      client.write(line.slice(0, 3));
      await untilStat("listener.listener-0.downstream_pre_cx_active", 1);
      client.write(`${line.slice(3)}\r\nhost: a\r\n\r\n`);
      assert.match((await client.readMessage()).head, status);
    }
    assert.equal(await stat("http_inspector.http11_found"), 1);
    assert.equal(await stat("http_inspector.http10_found"), 1);
    assert.equal(await stat("http.old.downstream_rq_total"), 1);
  });

  it("proxy_protocol: the ends are those of the header, which is taken off", async () => {
    const seen =
      "%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% " +
      "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_DIRECT_LOCAL_ADDRESS%";
    const chains = {
      there: { match: { destination_port: 443, source_prefix_ranges: [range("192.0.2.0", 24)] } },
      here: {},
    };
    const port = await start({ filters: [["proxy"], ["tls"]], chains, seen });
    const client = await open(port);
    client.write(`PROXY TCP4 192.0.2.1 198.51.100.7 8080 443\r\n${get("/")}`);
    const { head, body } = await client.readMessage();
    assert.equal(body, "there");
    const ends = `192.0.2.1:8080 198.51.100.7:443 127.0.0.1 127.0.0.1:${port}`;
    assert.ok(head.includes(`\r\nx-seen: ${ends}\r\n`), head);
    assert.equal(await stat("proxy_proto.versions.v1.found"), 1);
  });

  it("proxy_protocol: in front of a ClientHello it is taken off, too", async () => {
    const port = await start({ filters: [["proxy"], ["tls"]], chains: BY_NAME });
    const socket = net.connect({ port, host: "127.0.0.1" });
    await once(socket, "connect");
    socket.write("PROXY TCP4 192.0.2.1 198.51.100.7 8080 443\r\n");
    const { connection } = await openTls(port, { socket, servername: "a.test" });
    closers.push(() => socket.destroy());
    connection.write(get("/"));
    assert.equal((await connection.readMessage()).body, "a");
  });

  it("proxy_protocol: anything else is closed and counted", async () => {
    const port = await start({ filters: [["proxy"]], chains: { all: {} } });
    const client = await open(port);
    client.write(get("/"));
    assert.equal((await client.readToEnd()).text, "");
    assert.equal(await stat("proxy_proto.not_found_disallowed"), 1);
    assert.equal(await stat("downstream_cx_proxy_proto_error"), 1);
  });

  it("timeout: half a header and silence is closed and counted", async () => {
    const fields = { listener_filters_timeout: "0.05s" };
    const port = await start({ filters: [["proxy"]], chains: { all: {} }, fields });
    const client = await open(port);
    client.write("PROXY TCP4 ");
    assert.equal((await client.readToEnd()).text, "");
    assert.equal(await stat("listener.listener-0.downstream_pre_cx_timeout"), 1);
    assert.equal(await stat("listener.listener-0.downstream_pre_cx_active"), 0);
    assert.equal(await stat("listener.listener-0.downstream_cx_total"), 0);
  });

  it("timeout: the connection may go on with what was received", async () => {
    const fields = {
      listener_filters_timeout: "0.05s",
      continue_on_listener_filters_timeout: true,
    };
    const port = await start({ filters: [["http"]], chains: { all: {} }, fields });
    const client = await open(port);
    client.write("GET / HT");
    await untilStat("listener.listener-0.downstream_pre_cx_timeout", 1);
    client.write("TP/1.1\r\nhost: a\r\n\r\n");
    assert.equal((await client.readMessage()).body, "all");
  });

  it("close: who leaves before the filters are done leaves nothing behind", async () => {
    const port = await start({ filters: [["tls"]], chains: BY_NAME });
    for (const leave of ["end", "reset"] as const) {
      const client = await open(port);
      client.write("\x16\x03");
      await untilStat("listener.listener-0.downstream_pre_cx_active", 1);
      client[leave]();
      await untilStat("listener.listener-0.downstream_pre_cx_active", 0);
    }
    assert.equal(await bodyOver(port, "a.test"), "a");
  });

  it("use_original_dst: a connection goes to the listener of its destination", async () => {
    const first = {
      name: "first",
      filters: [["proxy"]] as const,
      chains: { first: {} },
      fields: { use_original_dst: true },
    };
    const address = { socket_address: { address: "198.51.100.7", port_value: 443 } };
    const second = {
      name: "second",
      chains: { second: {} },
      fields: { bind_to_port: false, address },
    };
    const port = await start(first, second);
    const ask = async (destination: string): Promise<string> => {
      const client = await open(port);
      client.write(`PROXY TCP4 192.0.2.1 ${destination} 8080 443\r\n${get("/")}`);
      return (await client.readMessage()).body;
    };
    assert.equal(await ask("198.51.100.7"), "second");
    assert.equal(await ask("198.51.100.8"), "first");
  });
});

function range(address: string, bits: number) {
  return { address_prefix: address, prefix_len: bits };
}
