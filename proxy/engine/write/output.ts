import type { Socket } from "node:net";
import { findWritableHandle } from "./find-handle.ts";
import type { WritableHandle, WriteRequest } from "./writable-handle.ts";

/**
 * Regions of 128 KiB that the writes of one worker may hold; what comes after is copied. All of
 * them together fit in the memory that the engine keeps spare.
 */
const REGIONS_HELD_MAX = 64;

/** Where output comes from: the engine. */
export interface OutputSource {
  /** The output of the last event. */
  output(): Uint8Array;
  /** How many regions are held by writes. */
  readonly regionsHeld: number;
  /** Takes the region of the present output out of use. Returns its address. */
  holdRegion(): number;
  /** Gives it back. */
  releaseRegion(region: number): void;
}

/** Who hears how writing goes. */
export interface OutputListener {
  /** Some of what waited is with the kernel. Not called for output that never waited. */
  onWritten(): void;
  /**
   * Writing failed, also because the socket was closed: nothing more can be sent. A socket is left
   * open, since it may be read. Never called from within `writeOutput`.
   */
  onBroken(): void;
}

/**
 * Writes the engine's output to one socket. The kernel nearly always takes it at once, and then
 * the region is free again when the write returns. When it does not, libuv reads from the region
 * later: the region belongs to that write until it ends, which it also does when the socket is
 * closed. What follows meanwhile is copied, so that small outputs do not hold large regions.
 *
 * Output goes to the handle of the socket, past `Writable`: see `findWritableHandle`.
 */
export class OutputWriter {
  readonly #engine: OutputSource;
  readonly #socket: Socket;
  readonly #listener: OutputListener;
  #handle: WritableHandle | null = null;
  #waitingBytes = 0;
  #isOpen = true;
  #hasEnded = false;
  #endsWhenSent = false;

  /** @param socket Connected, or connecting if nothing is written before it is connected. */
  constructor(engine: OutputSource, socket: Socket, listener: OutputListener) {
    this.#engine = engine;
    this.#socket = socket;
    this.#listener = listener;
  }

  /** Bytes of the writes that have not ended: at least those that the kernel has not taken. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Writes the output of the engine's last event. Hot: allocates one view. */
  writeOutput(): void {
    if (!this.#isOpen) return;
    const output = this.#engine.output();
    this.#handle ??= findWritableHandle(this.#socket);
    const handle = this.#handle;
    if (handle === null) {
      this.#writeToSocket(output.slice());
      return;
    }
    if (this.#waitingBytes > 0 || this.#engine.regionsHeld >= REGIONS_HELD_MAX) {
      const copy = output.slice();
      this.#settle(handle.writeBuffer(null, copy), copy, false);
      return;
    }
    const result = handle.writeBuffer(null, output);
    if (result !== 0) this.#settle(result, output, handle.isDoneWithBytes !== true);
  }

  /** Writes bytes from anywhere, which nobody changes any more. */
  writeBytes(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    this.#handle ??= findWritableHandle(this.#socket);
    if (this.#handle === null) this.#writeToSocket(bytes);
    else this.#settle(this.#handle.writeBuffer(null, bytes), bytes, false);
  }

  /** Sends what waits and then the end of the stream. Later output is dropped. */
  end(): void {
    this.#isOpen = false;
    // Once is enough, and of a second one Node makes an error that nobody hears.
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    // The socket does not know of writes past it, and TLS ends with a record of its own.
    if (this.#waitingBytes > 0) this.#endsWhenSent = true;
    else this.#socket.end();
  }

  /** Drops later output. The owner closes the socket. */
  close(): void {
    this.#isOpen = false;
  }

  #settle(result: number | WriteRequest, bytes: Uint8Array, isRegion: boolean): void {
    if (result === 0) return;
    if (typeof result === "number") {
      // Later, as with errors that Node reports: the writer is in the middle of something.
      this.#isOpen = false;
      process.nextTick(() => this.#listener.onBroken());
      return;
    }
    const region = isRegion ? this.#engine.holdRegion() : 0;
    const { length } = bytes;
    this.#waitingBytes += length;
    result.buffer = bytes;
    result.oncomplete = (status) => this.#onComplete(status, length, region);
    const { writeStatus } = result;
    if (typeof writeStatus === "number") result.oncomplete(writeStatus);
  }

  #writeToSocket(copy: Uint8Array): void {
    const { length } = copy;
    this.#waitingBytes += length;
    const onEnd = (error?: Error | null): void => {
      this.#onComplete(error === null || error === undefined ? 0 : -1, length, 0);
    };
    this.#socket.write(copy, onEnd);
  }

  #onComplete(status: number, length: number, region: number): void {
    this.#waitingBytes -= length;
    if (region !== 0) this.#engine.releaseRegion(region);
    if (status >= 0) {
      if (this.#endsWhenSent && this.#waitingBytes === 0) this.#socket.end();
      this.#listener.onWritten();
      return;
    }
    this.#isOpen = false;
    this.#listener.onBroken();
  }
}
