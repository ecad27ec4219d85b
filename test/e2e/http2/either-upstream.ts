import { once } from "node:events";
import http, { type IncomingHttpHeaders } from "node:http";
import http2 from "node:http2";
import net from "node:net";
import type { TestCertificate } from "../../support/tls/certificate.ts";

/** A request as it arrived. */
export interface Arrival {
  /** Such as `HTTP/1.1`. */
  readonly version: string;
  readonly headers: IncomingHttpHeaders;
  /** Names of the headers as they were written. */
  readonly names: readonly string[];
}

/** A request of either version, as far as it is looked at. */
interface EitherRequest {
  readonly httpVersion: string;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
}

/** Its response. */
interface EitherResponse {
  writeHead(status: number, headers: Readonly<Record<string, string | number>>): unknown;
  end(text?: string): unknown;
}

/** What answers requests. */
export type EitherServe = (request: EitherRequest, response: EitherResponse) => void;

/** What a connection of HTTP/2 begins with. RFC 9113 §3.4. */
const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** A server that speaks HTTP/1 and HTTP/2, whichever a connection begins with, or ALPN says. */
export class EitherUpstream {
  /** Requests, in the order in which they came. */
  readonly arrivals: Arrival[] = [];
  /** What the connections in TLS that came offered by ALPN. Those without ALPN are not there. */
  readonly offers: (readonly string[])[] = [];
  /** The answer; the version that the request came in unless told. */
  serve: EitherServe = (request, response) => void response.end(versionOf(request));
  readonly #server: net.Server;
  readonly #open = new Set<net.Socket>();

  private constructor(certificate: TestCertificate | null) {
    const onRequest: EitherServe = (request, response) => {
      const { headers, rawHeaders } = request;
      const names = rawHeaders.filter((_, at) => at % 2 === 0);
      this.arrivals.push({ version: versionOf(request), headers, names });
      this.serve(request, response);
    };
    this.#server = certificate === null ? sniff(onRequest) : this.#secure(certificate, onRequest);
    this.#server.on("connection", (socket: net.Socket) => {
      this.#open.add(socket);
      socket.on("error", () => {}).on("close", () => this.#open.delete(socket));
    });
  }

  /** Listens on a free port of this machine: in plain text, or in TLS with a certificate. */
  static async listen(certificate: TestCertificate | null = null): Promise<EitherUpstream> {
    const upstream = new EitherUpstream(certificate);
    upstream.#server.listen(0, "127.0.0.1");
    await once(upstream.#server, "listening");
    return upstream;
  }

  get port(): number {
    return portOf(this.#server);
  }

  /** Versions of the requests that came since the last time. */
  takeVersions(): string[] {
    return this.arrivals.splice(0).map(({ version }) => version);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  #secure(certificate: TestCertificate, onRequest: EitherServe): net.Server {
    const server = http2.createSecureServer({
      cert: certificate.pem,
      key: certificate.keyPem,
      allowHTTP1: true,
      ALPNCallback: ({ protocols }) => {
        this.offers.push(protocols);
        return protocols.find((name) => name === "h2" || name === "http/1.1");
      },
    });
    server.on("request", onRequest).on("sessionError", () => {});
    return server;
  }
}

function portOf(server: net.Server): number {
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}

function versionOf({ httpVersion }: { readonly httpVersion: string }): string {
  return `HTTP/${httpVersion}`;
}

/** A server in plain text that hands each connection on, by what it begins with. */
function sniff(onRequest: EitherServe): net.Server {
  const first = http.createServer(onRequest);
  const second = http2.createServer();
  second.on("request", onRequest).on("sessionError", () => {});
  const inner = [first, second];
  for (const server of inner) server.listen(0, "127.0.0.1");
  const outer = net.createServer((socket) => {
    socket.once("data", (bytes) => {
      const isHttp2 = bytes.toString("latin1").startsWith(PREFACE.slice(0, bytes.length));
      const behind = net.connect(portOf(isHttp2 ? second : first), "127.0.0.1");
      behind.on("error", () => {}).on("close", () => socket.destroy());
      socket.on("close", () => behind.destroy());
      behind.write(bytes);
      socket.pipe(behind).pipe(socket);
    });
  });
  outer.on("close", () => {
    for (const server of inner) server.close();
  });
  return outer;
}
