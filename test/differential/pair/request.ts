/** A request without a body: `GET path` to host `a.test`, with more header lines. */
export function get(path: string, ...lines: string[]): string {
  return raw(`GET ${path} HTTP/1.1`, "host: a.test", ...lines);
}

/** A request with a body of a stated length. */
export function post(path: string, body: string, ...lines: string[]): string {
  const length = `content-length: ${body.length}`;
  return raw(`POST ${path} HTTP/1.1`, "host: a.test", length, ...lines) + body;
}

/** A message head of these lines. */
export function raw(...lines: string[]): string {
  return `${lines.join("\r\n")}\r\n\r\n`;
}
