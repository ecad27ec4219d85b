import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import http2, {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificate, type TestCertificate } from "../../support/tls/certificate.ts";

const EXAMPLE = new URL("../../../examples/waypoint/envoy.yaml", import.meta.url);

const AUTHORITY = makeCertificate({ subject: [["O", "Mesh CA"]], isAuthority: true });
const OTHER_AUTHORITY = makeCertificate({ subject: [["O", "Other"]], isAuthority: true });

function identity(name: string, issuer = AUTHORITY, domain = "cluster.local"): TestCertificate {
  return makeCertificate({
    subject: [["O", "Mesh"]],
    uris: [`spiffe://${domain}/ns/shop/sa/${name}`],
    issuer,
  });
}

/** Certificates of clients: the right one, and wrong ones. */
export const CLIENTS = {
  storefront: identity("storefront"),
  stranger: identity("storefront", OTHER_AUTHORITY),
  foreigner: identity("storefront", AUTHORITY, "elsewhere.test"),
} as const;

/** Ports of the pods: what serves them depends on it. */
export const HTTP_PORT = 9080;
export const ECHO_PORT = 9081;

const sessionCounts = new WeakMap<http2.Http2SecureServer, number>();

/** A tunnel that reached the ztunnel. */
export type PodServer = (
  stream: ServerHttp2Stream,
  authority: string,
  head: IncomingHttpHeaders,
) => void;

/** What the waypoint has behind it, in the process of the test: HBONE ends here. */
export class Pods {
  readonly port: number;
  readonly #server: http2.Http2SecureServer;
  readonly #gateway: http2.Http2SecureServer;
  readonly gatewayPort: number;
  readonly #sessions: Set<http2.ServerHttp2Session>;
  /** Authorities of the tunnels, in their order. */
  readonly authorities: string[];
  /** Heads of the tunnels: those to the ztunnel, and those to the gateway around some of them. */
  readonly heads: { readonly inner: IncomingHttpHeaders[]; readonly outer: IncomingHttpHeaders[] };

  private constructor(
    server: http2.Http2SecureServer,
    gateway: http2.Http2SecureServer,
    sessions: Set<http2.ServerHttp2Session>,
    authorities: string[],
    heads: Pods["heads"],
  ) {
    this.heads = heads;
    this.#server = server;
    this.#gateway = gateway;
    this.#sessions = sessions;
    this.authorities = authorities;
    this.port = portOf(server);
    this.gatewayPort = portOf(gateway);
  }

  /** @param serve Takes the tunnels to ports that are none of the known ones. */
  static async start(serve: PodServer = (stream) => stream.close()): Promise<Pods> {
    const sessions = new Set<http2.ServerHttp2Session>();
    const authorities: string[] = [];
    const heads: Pods["heads"] = { inner: [], outer: [] };
    const http = createServer({ keepAliveTimeout: 0 }, answer);
    const server = openTunnels(identity("reviews"), sessions, (stream, authority, head) => {
      heads.inner.push(head);
      authorities.push(authority);
      if (authority.endsWith(`:${HTTP_PORT}`)) http.emit("connection", stream);
      else if (authority.endsWith(`:${ECHO_PORT}`)) stream.pipe(stream);
      else serve(stream, authority, head);
    });
    const gateway = openTunnels(identity("eastwest"), sessions, (stream, authority, head) => {
      heads.outer.push(head);
      authorities.push(`outer ${authority}`);
      // What is inside is HBONE again.
      server.emit("connection", stream);
    });
    await Promise.all([listen(server), listen(gateway)]);
    return new Pods(server, gateway, sessions, authorities, heads);
  }

