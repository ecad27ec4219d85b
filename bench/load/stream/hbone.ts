import { readFileSync } from "node:fs";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { TLS_CIPHER_SUITE, toClientPaths } from "../../config/tls-files.ts";
import { renderHead } from "../request.ts";
import { ResponseReader } from "../response-reader.ts";

/** A service, as a ztunnel names it; the proxy of the bench sends all to its one backend. */
const AUTHORITY = "10.96.0.10:80";

/** How long a silent proxy is waited for. */
const TIMEOUT_MS = 2000;

/** Opens a connection of HBONE: HTTP/2 in mutual TLS. Its errors are for the caller to watch. */
export function connectHbone(port: number, tlsFolder: string): ClientHttp2Session {
  const { certificate, key } = toClientPaths(tlsFolder);
  return connect(`https://127.0.0.1:${port}`, {
    ...{ cert: readFileSync(certificate), key: readFileSync(key), rejectUnauthorized: false },
    ...{ minVersion: "TLSv1.3", ciphers: TLS_CIPHER_SUITE },
  });
}

/** Opens a stream through which bytes go to the service; fails where the proxy refuses. */
export function openTunnel(session: ClientHttp2Session): Promise<ClientHttp2Stream> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":method": "CONNECT", ":authority": AUTHORITY });
    stream.once("error", reject);
    stream.once("close", () => reject(new Error("the tunnel was closed")));
    stream.once("response", ({ ":status": status }) => {
      if (status === 200) resolve(stream);
      else reject(new Error(`CONNECT was answered with ${status}`));
    });
  });
}

/** The status of the answer to one GET through a tunnel of its own. */
export async function askInTunnel(port: number, path: string, tlsFolder: string): Promise<number> {
  const session = connectHbone(port, tlsFolder);
  session.setTimeout(TIMEOUT_MS, () => session.destroy());
  try {
    const failure = new Promise<never>((_resolve, reject) => session.once("error", reject));
    return await Promise.race([failure, ask(session, path, port)]);
  } finally {
    session.destroy();
  }
}

async function ask(session: ClientHttp2Session, path: string, port: number): Promise<number> {
  const stream = await openTunnel(session);
  const reader = new ResponseReader();
  stream.write(renderHead({ method: "GET", paths: [], bodyBytes: 0, headers: {} }, path, port));
  for await (const bytes of stream) {
    if (reader.receive(bytes) > 0) return reader.status;
  }
  return 0;
}
