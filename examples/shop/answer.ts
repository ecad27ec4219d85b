import type { IncomingMessage, ServerResponse } from "node:http";

/** What a route of a sample service gives back. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as HTML, anything else as JSON. */
  readonly body: unknown;
}

/** Sends an answer, marked with the name of the service that made it. */
export function sendAnswer(response: ServerResponse, service: string, answer: Answer): void {
  const isText = typeof answer.body === "string";
  const text = isText ? `${answer.body}` : `${JSON.stringify(answer.body, null, 2)}\n`;
  response.writeHead(answer.status ?? 200, {
    "content-type": isText ? "text/html; charset=utf-8" : "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "x-shop-service": service,
    ...answer.headers,
  });
  response.end(text);
}

/** Path and query of a request. */
export function readUrl(request: IncomingMessage): URL {
  // Node gives the target as it stands on the wire; a base makes it a whole URL.
  return new URL(request.url ?? "/", "http://shop.internal");
}

/** The answer to a path that a service does not have. */
export function notFound(path: string): Answer {
  return { status: 404, body: { error: `there is nothing at ${path}` } };
}
