import type { TLSSocket } from "node:tls";
import type { Engine } from "../engine/engine.ts";
import type { TransportStream } from "../tls/socket/transport-stream.ts";
import { Deadline, type DeadlineQueue } from "../timer/deadline.ts";
import type { ServerTls } from "../tls/server-tls.ts";
import { receiveTls } from "../tls/socket/tls-socket.ts";
import type { AcceptedHandle } from "./accepting-server.ts";

/** What a handshake needs of its worker. */
export interface HandshakeSetting {
  readonly engine: Engine;
  readonly deadlines: DeadlineQueue;
  /** How long it may take, in milliseconds; 0 is for ever. */
  readonly timeoutMs: number;
  /** What was read before: the front of what the client has sent. */
  readonly received?: Uint8Array | undefined;
}

/** How a handshake ends. One of them is called, once. */
export interface HandshakeOutcome {
  /** Returns who gets the bytes that are read from then on. */
  onSecure(socket: TLSSocket, isValidated: boolean): (bytes: number) => void;
  onFailed(isTimeout: boolean): void;
}

/** A connection that was accepted and has not finished its TLS handshake. */
export class PendingHandshake {
  readonly #socket: TLSSocket;
  readonly #deadline: Deadline;
  readonly #outcome: HandshakeOutcome;
  #isOver = false;

  /** Begins the handshake. */
  constructor(
    tls: ServerTls,
    handle: AcceptedHandle | TransportStream,
    { engine, deadlines, timeoutMs, received }: HandshakeSetting,
    outcome: HandshakeOutcome,
  ) {
    this.#outcome = outcome;
    this.#deadline = new Deadline(() => this.#fail(true));
    if (timeoutMs > 0) deadlines.start(this.#deadline, timeoutMs, performance.now());
    let onRead: (bytes: number) => void = () => {};
    const reader = { input: engine.input, onRead: (bytes: number) => onRead(bytes) };
    this.#socket = tls.accept(handle, reader, {
      onSecure: (isValidated) => {
        if (!this.#end()) return;
        onRead = outcome.onSecure(this.#socket, isValidated);
      },
      onFailed: () => this.#fail(false),
    });
    if (received === undefined || received.length === 0) return;
    // Node begins to read in a tick of its own, so nothing overtakes what was read before.
    process.nextTick(() => {
      if (!this.#isOver) receiveTls(this.#socket, received);
    });
  }

  /** Breaks it off. */
  destroy(): void {
    this.#fail(false);
  }

  #fail(isTimeout: boolean): void {
    if (!this.#end()) return;
    this.#socket.destroy();
    this.#outcome.onFailed(isTimeout);
  }

  /** True the first time. */
  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#deadline.cancel();
    return true;
  }
}
