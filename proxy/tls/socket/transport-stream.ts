import { Duplex } from "node:stream";
import type { Engine } from "../../engine/engine.ts";
import type { InternalTransport } from "../../engine/internal-transport.ts";

/** Bytes that may wait at the other end before a write counts as not taken yet. */
const WAITING_BYTES_MAX = 65_536;

/**
 * A connection within the worker as node's TLS wants it: a stream. What it reads and writes is
 * cipher text.
 */
export class TransportStream extends Duplex {
  readonly #transport: InternalTransport;
  #onTaken: (() => void) | null = null;

  constructor(engine: Engine, transport: InternalTransport) {
    super({ allowHalfOpen: true });
    this.#transport = transport;
    transport.listen({
      onRead: (bytes) => {
        // The region is for the next to read.
        if (!this.push(engine.input.slice(0, bytes))) transport.pause();
      },
      onEnd: () => this.push(null),
      onWritten: () => this.#goOn(),
      // There may be something to read.
      onBroken: () => {},
      onClosed: (error) => this.destroy(error ?? undefined),
    });
  }

  override _read(): void {
    this.#transport.resume();
  }

  override _write(bytes: Uint8Array, _encoding: string, callback: () => void): void {
    this.#transport.writeBytes(bytes);
    this.#onTaken = callback;
    this.#goOn();
  }

  override _final(callback: () => void): void {
    this.#transport.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#transport.destroy();
    callback(error);
  }

  #goOn(): void {
    const onTaken = this.#onTaken;
    if (onTaken === null || this.#transport.waitingBytes > WAITING_BYTES_MAX) return;
    this.#onTaken = null;
    onTaken();
  }
}
