import type { Socket } from "node:net";
import { endsOfHandle } from "../../engine/ends.ts";
import type { Engine } from "../../engine/engine.ts";
import { openSocket } from "../../engine/socket.ts";
import { SocketTransport } from "../../engine/socket-transport.ts";
import type { Transport } from "../../engine/transport.ts";
import { ConnectionFacts } from "../../listener/connection-facts.ts";
import type { AcceptedHandle } from "../accepting-server.ts";
import type { Incoming, IncomingListener } from "./incoming.ts";

/**
 * A connection that was accepted and has no filter chain yet. It gets a socket only when its bytes
 * are asked for; the socket then serves on, or gives its handle to TLS.
 */
export class IncomingConnection implements Incoming {
  readonly origin = null;
  readonly facts: ConnectionFacts;
  readonly handle: AcceptedHandle;
  readonly pipePath: string;
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

  takeTransport(): Transport {
    let transport: SocketTransport | null = null;
    const onRead = (bytes: number): void => transport?.read(bytes);
    const left = this.#leaveSocket();
    this.#onRead = onRead;
    const socket = left ?? openSocket(this.#engine, this.handle, onRead);
    transport = new SocketTransport(this.#engine, socket);
    return transport;
  }

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
