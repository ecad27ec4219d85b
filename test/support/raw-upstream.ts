import { once } from "node:events";
import net from "node:net";
import { RawConnection } from "./raw-connection.ts";

/** What a server does with a request. */
export type Answer = (
  head: string,
  connection: RawConnection,
  body: string,
) => void | Promise<void>;

/** A server whose connections a test plays by hand, in the order in which they come. */
export class RawUpstream {
  readonly #server: net.Server;
  readonly #accepted: RawConnection[] = [];
  readonly #open = new Set<RawConnection>();
  readonly #waiting: ((connection: RawConnection) => void)[] = [];

  private constructor(server: net.Server) {
    this.#server = server;
    server.on("connection", (socket) => this.#onConnection(new RawConnection(socket)));
  }

  /** Listens on a free port of this machine, or on a Unix socket. */
  static async listen(path?: string): Promise<RawUpstream> {
    const server = net.createServer({ allowHalfOpen: true });
    const upstream = new RawUpstream(server);
    if (path === undefined) server.listen(0, "127.0.0.1");
    else server.listen(path);
    await once(server, "listening");
    return upstream;
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  /** How many connections came and were not taken by `accept`. */
  get acceptableCount(): number {
    return this.#accepted.length;
  }

  /** The next connection. */
  accept(): Promise<RawConnection> {
    const connection = this.#accepted.shift();
    if (connection !== undefined) return Promise.resolve(connection);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Serves every connection to come with `answer`, which gets one request after another. */
  serve(answer: Answer): void {
    void this.accept().then((connection) => {
      this.serve(answer);
      void serveOne(connection, answer);
    });
  }

  /** Closes the connections that are open, those that tests hold included; goes on listening. */
  cut(): void {
    for (const connection of this.#open) connection.close();
  }

  /** Closes what is open, connections that tests hold included. */
  close(): void {
    this.cut();
    this.#server.close();
  }

  #onConnection(connection: RawConnection): void {
    this.#open.add(connection);
    connection.socket.once("close", () => this.#open.delete(connection));
    const taker = this.#waiting.shift();
    if (taker === undefined) this.#accepted.push(connection);
    else taker(connection);
  }
}

async function serveOne(connection: RawConnection, answer: Answer): Promise<void> {
  try {
    for (;;) {
      const { head, body } = await connection.readMessage();
      await answer(head, connection, body);
    }
  } catch {
    // The proxy closed the connection, which ends what there is to serve.
    connection.close();
  }
}
