import type { Engine } from "../engine/engine.ts";
import type { Transport, TransportListener } from "../engine/transport.ts";

/** What a connection is told when it is accepted. */
export interface ReplySetup {
  readonly engine: Engine;
  /** Sent at once, before the connection is closed; null sends back what is received. */
  readonly body: Uint8Array | null;
  /** At which so much waits that no more is read. */
  readonly bufferBytesMax: number;
  /** The connection is gone, after so many milliseconds. */
  onClose(lengthMs: number): void;
}

/** An accepted connection that is answered here: `echo` and `direct_response`. */
export class ReplyConnection implements TransportListener {
  readonly #transport: Transport;
  readonly #setup: ReplySetup;
  readonly #openedMs = performance.now();
  #isClosed = false;
  /** All was said here: it is closed when that is sent, however long it takes, as in Envoy. */
  #isEnding = false;

  constructor(transport: Transport, setup: ReplySetup) {
    this.#transport = transport;
    this.#setup = setup;
  }

  /** Begins to answer. */
  start(): void {
    const { engine, body } = this.#setup;
    this.#transport.listen(this);
    if (body === null) return;
    for (let at = 0; at < body.length; ) {
      const piece = body.subarray(at, at + engine.input.length);
      engine.input.set(piece);
      this.#write(piece.length);
      at += piece.length;
    }
    this.#end();
  }

  /** Closes at once. */
  destroy(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#transport.destroy();
    this.#setup.onClose(performance.now() - this.#openedMs);
  }

  onRead(bytes: number): void {
    if (this.#setup.body !== null || this.#isEnding) return;
    this.#write(bytes);
    if (this.#transport.waitingBytes >= this.#setup.bufferBytesMax) this.#transport.pause();
  }

  onEnd(): void {
    this.#end();
  }

  onWritten(): void {
    if (this.#transport.waitingBytes < this.#setup.bufferBytesMax) this.#transport.resume();
  }

  onBroken(): void {
    this.destroy();
  }

  onClosed(): void {
    this.destroy();
  }

  /** Sends what is in the engine's input region. */
  #write(bytes: number): void {
    this.#setup.engine.calls.echo(bytes);
    this.#transport.writeOutput();
  }

  /** Sends what waits, then closes. */
  #end(): void {
    if (this.#isClosed || this.#isEnding) return;
    this.#isEnding = true;
    this.#transport.end();
    this.#transport.resume();
    this.#transport.whenSent(() => this.destroy());
  }
}
