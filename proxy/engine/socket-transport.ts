import type { Socket } from "node:net";
import type { Engine } from "./engine.ts";
import { isTlsSocket } from "./node-tls.ts";
import { ReadGate } from "./read-gate.ts";
import type { Transport, TransportListener } from "./transport.ts";
import { OutputWriter } from "./write/output.ts";

/** A socket, in plain text or TLS, that reads into the engine's memory. */
export class SocketTransport implements Transport {
  readonly socket: Socket;
  readonly #gate: ReadGate;
  readonly #output: OutputWriter;
  #listener: TransportListener | null = null;

  /** @param socket Connected, or connecting if nothing is written before it is connected. */
  constructor(engine: Engine, socket: Socket) {
    this.socket = socket;
    this.#gate = new ReadGate(socket);
    this.#output = new OutputWriter(engine, socket, {
      onWritten: () => this.#listener?.onWritten(),
      onBroken: () => this.#listener?.onBroken(),
    });
  }

  listen(listener: TransportListener): void {
    this.#listener = listener;
    this.socket.on("error", (error: NodeJS.ErrnoException) => listener.onClosed(error));
    this.socket.on("end", () => listener.onEnd());
    this.socket.on("close", () => listener.onClosed(null));
  }

  /** The socket has read so many bytes. Hot. */
  read(bytes: number): void {
    this.#listener?.onRead(bytes);
  }

  get waitingBytes(): number {
    return this.#output.waitingBytes;
  }

  get isPaused(): boolean {
    return this.#gate.isPaused;
  }

  pause(): void {
    this.#gate.pause();
  }

  /** Hot. */
  resume(): void {
    this.#gate.resume();
  }

  /** Hot. */
  writeOutput(): void {
    this.#output.writeOutput();
  }

  writeBytes(bytes: Uint8Array): void {
    this.#output.writeBytes(bytes);
  }

  end(): void {
    this.#output.end();
  }

  whenSent(callback: () => void): void {
    if (this.socket.writableFinished) callback();
    else this.socket.once("finish", callback);
  }

  closeOutput(): void {
    this.#output.close();
  }

  destroy(): void {
    this.#output.close();
    this.socket.destroy();
  }

  reset(): void {
    this.#output.close();
    const { socket } = this;
    // Unix sockets and TLS have no reset; nor does libuv where a FIN waits behind other bytes.
    const isEnding = socket.writableEnded && !socket.writableFinished;
    if (isTlsSocket(socket) || socket.remoteFamily === undefined || isEnding) socket.destroy();
    else socket.resetAndDestroy();
  }
}
