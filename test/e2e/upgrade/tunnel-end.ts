import net from "node:net";
import type { Duplex } from "node:stream";

/** One end of a tunnel: a socket, or a stream of HTTP/2. Bytes are latin1 text. */
export class TunnelEnd {
  readonly stream: Duplex;
  #waiting = "";
  #hasEnded = false;
  #isBroken = false;
  #wake: () => void = () => {};

  /** `head` is what came with the message that opened the tunnel. */
  constructor(stream: Duplex, head: Buffer = Buffer.alloc(0)) {
    this.stream = stream;
    this.#waiting = head.toString("latin1");
    stream.on("data", (bytes: Buffer) => {
      this.#waiting += bytes.toString("latin1");
      this.#wake();
    });
    stream.on("end", () => {
      this.#hasEnded = true;
      this.#wake();
    });
    stream.on("error", () => {
      this.#isBroken = true;
      this.#wake();
    });
    stream.on("close", () => {
      this.#isBroken ||= !this.#hasEnded;
      this.#wake();
    });
  }

  write(text: string): void {
    this.stream.write(text, "latin1");
  }

  /** Sends the end; still reads. */
  end(text = ""): void {
    this.stream.end(text, "latin1");
  }

  /** Gives the tunnel up: RST, or RST_STREAM. */
  reset(): void {
    if (this.stream instanceof net.Socket) this.stream.resetAndDestroy();
    else this.stream.destroy(new Error("given up by the test"));
  }

  /** Reads so many bytes. */
  async read(length: number): Promise<string> {
    while (this.#waiting.length < length) {
      if (this.#hasEnded || this.#isBroken) {
        throw new Error(`ended after ${JSON.stringify(this.#waiting.slice(0, 100))}`);
      }
      await this.#more();
    }
    const text = this.#waiting.slice(0, length);
    this.#waiting = this.#waiting.slice(length);
    return text;
  }

  /** Reads all that comes to the end, and says whether that was none. */
  async readToEnd(): Promise<{ text: string; isBroken: boolean }> {
    while (!this.#hasEnded && !this.#isBroken) await this.#more();
    const text = this.#waiting;
    this.#waiting = "";
    return { text, isBroken: this.#isBroken };
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
