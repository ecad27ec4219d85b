import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { HCM_STATS } from "../../api/engine/image.ts";
import { HTTP_STATS_BYTES } from "../../api/engine/stats.ts";
import type { AdminLogModel } from "../config/model.ts";
import { endsOf, writeEnds } from "../engine/ends.ts";
import { Engine } from "../engine/engine.ts";
import { AccessLogDrain } from "../observe/access-log-drain.ts";
import { AccessLogWriter } from "../observe/access-log-writer.ts";

/** One answered request, for the access log of the admin interface. */
export interface AdminLogEntry {
  readonly request: IncomingMessage;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** When it began and ended, on the clock of `performance.now`. */
  readonly startMs: number;
  readonly endMs: number;
  /** Bytes of the bodies. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/**
 * The access logs of the admin interface. Formats and filters are the engine's, as for all access
 * logs, so there is an engine on the main thread where such a log is configured.
 */
export class AdminLog {
  readonly #engine: Engine;
  readonly #writers: readonly AccessLogWriter[];
  readonly #drain: AccessLogDrain;
  /** Addresses of the engine's records of the connections that are open. */
  readonly #records = new Map<Socket, number>();
  readonly #image: number;
  readonly #manager: number;
  readonly #pipePath: string;

  /** @param pipePath Path of the Unix socket that the admin interface listens on, or nothing. */
  constructor(
    module: WebAssembly.Module,
    { image, record, sinks }: AdminLogModel,
    pipePath: string,
  ) {
    this.#pipePath = pipePath;
    this.#engine = new Engine(module);
    const { calls, bytes, words } = this.#engine;
    this.#image = calls.allocate(image.length);
    bytes.set(image, this.#image);
    this.#manager = this.#image + record;
    const stats = calls.allocate(HTTP_STATS_BYTES);
    bytes.fill(0, stats, stats + HTTP_STATS_BYTES);
    words[(this.#manager + HCM_STATS) >> 2] = stats;
    calls.setZone(-new Date().getTimezoneOffset() * 60);
    this.#writers = sinks.map(({ kind, path }) => {
      return new AccessLogWriter(kind === "file" ? { kind, path } : { kind });
    });
    this.#drain = new AccessLogDrain(calls, this.#writers);
  }

  /** Writes what the logs say of an exchange. */
  write(entry: AdminLogEntry): void {
    const { request, startMs, endMs, receivedBytes, sentBytes } = entry;
    const { calls, input } = this.#engine;
    const head = requestHead(request);
    const heads = Buffer.from(head + responseHead(entry), "latin1");
    // Node lets no head through that is a fourth of this.
    if (heads.length > input.length) return;
    input.set(heads);
    calls.logExchange(
      this.#recordOf(request.socket),
      head.length,
      heads.length - head.length,
      receivedBytes,
      sentBytes,
      startMs,
      endMs,
    );
    this.#drain.drain();
    if (request.socket.destroyed) this.#forget(request.socket);
  }

  /** Opens the files anew, for log rotation. */
  reopen(): void {
    for (const writer of this.#writers) writer.reopen();
  }

  /** Writes what waits. */
  async flush(): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer.flush()));
  }

  /** Writes what waits and closes the files. */
  async close(): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer.close()));
  }

  #recordOf(socket: Socket): number {
    const known = this.#records.get(socket);
    if (known !== undefined) return known;
    const { calls } = this.#engine;
    const record = calls.openDownstream(this.#image, this.#manager, 0, performance.now());
    writeEnds(this.#engine, record, endsOf(socket), this.#pipePath);
    this.#records.set(socket, record);
    socket.once("close", () => this.#forget(socket));
    return record;
  }

  #forget(socket: Socket): void {
    const record = this.#records.get(socket);
    if (record !== undefined) this.#engine.calls.closeConnection(record);
    this.#records.delete(socket);
  }
}

function requestHead({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    head += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`;
  }
  return `${head}\r\n`;
}

function responseHead({ status, headers }: AdminLogEntry): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} X\r\n${lines.join("")}\r\n`;
}
