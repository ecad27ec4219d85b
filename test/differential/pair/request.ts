import type { Script } from "./backend.ts";

/** A request without a body: `GET path` to host `a.test`, with more header lines. */
export function get(path: string, ...lines: string[]): string {
  return raw(`GET ${path} HTTP/1.1`, "host: a.test", ...lines);
}

/** A request with a body of a stated length. */
export function post(path: string, body: string, ...lines: string[]): string {
  const length = `content-length: ${body.length}`;
  return raw(`POST ${path} HTTP/1.1`, "host: a.test", length, ...lines) + body;
}

/** A request with a body in chunks. */
export function chunked(path: string, pieces: readonly string[], ...lines: string[]): string {
  const head = raw(`POST ${path} HTTP/1.1`, "host: a.test", "transfer-encoding: chunked", ...lines);
  const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`);
  return `${head}${chunks.join("")}0\r\n\r\n`;
}

/** The same with a trailer. */
export function trailed(path: string, pieces: readonly string[], ...lines: string[]): string {
  return `${chunked(path, pieces, ...lines).slice(0, -2)}x-trailer: 1\r\n\r\n`;
}

/** What a backend does that sends the client to another place. */
export function found(location: string | undefined, ...lines: string[]): Script {
  const where = location === undefined ? [] : [`location: ${location}`];
  const send = raw("HTTP/1.1 302 Found", ...where, ...lines, "content-length: 0");
  return { send, ending: "keep" };
}

/** A message head of these lines. */
export function raw(...lines: string[]): string {
  return `${lines.join("\r\n")}\r\n\r\n`;
}
