import assert from "node:assert/strict";
import net from "node:net";
import { type PlainRequest, readRequests } from "./plain-request.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/** What the backend says to a request. */
export interface BackendAnswer {
  readonly bytes: string;
  /** Whether it closes the connection behind it. */
  readonly closes?: boolean;
}

/** A backend that records every byte, and answers each request that it understands. */
export class RecordingBackend {
  readonly #server: net.Server;
  #connections: { text: string; answered: number; isOpen: boolean }[] = [];
  #sockets = new Set<net.Socket>();
  #answer: BackendAnswer = { bytes: OK };
  /** The first thing that a proxy should not have sent. */
  #fault: unknown = null;

  private constructor() {
    this.#server = net.createServer((socket) => this.#onConnection(socket));
  }

  /** Listens on a free port of this machine. */
  static async open(): Promise<RecordingBackend> {
    const backend = new RecordingBackend();
    const { promise, resolve } = Promise.withResolvers<void>();
    backend.#server.listen(0, "127.0.0.1", resolve);
    await promise;
    return backend;
  }

  get port(): number {
    const address = this.#server.address();
    assert.ok(address !== null && typeof address === "object");
    return address.port;
  }

  /** Forgets all requests, and says what to answer from now on. */
  reset(answer: BackendAnswer = { bytes: OK }): void {
    this.#connections = this.#connections.filter(({ isOpen }) => isOpen);
    for (const connection of this.#connections) {
      connection.text = "";
      connection.answered = 0;
    }
    this.#answer = answer;
    this.#fault = null;
  }

  /** The whole requests since `reset`, over all connections. Throws for what was no request. */
  get requests(): PlainRequest[] {
    if (this.#fault !== null) throw this.#fault;
    return this.#connections.flatMap(({ text }) => [...readRequests(text).requests]);
  }

  /** Every byte since `reset`. */
  get text(): string {
    return this.#connections.map(({ text }) => text).join("");
  }

  /** Connections that are open. */
  get openCount(): number {
    return this.#sockets.size;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #onConnection(socket: net.Socket): void {
    const connection = { text: "", answered: 0, isOpen: true };
    this.#connections.push(connection);
    this.#sockets.add(socket);
    socket.on("close", () => {
      connection.isOpen = false;
      this.#sockets.delete(socket);
    });
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes) => {
      connection.text += bytes.toString("latin1");
      try {
        const { requests } = readRequests(connection.text);
        for (; connection.answered < requests.length; connection.answered++) this.#reply(socket);
      } catch (error) {
        this.#fault ??= error;
        socket.destroy();
      }
    });
  }

  #reply(socket: net.Socket): void {
    const { bytes, closes } = this.#answer;
    socket.write(bytes, "latin1");
    if (closes === true) socket.end();
  }
}
