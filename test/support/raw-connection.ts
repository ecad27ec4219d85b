import { once } from "node:events";
import net from "node:net";

/** A message as it came: head with its empty line, body with its framing taken off. */
export interface RawMessage {
  readonly head: string;
  readonly body: string;
}

/** One end of a connection that a test plays by hand. Bytes are latin1 text. */
export class RawConnection {
  readonly socket: net.Socket;
  #received = "";
  #end: "open" | "ended" | "broken" = "open";
  #wake: () => void = () => {};

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (bytes) => {
      this.#received += bytes.toString("latin1");
      this.#wake();
    });
    socket.on("end", () => this.#close("ended"));
    socket.on("error", () => this.#close("broken"));
    socket.on("close", () => this.#close("ended"));
  }

  /** Connects to a port of this machine, or to a Unix socket. */
  static async open(place: number | string): Promise<RawConnection> {
    const options =
      typeof place === "number" ? { port: place, host: "127.0.0.1" } : { path: place };
    const socket = net.connect({ ...options, allowHalfOpen: true });
    await once(socket, "connect");
    return new RawConnection(socket);
  }

  write(text: string): void {
    this.socket.write(text, "latin1");
  }

  /** Sends the end of the stream; still reads. */
  end(text = ""): void {
    this.socket.end(text, "latin1");
  }

  /** Closes with RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Closes both directions. */
  close(): void {
    this.socket.destroy();
  }

  /** What was received and not read yet. */
  get waiting(): string {
    return this.#received;
  }

  /** Reads up to and with `mark`. */
  async readUntil(mark: string): Promise<string> {
    for (;;) {
      const at = this.#received.indexOf(mark);
      if (at >= 0) return this.#take(at + mark.length);
      await this.#more(`"${mark}"`);
    }
  }

  /** Reads a message head with its empty line. */
  readHead(): Promise<string> {
    return this.readUntil("\r\n\r\n");
  }

  /** Reads so many bytes. */
  async read(length: number): Promise<string> {
    while (this.#received.length < length) await this.#more(`${length} bytes`);
    return this.#take(length);
  }

  /** Reads a head and the body that it announces. */
  async readMessage(): Promise<RawMessage> {
    const head = await this.readHead();
    const length = /\r\ncontent-length: (\d+)/i.exec(head);
    if (length !== null) return { head, body: await this.read(Number(length[1])) };
    if (!/\r\ntransfer-encoding: chunked/i.test(head)) return { head, body: "" };
    let body = "";
    for (;;) {
      const size = Number.parseInt(await this.readUntil("\r\n"), 16);
      if (size === 0) break;
      body += await this.read(size);
      await this.read(2);
    }
    while ((await this.readUntil("\r\n")) !== "\r\n");
    return { head, body };
  }

  /** Reads all that comes until the peer closes. Says whether it closed with an error. */
  async readToEnd(): Promise<{ text: string; isBroken: boolean }> {
    while (this.#end === "open") await this.#wait();
    return { text: this.#take(this.#received.length), isBroken: this.#end === "broken" };
  }

  #take(length: number): string {
    const text = this.#received.slice(0, length);
    this.#received = this.#received.slice(length);
    return text;
  }

  async #more(wanted: string): Promise<void> {
    if (this.#end !== "open") {
      throw new Error(`the peer closed (${this.#end}) before ${wanted}; got "${this.#received}"`);
    }
    await this.#wait();
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #close(how: "ended" | "broken"): void {
    if (this.#end === "open") this.#end = how;
    this.#wake();
  }
}
