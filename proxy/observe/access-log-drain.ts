import type { AccessLogWriter } from "./access-log-writer.ts";

/** Bytes of lines in the engine from which on they are taken without waiting. */
const DRAIN_BYTES = 16 * 1024;

/** What the engine exports of its access logs. */
export interface AccessLogSource {
  readonly memory: { readonly buffer: ArrayBufferLike };
  logPendingBytes(): number;
  logSinkAddress(sink: number): number;
  logSinkLength(sink: number): number;
  logSinkLines(sink: number): number;
  logSinkDropped(sink: number): number;
  logSinkClear(sink: number): void;
}

/**
 * Moves lines from the engine's buffers to their writers: when there are many, after an event, and
 * when a timer of the worker says so.
 */
export class AccessLogDrain {
  readonly #source: AccessLogSource;
  /** The writer of each sink, by its number. */
  readonly #writers: readonly AccessLogWriter[];
  readonly #bytes: Uint8Array;

  constructor(source: AccessLogSource, writers: readonly AccessLogWriter[]) {
    this.#source = source;
    this.#writers = writers;
    // The engine's memory never grows, so this view stays valid.
    this.#bytes = new Uint8Array(source.memory.buffer);
  }

  /** Takes the lines if there are many. Hot: called after each event of the engine. */
  drainIfFull(): void {
    if (this.#source.logPendingBytes() >= DRAIN_BYTES) this.drain();
  }

  /** Takes all lines. */
  drain(): void {
    if (this.#source.logPendingBytes() === 0) return;
    for (const [sink, writer] of this.#writers.entries()) this.#drainSink(sink, writer);
  }

  #drainSink(sink: number, writer: AccessLogWriter): void {
    const length = this.#source.logSinkLength(sink);
    if (length === 0) return;
    const address = this.#source.logSinkAddress(sink);
    const lines = this.#bytes.subarray(address, address + length);
    writer.write(lines, this.#source.logSinkLines(sink));
    writer.stats.writeDropped += this.#source.logSinkDropped(sink);
    this.#source.logSinkClear(sink);
  }
}
