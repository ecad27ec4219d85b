import { once } from "node:events";
import net from "node:net";
import tls, { type ConnectionOptions } from "node:tls";

/** How long an answer may take, in milliseconds; longer than the timeouts of the listeners. */
const PATIENCE_MS = 1500;
const REQUEST = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

/** Sends bytes, perhaps in pieces, and tells what comes back until the end: status and body. */
export async function sendPlain(port: number, ...pieces: (Buffer | string)[]): Promise<string> {
  const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
  const answer = readAll(socket);
  await once(socket, "connect");
  for (const piece of pieces) {
    socket.write(typeof piece === "string" ? Buffer.from(piece, "latin1") : piece);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return answer;
}

/** The same behind a header. */
export function sendRequest(port: number, header: Buffer | string): Promise<string> {
  const bytes = typeof header === "string" ? Buffer.from(header, "latin1") : header;
  return sendPlain(port, Buffer.concat([bytes, Buffer.from(REQUEST)]));
}

/** Sends a request in TLS, behind a header where there is one. */
export async function sendTls(
  port: number,
  options: ConnectionOptions,
  header = "",
): Promise<string> {
  const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  if (header !== "") socket.write(header);
  const secure = tls.connect({ socket, rejectUnauthorized: false, ...options });
  const answer = readAll(secure);
  secure.write(REQUEST);
  return answer;
}

async function readAll(socket: net.Socket): Promise<string> {
  let text = "";
  socket.setEncoding("latin1").on("data", (piece: string) => {
    text += piece;
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve("silence"), PATIENCE_MS);
  socket.on("end", () => resolve("end")).on("close", () => resolve("end"));
  socket.on("error", () => resolve("end"));
  const ending = await promise;
  clearTimeout(timer);
  socket.destroy();
  const [head, body = ""] = text.split("\r\n\r\n");
  const seen = /\r\nx-seen: (.*)/.exec(head)?.[1] ?? "";
  return `${ending} ${head.slice(0, 12)} ${body} ${seen}`.trim();
}
