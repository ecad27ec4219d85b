// Speaks HBONE, as the ztunnel of a client does: mutual TLS, HTTP/2, a CONNECT for each tunnel.
//   node ask.ts http AUTHORITY PATH...     requests, one after the other in one tunnel
//   node ask.ts h2c AUTHORITY PATH...      the same in HTTP/2, all at once
//   node ask.ts tcp AUTHORITY TEXT         bytes, until the other end closes
//   node ask.ts many AUTHORITY COUNT       so many tunnels on one connection, each with a request
// CERTIFICATE=name takes name.pem and name.key; storefront unless told, and "none" for none.
// END_USER=name sends a header `end-user`.
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import type { Duplex } from "node:stream";
import tls from "node:tls";

const WAYPOINT = { host: "127.0.0.1", port: 15008 };
const endUser = process.env.END_USER;
const HEADERS = endUser === undefined ? {} : { "end-user": endUser };

/** Opens a connection that carries tunnels. */
async function openSession(): Promise<ClientHttp2Session> {
  const name = process.env.CERTIFICATE ?? "storefront";
  const hasNone = name === "none";
  const own = hasNone
    ? {}
    : { cert: readFileSync(`${name}.pem`), key: readFileSync(`${name}.key`) };
  const socket = tls.connect({
    ...own,
    ...WAYPOINT,
    ca: readFileSync("ca.pem"),
    minVersion: "TLSv1.3",
    ALPNProtocols: ["h2"],
    // Who the waypoint is stands in a URI, not in the name of a host.
    checkServerIdentity: () => undefined,
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once("error", reject);
  socket.once("close", () => reject(new Error("the waypoint closed the connection")));
  const session = connect("https://waypoint", { createConnection: () => socket });
  session.on("error", reject).once("remoteSettings", resolve);
  await promise;
  return session;
}

/** Opens a tunnel. */
async function openTunnel(session: ClientHttp2Session, authority: string): Promise<Duplex> {
  const head = { ":method": "CONNECT", ":authority": authority };
  const tunnel: ClientHttp2Stream = session.request(head, { endStream: false });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  tunnel.once("response", (headers) => resolve(headers[":status"] ?? 0));
  tunnel.once("error", reject);
  tunnel.once("close", () => reject(new Error("the tunnel was closed")));
  const status = await promise;
  if (status !== 200) throw new Error(`the waypoint said ${status}`);
  return tunnel;
}

/** All that comes, until the end. */
function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = "";
  stream.on("data", (piece: Buffer) => {
    text += piece.toString();
  });
  stream.once("end", () => resolve(text.trim())).once("error", reject);
  return promise;
}

/** Sends requests of HTTP/1.1 through one connection, whatever carries it. */
class TunnelAgent extends Agent {
  readonly #tunnel: Duplex;

  constructor(tunnel: Duplex) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#tunnel = tunnel;
  }

  override createConnection(): Duplex {
    return this.#tunnel;
  }

  // Node's own do things to a socket that only a socket of TCP has.
  override keepSocketAlive(): boolean {
    return true;
  }

  override reuseSocket(): void {}
}

function askHttp(agent: Agent, path: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asked = request({ path, host: "reviews", headers: HEADERS, agent });
  asked.once("error", reject);
  asked.once("response", (response) => {
    readAll(response).then((body) => resolve(`${response.statusCode} ${body}`), reject);
  });
  asked.end();
  return promise;
}

async function askHttp2(inner: ClientHttp2Session, path: string): Promise<string> {
  const stream = inner.request({ ":path": path, ":authority": "reviews", ...HEADERS });
  let status = 0;
  stream.once("response", (headers) => {
    status = headers[":status"] ?? 0;
  });
  const body = await readAll(stream);
  return `${status} ${body}`;
}

async function run(how: string, authority: string, rest: readonly string[]): Promise<void> {
  const session = await openSession();
  try {
    if (how === "many") {
      const tunnels = Array.from({ length: Number(rest[0]) }, async (_, place) => {
        const agent = new TunnelAgent(await openTunnel(session, authority));
        return askHttp(agent, `/${place}`);
      });
      const answers = await Promise.all(tunnels);
      console.log(`${answers.filter((text) => text.startsWith("200 ")).length} answers`);
      return;
    }
    const tunnel = await openTunnel(session, authority);
    if (how === "tcp") {
      tunnel.write(`${rest[0]}\n`);
      tunnel.once("data", () => tunnel.end());
      console.log(await readAll(tunnel));
    } else if (how === "h2c") {
      const inner = connect("http://reviews", { createConnection: () => tunnel });
      const answers = await Promise.all(rest.map((path) => askHttp2(inner, path)));
      console.log(answers.join("\n"));
    } else {
      const agent = new TunnelAgent(tunnel);
      for (const path of rest) console.log(await askHttp(agent, path));
    }
  } finally {
    session.destroy();
  }
}

const [how = "", authority = "", ...rest] = process.argv.slice(2);
try {
  await run(how, authority, rest);
} catch (error) {
  console.log(`failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
