/** What a load generator sends. */
export interface LoadRequest {
  readonly method: "GET" | "POST";
  /** Taken in turn. */
  readonly paths: readonly string[];
  /** Of the request's body; 0 for none. */
  readonly bodyBytes: number;
  /** Beside those that the tools send by themselves. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The head of a request, as `wrk` would write it. */
export function renderHead(request: LoadRequest, path: string, port: number): string {
  const length = request.method === "POST" ? `Content-Length: ${request.bodyBytes}\r\n` : "";
  const added = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${request.method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`;
  return `${head}${length}${added.join("")}\r\n`;
}
