import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import type { TestCertificate } from "../../support/tls/certificate.ts";

const ANSWER = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine";
const HALF_ANSWER = "HTTP/1.1 200 OK\r\ncontent-length: 4000\r\n\r\nhalf";

/** An upstream in TLS that behaves otherwise with every connection. */
export class FickleServer {
  readonly #server: net.Server;
  readonly #open = new Set<net.Socket>();
  readonly #ways: readonly ((socket: net.Socket) => void)[];
  #count = 0;

  private constructor(own: TestCertificate, others: readonly TestCertificate[]) {
    const answers = [
      (socket: tls.TLSSocket) => void socket.write(ANSWER),
      (socket: tls.TLSSocket) => void socket.end(ANSWER),
      (socket: tls.TLSSocket) => void socket.end(HALF_ANSWER),
      (socket: tls.TLSSocket) => void socket.destroy(),
    ];
    this.#ways = [
      ...answers.map((answer) => (socket: net.Socket) => this.#secure(socket, own, answer)),
      ...others.map((other) => (socket: net.Socket) => this.#secure(socket, other, answers[0])),
      (socket) => socket.end(ANSWER),
      (socket) => socket.resetAndDestroy(),
      (socket) => void socket.once("data", () => socket.destroy()),
    ];
    this.#server = net.createServer((socket) => {
      this.#open.add(socket);
      socket.on("error", () => {}).once("close", () => this.#open.delete(socket));
      this.#ways[this.#count++ % this.#ways.length](socket);
    });
  }

  /** Listens; `others` are certificates that it has at times in place of its own. */
  static async listen(
    own: TestCertificate,
    others: readonly TestCertificate[],
  ): Promise<FickleServer> {
    const fickle = new FickleServer(own, others);
    fickle.#server.listen(0, "127.0.0.1");
    await once(fickle.#server, "listening");
    return fickle;
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  /** Closes the connections that are open. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }

  /** Shakes hands, and answers what comes. */
  #secure(
    socket: net.Socket,
    { pem, keyPem }: TestCertificate,
    answer: (socket: tls.TLSSocket) => void,
  ): void {
    const secure = new tls.TLSSocket(socket, { isServer: true, cert: pem, key: keyPem });
    secure.on("error", () => socket.destroy()).on("data", () => answer(secure));
  }
}
