import { once } from "node:events";
import http, { type IncomingHttpHeaders } from "node:http";
import http2 from "node:http2";
import net from "node:net";
import { Duplex, type Readable } from "node:stream";
import { TunnelEnd } from "./tunnel-end.ts";

/** A version of HTTP. */
export type Version = "HTTP/1" | "HTTP/2";

/** What is asked for. */
export interface TunnelRequest {
  readonly kind: "websocket" | "CONNECT";
  /** The path of a WebSocket; "/" unless told. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is sent before the answer is there. */
  readonly early?: string;
  /** True when nothing will be sent: the head is the end. */
  readonly isEnd?: boolean;
}

/** What was answered, and the tunnel, if there is one. */
export interface TunnelAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly tunnel: TunnelEnd;
}

/** The key of RFC 6455 §1.3. */
const SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ==";
/** The answer to `SAMPLE_KEY`. */
export const SAMPLE_ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** The head of the answer that a stream gets. */
export function answerTo(stream: http2.ClientHttp2Stream): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    stream.on("response", resolve).on("error", reject);
  });
}

/** Clients that ask for tunnels, over node's own HTTP. Closed together. */
export class TunnelClient {
  readonly #port: number;
  readonly #open: { destroy(): void }[] = [];
  #session: http2.ClientHttp2Session | null = null;

  constructor(port: number) {
    this.#port = port;
  }

  /** Asks for a tunnel; in HTTP/2 all are on one connection. */
  ask(version: Version, request: TunnelRequest): Promise<TunnelAnswer> {
    return version === "HTTP/1" ? this.#askHttp1(request) : this.#askHttp2(request);
  }

  /** The connection in HTTP/2, with the peer's settings. */
  async session(): Promise<http2.ClientHttp2Session> {
    if (this.#session !== null) return this.#session;
    const session = http2.connect(`http://127.0.0.1:${this.#port}`);
    session.on("error", () => {});
    this.#session = session;
    this.#open.push(session);
    await once(session, "remoteSettings");
    return session;
  }

  close(): void {
    for (const each of this.#open.splice(0)) each.destroy();
    this.#session = null;
  }

  #askHttp1({ kind, path = "/", headers = {}, early = "" }: TunnelRequest): Promise<TunnelAnswer> {
    const socket = net.connect({ port: this.#port, host: "127.0.0.1", allowHalfOpen: true });
    this.#open.push(socket);
    const isConnect = kind === "CONNECT";
    const asks = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-key": SAMPLE_KEY,
      "sec-websocket-version": "13",
    };
    const request = http.request({
      createConnection: () => socket,
      host: "a.test",
      method: isConnect ? "CONNECT" : "GET",
      path: isConnect ? "a.test:443" : path,
      headers: {
        host: isConnect ? "a.test:443" : "a.test",
        ...(isConnect ? {} : asks),
        ...headers,
      },
    });
    request.flushHeaders();
    if (early !== "") socket.once("connect", () => setImmediate(() => socket.write(early)));
    return new Promise((resolve, reject) => {
      const onAnswer = (answer: http.IncomingMessage, stream: Readable, head?: Buffer) => {
        const { statusCode = 0, headers: got } = answer;
        resolve({
          status: statusCode,
          headers: got,
          tunnel: new TunnelEnd(toDuplex(stream), head),
        });
      };
      request.on("upgrade", onAnswer).on("connect", onAnswer).on("error", reject);
      // A refusal: the answer is a stream itself.
      request.on("response", (answer) => onAnswer(answer, answer));
    });
  }

  async #askHttp2(ask: TunnelRequest): Promise<TunnelAnswer> {
    const { kind, path = "/", headers = {}, early = "", isEnd = false } = ask;
    const session = await this.session();
    const head =
      kind === "CONNECT"
        ? { ":method": "CONNECT", ":authority": "a.test:443" }
        : {
            ":method": "CONNECT",
            ":protocol": "websocket",
            ":scheme": "http",
            ":path": path,
            ":authority": "a.test",
            "sec-websocket-version": "13",
          };
    const stream = session.request({ ...head, ...headers }, { endStream: isEnd });
    const tunnel = new TunnelEnd(stream);
    if (early !== "") stream.write(early);
    const got = await answerTo(stream);
    return { status: Number(got[":status"]), headers: got, tunnel };
  }
}

function toDuplex(stream: Readable): Duplex {
  return stream instanceof Duplex ? stream : Duplex.from(stream);
}
