import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import http, { type IncomingHttpHeaders } from "node:http";
import http2 from "node:http2";
import net from "node:net";
import type { Duplex } from "node:stream";
import type { Version } from "./tunnel-client.ts";
import { TunnelEnd } from "./tunnel-end.ts";

/** What an upstream was asked for. */
export interface TunnelAsk {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Refuses, with a body. */
  refuse(status: number, body: string): void;
  /** Agrees, and returns the upstream's end. */
  accept(): TunnelEnd;
}

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** An upstream of tunnels, on node's own HTTP, or in TCP. */
export class TunnelUpstream {
  readonly port: number;
  readonly #server: { close(): unknown };
  readonly #asks: TunnelAsk[] = [];
  readonly #open = new Set<{ destroy(): unknown }>();
  #wake: () => void = () => {};

  private constructor(server: net.Server) {
    this.#server = server;
    this.port = portOf(server);
    server.on("connection", (socket: net.Socket) => {
      this.#open.add(socket);
      socket.on("close", () => this.#open.delete(socket));
    });
  }

  static async listen(kind: Version | "TCP"): Promise<TunnelUpstream> {
    const asks: ((ask: TunnelAsk) => void)[] = [];
    const server = listenAs(kind, (ask) => {
      for (const hear of asks) hear(ask);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const upstream = new TunnelUpstream(server);
    asks.push((ask) => upstream.#take(ask));
    return upstream;
  }

  /** What is asked for next. */
  async next(): Promise<TunnelAsk> {
    for (;;) {
      const ask = this.#asks.shift();
      if (ask !== undefined) return ask;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Closes the connections that are open; goes on listening. */
  cut(): void {
    for (const each of this.#open) each.destroy();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }

  #take(ask: TunnelAsk): void {
    this.#asks.push(ask);
    this.#wake();
  }
}

/** The port that a server listens on. */
export function portOf(server: net.Server): number {
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}

type Hear = (ask: TunnelAsk) => void;

function listenAs(kind: Version | "TCP", hear: Hear): net.Server {
  if (kind === "HTTP/1") return listenHttp1(hear);
  if (kind === "HTTP/2") return listenHttp2(hear);
  return net.createServer({ allowHalfOpen: true }, (socket) => {
    const end = new TunnelEnd(socket);
    const refuse = () => socket.destroy();
    hear({ method: "", path: "", headers: {}, refuse, accept: () => end });
  });
}

function listenHttp1(hear: Hear): net.Server {
  const server = http.createServer();
  const onAsk = (request: http.IncomingMessage, stream: Duplex, head: Buffer): void => {
    const { method = "", url = "", headers } = request;
    const end = new TunnelEnd(stream, head);
    hear({
      method,
      path: url,
      headers,
      refuse(status, body) {
        const head = `HTTP/1.1 ${status} No\r\ncontent-length: ${body.length}\r\n\r\n`;
        stream.write(head + body);
      },
      accept() {
        stream.write(method === "CONNECT" ? "HTTP/1.1 200 OK\r\n\r\n" : switching(headers));
        return end;
      },
    });
  };
  server.on("upgrade", onAsk).on("connect", onAsk);
  return server;
}

function switching(headers: IncomingHttpHeaders): string {
  const key = headers["sec-websocket-key"] ?? "";
  const accept = createHash("sha1").update(`${key}${GUID}`).digest("base64");
  return (
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n" +
    `sec-websocket-accept: ${accept}\r\n\r\n`
  );
}

function listenHttp2(hear: Hear): net.Server {
  const server = http2.createServer({ settings: { enableConnectProtocol: true } });
  server.on("stream", (stream: http2.ServerHttp2Stream, headers) => {
    const end = new TunnelEnd(stream);
    hear({
      method: headers[":protocol"] === undefined ? "CONNECT" : `:${headers[":protocol"]}`,
      path: headers[":path"] ?? headers[":authority"] ?? "",
      headers,
      refuse(status, body) {
        stream.respond({ ":status": status });
        stream.end(body);
      },
      accept() {
        stream.respond({ ":status": 200 });
        return end;
      },
    });
  });
  return server;
}