  /** Connections to the ztunnel so far, and to the gateway: those in other tunnels count, too. */
  get connectionCounts(): readonly [number, number] {
    return [sessionCounts.get(this.#server) ?? 0, sessionCounts.get(this.#gateway) ?? 0];
  }

  /** Closes the connections that are open; goes on listening. */
  cut(): void {
    for (const session of this.#sessions) session.destroy();
  }

  /** Closes all, as a node does that goes down. */
  stop(): void {
    this.cut();
    this.#server.close();
    this.#gateway.close();
  }
}

/** The example's configuration, for pods of a test; `logPath` is where its logs go, if anywhere. */
export function waypointConfig(
  pods: { readonly port: number; readonly gatewayPort: number },
  logPath: string | null,
): string {
  const waypoint = identity("waypoint");
  const ports = new Map([
    ["15008", "0"],
    ["9901", "0"],
    ["15009", `${pods.port}`],
    ["15010", `${pods.gatewayPort}`],
  ]);
  const inline = (text: string): string => `inline_string: ${JSON.stringify(text)}`;
  const yaml = readFileSync(EXAMPLE, "utf8")
    .replaceAll(/\b\d{4,5}\b/g, (digits) => ports.get(digits) ?? digits)
    .replaceAll("filename: waypoint.pem", () => inline(waypoint.pem))
    .replaceAll("filename: waypoint.key", () => inline(waypoint.keyPem))
    .replaceAll("filename: ca.pem", () => inline(AUTHORITY.pem));
  if (logPath === null) return withoutLogs(yaml);
  return yaml
    .replaceAll("access_loggers.stdout", "access_loggers.file")
    .replaceAll("stream.v3.StdoutAccessLog", "file.v3.FileAccessLog")
    .replaceAll("log_format:", `path: ${logPath}\n${" ".repeat(14)}log_format:`)
    .replace(/( {8})( {6}log_format: .*no chain)/, "$1$2")
    .replaceAll(/^( +)(path: \S+)\n +log_format/gm, "$1$2\n$1log_format");
}

/** The same without access logs. */
function withoutLogs(yaml: string): string {
  const lines: string[] = [];
  let depth = -1;
  for (const line of yaml.split("\n")) {
    const indent = line.search(/\S/);
    const isInLog = depth >= 0 && (indent > depth || (indent === depth && line.trim()[0] === "-"));
    if (isInLog && !/^ *(listener_filters|filter_chains):/.test(line)) continue;
    depth = /^ *access_log:/.test(line) ? indent : -1;
    if (depth < 0) lines.push(line);
  }
  return lines.join("\n");
}

/** A folder for logs. */
export function makeLogFolder(): { readonly path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "causeway-waypoint-"));
  return {
    path: join(folder, "access.log"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Opens a connection that carries tunnels. Rejects when the waypoint does not take it. */
export async function openSession(
  port: number,
  certificate: TestCertificate | null = CLIENTS.storefront,
): Promise<ClientHttp2Session> {
  const { connect } = await import("node:tls");
  const own = certificate === null ? {} : { cert: certificate.pem, key: certificate.keyPem };
  const place = { host: "127.0.0.1", port, ALPNProtocols: ["h2"], ca: AUTHORITY.pem };
  const socket = connect({ ...place, ...own, checkServerIdentity: () => undefined });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once("error", reject);
  socket.once("close", () => reject(new Error("closed")));
  const session = http2.connect("https://waypoint", { createConnection: () => socket });
  session.on("error", reject).once("remoteSettings", () => resolve());
  try {
    await promise;
    return session;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** A tunnel of a client, and what has come out of it. */
export class Tunnel {
  readonly stream: ClientHttp2Stream;
  status = 0;
  /** What the waypoint answered. */
  head: IncomingHttpHeaders = {};
  /** What came, as latin1. */
  text = "";
  /** How it ended: `open`, `ended`, or the code of a reset. */
  ending: string | number = "open";
  #wake: () => void = () => {};

  private constructor(stream: ClientHttp2Stream) {
    this.stream = stream;
    stream.on("error", () => {});
    stream.on("data", (bytes: Buffer) => {
      this.text += bytes.toString("latin1");
      this.#wake();
    });
    stream.on("end", () => {
      if (stream.rstCode === 0) this.ending = "ended";
      this.#wake();
    });
    stream.on("close", () => {
      const { rstCode = 0 } = stream;
      if (rstCode !== 0) this.ending = rstCode;
      else if (this.ending === "open") this.ending = "ended";
      this.#wake();
    });
  }

  /** Opens one; `status` says how the waypoint answered. */
  static async open(
    session: ClientHttp2Session,
    authority: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Tunnel> {
    const head = { ":method": "CONNECT", ":authority": authority, ...headers };
    const tunnel = new Tunnel(session.request(head, { endStream: false }));
    tunnel.stream.once("response", (answer) => {
      tunnel.status = answer[":status"] ?? 0;
      tunnel.head = answer;
      tunnel.#wake();
    });
    await tunnel.#until(() => tunnel.status !== 0 || tunnel.ending !== "open");
    return tunnel;
  }

  /** Takes what comes up to and with a mark off. */
  async readUntil(mark: string): Promise<string> {
    await this.#until(() => this.text.includes(mark) || this.ending !== "open");
    const at = this.text.indexOf(mark);
    if (at < 0) throw new Error(`no ${mark} in ${this.text.slice(0, 200)}, ${this.ending}`);
    const found = this.text.slice(0, at + mark.length);
    this.text = this.text.slice(found.length);
    return found;
  }

  /** Waits until so many bytes are there, and takes them. */
  async read(length: number): Promise<string> {
    await this.#until(() => this.text.length >= length || this.ending !== "open");
    const found = this.text.slice(0, length);
    this.text = this.text.slice(length);
    return found;
  }

  /** Sends a request of HTTP/1.1; the body of the answer, behind its status. */
  async ask(path: string, body = "", headers = ""): Promise<string> {
    const method = body === "" ? "GET" : "POST";
    const length = body === "" ? "" : `content-length: ${body.length}\r\n`;
    this.stream.write(`${method} ${path} HTTP/1.1\r\nhost: a\r\n${headers}${length}\r\n`);
    if (body !== "") this.stream.write(Buffer.from(body, "latin1"));
    const head = await this.readUntil("\r\n\r\n");
    const size = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
    return `${head.slice(9, 12)} ${await this.read(size)}`;
  }

  /** Waits until it is over; says how. */
  async untilOver(): Promise<string | number> {
    await this.#until(() => this.stream.closed);
    return this.ending;
  }

  async #until(isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Each answer has the path, and the body with its length; `/large` has as many bytes as asked. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    const { url = "" } = request;
    const bytes = Buffer.concat(pieces);
    const large = /^\/large\/(\d+)$/.exec(url);
    const body =
      large === null ? `${url} ${bytes.length} ${bytes.subarray(0, 20)}` : "x".repeat(+large[1]);
    response.writeHead(200, { "content-length": body.length }).end(body);
  });
}

function openTunnels(
  certificate: TestCertificate,
  sessions: Set<http2.ServerHttp2Session>,
  serve: PodServer,
): http2.Http2SecureServer {
  const server = http2.createSecureServer({
    cert: certificate.pem,
    key: certificate.keyPem,
    ca: AUTHORITY.pem,
    requestCert: true,
    rejectUnauthorized: true,
    ALPNProtocols: ["h2"],
    settings: { enableConnectProtocol: true },
    // In megabytes: node resets new streams while those that are not read hold more.
    maxSessionMemory: 1000,
  });
  server.on("session", (session) => {
    sessionCounts.set(server, (sessionCounts.get(server) ?? 0) + 1);
    sessions.add(session);
    session.on("error", () => {}).once("close", () => sessions.delete(session));
  });
  server.on("sessionError", () => {});
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200 });
    serve(stream, headers[":authority"] ?? "", headers);
  });
  return server;
}

function listen(server: http2.Http2SecureServer): Promise<void> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
}

function portOf(server: http2.Http2SecureServer): number {
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}
