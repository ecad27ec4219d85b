import { chmod } from "node:fs/promises";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { clearSocketPath, isAbstract, toSystemPath } from "../engine/socket-path.ts";
import type { AdminLogEntry } from "./admin-log.ts";
import { ABSENT_ENDPOINTS, type AbsentEndpoint } from "./absent-endpoints.ts";
import { type AdminEndpoint, formatHelp } from "./endpoint.ts";
import { ADMIN_ENDPOINTS } from "./endpoints.ts";
import { AdminProblem, type AdminReply, textReply } from "./reply.ts";
import { refuseMutation } from "./request-guard.ts";
import type { AdminAddress, AdminSource } from "./source.ts";

/**
 * An `import` of node:http reads all its properties, one of which loads Node's fetch and 20 MB with
 * it. This way does not.
 */
const { createServer } = process.getBuiltinModule("node:http");

/** Longest body of a form that is read. */
export const FORM_BYTES_MAX = 65_536;

/** How long `close` waits for answers that are due. */
const CLOSE_MS = 1000;

/** How the admin interface is opened. */
export interface AdminOptions {
  readonly source: AdminSource;
  /** The bootstrap's admin.address. Port 0 lets the system choose; `@name` is abstract. */
  readonly address: AdminAddress;
  /** Logs each exchange; absent where there is no log. */
  readonly writeLog?: ((entry: AdminLogEntry) => void) | undefined;
  /** Told of what went wrong inside an endpoint; whoever asked gets a 500 without details. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Permission bits of a pipe: admin.address.pipe.mode. */
  readonly pipeMode?: number | undefined;
}

/** The admin interface: HTTP/1.1 on one address, on the main thread. */
export class AdminServer {
  readonly #options: AdminOptions;
  readonly #server: Server;

  private constructor(options: AdminOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      void this.#onRequest(request, response);
    });
  }

  /**
   * Opens the interface. It listens where the configuration says and nowhere else.
   *
   * @throws Error from node:net if the address cannot be had.
   */
  static async open(options: AdminOptions): Promise<AdminServer> {
    const admin = new AdminServer(options);
    const { address, pipeMode } = options;
    const isFile = address.kind === "pipe" && !isAbstract(address.path);
    if (isFile) await clearSocketPath(address.path);
    const where =
      address.kind === "pipe"
        ? { path: toSystemPath(address.path) }
        : { host: address.address, port: address.port };
    await new Promise<void>((resolve, reject) => {
      admin.#server.once("error", reject);
      admin.#server.listen(where, () => {
        admin.#server.off("error", reject);
        resolve();
      });
    });
    if (isFile && pipeMode) await chmod(address.path, pipeMode);
    return admin;
  }

  /** Where it listens, with the port that the system chose. */
  get address(): AdminAddress {
    const bound = this.#server.address();
    if (bound === null || typeof bound === "string") return this.#options.address;
    return { kind: "socket", address: bound.address, port: bound.port };
  }

  /** Stops listening and ends idle connections at once, and those with an answer due soon after. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.#server.closeAllConnections(), CLOSE_MS).unref();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
    });
    clearTimeout(timer);
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startMs = performance.now();
    const form = await readForm(request);
    const reply = form === null ? FORM_TOO_LARGE : await this.#reply(request, form.text);
    const body = Buffer.from(reply.body);
    const headers = {
      ...HEADERS,
      "content-type": reply.contentType,
      "content-length": `${body.length}`,
    };
    response.writeHead(reply.status, headers);
    response.end(body);
    response.once("close", () => {
      this.#options.writeLog?.({
        request,
        status: reply.status,
        headers,
        startMs,
        endMs: performance.now(),
        receivedBytes: form === null ? 0 : form.bytes,
        sentBytes: request.method === "HEAD" ? 0 : body.length,
      });
      reply.afterwards?.();
    });
  }

  async #reply(request: IncomingMessage, form: string): Promise<AdminReply> {
    const method = request.method ?? "GET";
    const [path, query = ""] = splitOnce(request.url ?? "/", "?");
    const endpoint = ALL_ENDPOINTS.get(path);
    if (endpoint === undefined)
      return textReply(`invalid path. ${formatHelp(ADMIN_ENDPOINTS)}`, 404);
    if (endpoint.isMutation && method !== "POST") {
      return textReply(`Method ${method} not allowed, POST required.\n`, 405);
    }
    if (!METHODS.has(method)) return textReply(`Method ${method} not allowed.\n`, 405);
    if ("reason" in endpoint) {
      return textReply(`${path} is not implemented: ${endpoint.reason}.\n`, 501);
    }
    const reason = endpoint.isMutation
      ? refuseMutation(request.headers, this.#options.address.kind === "pipe")
      : null;
    if (reason !== null) return textReply(`${reason}\n`, 403);
    const parameters = new URLSearchParams(`${query}&${form}`);
    try {
      return await endpoint.reply({ method, path, parameters }, this.#options.source);
    } catch (error) {
      // The main thread serves more than this: a broken page must not end it.
      if (error instanceof AdminProblem) return textReply(error.message, error.status);
      this.#options.onError?.(error);
      return textReply("The page could not be made; the log says why.\n", 500);
    }
  }
}

const ALL_ENDPOINTS: ReadonlyMap<string, AdminEndpoint | AbsentEndpoint> = new Map(
  [...ADMIN_ENDPOINTS, ...ABSENT_ENDPOINTS].map((endpoint) => [endpoint.path, endpoint]),
);

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST"]);

const FORM_TOO_LARGE = textReply(`A form has at most ${FORM_BYTES_MAX} bytes.\n`, 413);

/** On every answer. The page has no script, and none may be slipped into it. */
const HEADERS = {
  "cache-control": "no-cache, max-age=0",
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; " +
    "frame-ancestors 'none'; base-uri 'none'",
  server: "causeway",
  "x-content-type-options": "nosniff",
};

/** Reads the body to its end and keeps that of a submitted form; null when that is too long. */
async function readForm(request: IncomingMessage): Promise<{ text: string; bytes: number } | null> {
  const type = request.headers["content-type"]?.split(";")[0].trim().toLowerCase();
  const isForm = type === "application/x-www-form-urlencoded";
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      bytes += chunk.length;
      if (isForm && bytes <= FORM_BYTES_MAX) chunks.push(chunk);
    }
  } catch {
    // The other side went away. The answer goes nowhere, and does no harm.
  }
  if (isForm && bytes > FORM_BYTES_MAX) return null;
  return { text: Buffer.concat(chunks).toString(), bytes };
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
