import type { Transport } from "./transport.ts";

/** The transport of a connection that could not be made. */
export class DeadTransport implements Transport {
  readonly waitingBytes = 0;
  readonly isPaused = false;

  listen(): void {}

  read(): void {}

  pause(): void {}

  resume(): void {}

  writeOutput(): void {}

  writeBytes(): void {}

  end(): void {}

  whenSent(callback: () => void): void {
    callback();
  }

  closeOutput(): void {}

  destroy(): void {}

  reset(): void {}
}
