import type { Socket } from "node:net";
import { endsOfHandle } from "../../engine/ends.ts";
import type { Engine } from "../../engine/engine.ts";
import { openSocket } from "../../engine/socket.ts";
import { ConnectionFacts } from "../../listener/connection-facts.ts";
import type { AcceptedHandle } from "../accepting-server.ts";

/** Who hears of what a connection sends before it has a filter chain. */
export interface IncomingListener {
  /** The bytes are valid during the call. */
  onBytes(bytes: Uint8Array): void;
  /** The peer sends no more, or is gone. */
  onGone(): void;
}

/**
 * A connection that was accepted and has no filter chain yet. It gets a socket only when its bytes
 * are asked for; the socket then serves on, or gives its handle to TLS.
 */
export class IncomingConnection {
  readonly facts: ConnectionFacts;
  readonly handle: AcceptedHandle;
  /** Path of the Unix socket that accepted it, or empty. */
  readonly pipePath: string;
  /** What was received and belongs to the connection. */
  bytes: Uint8Array = new Uint8Array(0);
  readonly #engine: Engine;
  #socket: Socket | null = null;
  #listener: IncomingListener | null = null;
  #onRead: ((bytes: number) => void) | null = null;
  readonly #onGone = (): void => this.#listener?.onGone();

  constructor(engine: Engine, handle: AcceptedHandle, pipePath: string) {
    this.#engine = engine;
    this.handle = handle;
    this.pipePath = pipePath;
    this.facts = new ConnectionFacts(endsOfHandle(handle));
  }

  /** Has somebody hear what is sent from now on. */
  listen(listener: IncomingListener): void {
    this.#listener = listener;
    if (this.#socket !== null) return;
    const { input } = this.#engine;
    const socket = openSocket(this.#engine, this.handle, (bytes) => {
      if (this.#onRead !== null) this.#onRead(bytes);
      else this.#listener?.onBytes(input.subarray(0, bytes));
    });
    socket.on("error", this.#onGone).on("end", this.#onGone).on("close", this.#onGone);
    this.#socket = socket;
  }

  /** The socket, to be read in plain text by who takes it. `bytes` are to be worked on first. */
  takeSocket(onRead: (bytes: number) => void): Socket {
    const socket = this.#leaveSocket();
    this.#onRead = onRead;
    return socket ?? openSocket(this.#engine, this.handle, onRead);
  }

  /** The bare handle, which nobody reads any more. `bytes` are to be worked on first. */
  takeHandle(): AcceptedHandle {
    const socket = this.#leaveSocket();
    if (socket === null) return this.handle;
    const readStop: unknown = Reflect.get(this.handle, "readStop");
    if (typeof readStop === "function") Reflect.apply(readStop, this.handle, []);
    Reflect.set(this.handle, "reading", false);
    // What the socket does from then on does not reach the handle.
    Reflect.set(socket, "_handle", null);
    return this.handle;
  }

  /** Closes it. */
  close(): void {
    const socket = this.#leaveSocket();
    if (socket === null) this.handle.close();
    else socket.on("error", () => {}).destroy();
  }

  #leaveSocket(): Socket | null {
    const socket = this.#socket;
    this.#socket = null;
    this.#listener = null;
    socket?.off("error", this.#onGone).off("end", this.#onGone).off("close", this.#onGone);
    return socket;
  }
}
