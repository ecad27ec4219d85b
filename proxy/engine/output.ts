import type { Socket } from "node:net";
import type { Engine } from "./engine.ts";

/**
 * Writes the engine's output to one socket. The kernel nearly always takes it at once, and then
 * the region is free again when `write` returns. When it does not, the region belongs to the write
 * until the socket drains, and what follows is copied.
 */
export class OutputWriter {
  readonly #engine: Engine;
  readonly #socket: Socket;
  /** Regions of the engine that the kernel has not taken yet. */
  #inFlight: number[] = [];

  /** @param socket Made with `writableHighWaterMark: 1`, so that it says when it has drained. */
  constructor(engine: Engine, socket: Socket) {
    this.#engine = engine;
    this.#socket = socket;
    socket.on("drain", () => this.#releaseRegions());
    socket.on("close", () => this.#releaseRegions());
  }

  /** Bytes that wait in this process. */
  get waitingBytes(): number {
    return this.#socket.writableLength;
  }

  /** Writes the output of the engine's last event. Hot. */
  writeOutput(): void {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded) return;
    const output = this.#engine.output();
    if (socket.writableLength > 0) {
      socket.write(output.slice());
      return;
    }
    socket.write(output);
    if (socket.writableLength > 0) this.#inFlight.push(this.#engine.calls.detachOutput());
  }

  #releaseRegions(): void {
    for (const region of this.#inFlight) this.#engine.calls.release(region);
    this.#inFlight.length = 0;
  }
}
