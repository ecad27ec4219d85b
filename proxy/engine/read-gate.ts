import type { Socket } from "node:net";

/** Stops and resumes reading from a socket; resuming what reads already costs nothing. */
export class ReadGate {
  readonly #socket: Socket;
  #isPaused = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Whether reading is stopped. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Stops reading. Node may start again by itself once, so a second call stops again. */
  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  /** Goes on reading. Hot: nearly always there is nothing to do. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }
}
