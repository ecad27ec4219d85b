import {
  ACCESS_LOG_LINES_TOTAL,
  ACCESS_LOG_REOPEN_FAILED,
  ACCESS_LOG_WRITE_DROPPED,
  ACCESS_LOG_WRITE_FAILED,
  ACCESS_LOG_WRITE_TOTAL,
} from "../../api/engine/stats.ts";
import type { LogSinkModel } from "../config/model.ts";
import type { Engine } from "../engine/engine.ts";
import { AccessLogDrain } from "../observe/access-log-drain.ts";
import { AccessLogWriter } from "../observe/access-log-writer.ts";
import { SCOPE_KIND_ACCESS_LOG } from "../observe/stat/scope-kind.ts";
import type { ScopeBlocks } from "./scope-blocks.ts";

/** Lines leave the engine at least this often, in milliseconds. */
const DRAIN_MS = 200;

/** The access logs of a worker: a writer for each sink, filled from the engine's buffers. */
export class WorkerLogs {
  readonly #engine: Engine;
  readonly #scopes: ScopeBlocks;
  readonly #writers: AccessLogWriter[] = [];
  readonly #sinks: LogSinkModel[] = [];
  #drain: AccessLogDrain;
  #timer: NodeJS.Timeout | null = null;

  constructor(engine: Engine, scopes: ScopeBlocks) {
    this.#engine = engine;
    this.#scopes = scopes;
    this.#drain = new AccessLogDrain(engine.calls, this.#writers);
    engine.calls.setZone(-new Date().getTimezoneOffset() * 60);
  }

  /** Opens writers for sinks that are new. Numbers of sinks never change, so none is closed. */
  setSinks(sinks: readonly LogSinkModel[]): void {
    for (const sink of sinks.slice(this.#sinks.length)) {
      this.#sinks.push(sink);
      const { kind, path } = sink;
      this.#writers.push(new AccessLogWriter(kind === "file" ? { kind, path } : { kind }));
    }
    this.#drain = new AccessLogDrain(this.#engine.calls, this.#writers);
    if (sinks.length === 0 || this.#timer !== null) return;
    this.#timer = setInterval(() => this.#drain.drain(), DRAIN_MS).unref();
  }

  /** Takes the lines when there are many. Hot: called after each stream. */
  drainIfFull(): void {
    if (this.#timer !== null) this.#drain.drainIfFull();
  }

  /** Opens the files anew, for log rotation. */
  reopen(): void {
    for (const writer of this.#writers) writer.reopen();
  }

  /** Brings the statistics up to date. */
  report(): void {
    for (const [index, { stats }] of this.#writers.entries()) {
      const { kind, path } = this.#sinks[index];
      const name = kind === "file" ? path : kind;
      const block = this.#scopes.address(SCOPE_KIND_ACCESS_LOG, name) >> 3;
      const { floats } = this.#engine;
      floats[block + ACCESS_LOG_WRITE_TOTAL] = stats.writeTotal;
      floats[block + ACCESS_LOG_WRITE_FAILED] = stats.writeFailed;
      floats[block + ACCESS_LOG_WRITE_DROPPED] = stats.writeDropped;
      floats[block + ACCESS_LOG_LINES_TOTAL] = stats.linesTotal;
      floats[block + ACCESS_LOG_REOPEN_FAILED] = stats.reopenFailed;
    }
  }

  /** Writes what is left and closes the files. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#drain.drain();
    await Promise.all(this.#writers.map((writer) => writer.close()));
  }
}
