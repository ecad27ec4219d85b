import { once } from "node:events";
import net from "node:net";
import { Worker } from "node:worker_threads";

/** Listens, says where, and then never returns to its event loop to accept. */
const LISTENER = `
const { parentPort } = require("node:worker_threads");
const server = require("node:net").createServer().listen(
  { port: 0, host: "127.0.0.1", backlog: 1 },
  () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
);
`;

/** A port on which nobody accepts and whose backlog is full: connecting to it never ends. */
export class FullBacklog {
  readonly port: number;
  readonly #worker: Worker;
  readonly #fillers: readonly net.Socket[];

  private constructor(port: number, worker: Worker, fillers: readonly net.Socket[]) {
    this.port = port;
    this.#worker = worker;
    this.#fillers = fillers;
  }

  static async open(): Promise<FullBacklog> {
    const worker = new Worker(LISTENER, { eval: true });
    const [port]: number[] = await once(worker, "message");
    // The kernel takes one more than the backlog says.
    const fillers = [net.connect(port, "127.0.0.1"), net.connect(port, "127.0.0.1")];
    for (const filler of fillers) filler.on("error", () => {});
    await Promise.all(fillers.map((filler) => once(filler, "connect")));
    return new FullBacklog(port, worker, fillers);
  }

  async close(): Promise<void> {
    for (const filler of this.#fillers) filler.destroy();
    await this.#worker.terminate();
  }
}
