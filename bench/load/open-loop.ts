// The open loop. Request number i is due at i / rate, whatever became of those before it, and its
// latency runs from that moment: a proxy that stalls is charged for every request that fell due
// meanwhile (no coordinated omission). A request that finds no free connection waits for one, on
// the clock. Between two due times the loop spins, for timers are too coarse (and
// naps of 50 µs doubled the median), so it wants a core to itself; it reports how late it was.
import { connect, type Socket } from "node:net";
import { Histogram } from "./histogram.ts";
import { ResponseReader } from "./response-reader.ts";

/** One open-loop run against 127.0.0.1. */
export interface OpenLoopOptions {
  readonly port: number;
  readonly path: string;
  readonly connectionCount: number;
  readonly ratePerSecond: number;
  /** Requests that fall due in this time are sent, but not counted. */
  readonly warmupMs: number;
  readonly countedMs: number;
}

/** What came of it; latencies in microseconds. */
export interface OpenLoopResult {
  readonly completedCount: number;
  /** Another status than 200, or a connection that broke. */
  readonly failedCount: number;
  /** Still unanswered when the grace time was over; counted as that old. */
  readonly unfinishedCount: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maximumUs: number;
  /** How long after its due time the generator sent a request that had a free connection. */
  readonly lateP99Us: number;
}

interface Connection {
  readonly socket: Socket;
  readonly reader: ResponseReader;
  /** Number of the request under way, -1 for none. */
  request: number;
}

/** How long answers are awaited after the last request fell due. */
const GRACE_MS = 2000;

/** Runs once, in this process, which should do nothing else. */
export async function runOpenLoop(options: OpenLoopOptions): Promise<OpenLoopResult> {
  return new OpenLoop(options).run();
}

class OpenLoop {
  readonly #options: OpenLoopOptions;
  readonly #latencies = new Histogram();
  readonly #lateness = new Histogram();
  readonly #free: Connection[] = [];
  readonly #open = new Set<Connection>();
  readonly #head: Buffer;
  readonly #countedFrom: number;
  readonly #requestCount: number;
  #startedMs = 0;
  #sentCount = 0;
  #failedCount = 0;
  #dueCount = 0;

  constructor(options: OpenLoopOptions) {
    this.#options = options;
    const { port, path, ratePerSecond, warmupMs, countedMs } = options;
    this.#head = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    this.#countedFrom = Math.floor((ratePerSecond * warmupMs) / 1000);
    this.#requestCount = Math.floor((ratePerSecond * (warmupMs + countedMs)) / 1000);
  }

  async run(): Promise<OpenLoopResult> {
    const { connectionCount } = this.#options;
    for (let index = 0; index < connectionCount; index += 1) await this.#connect();
    this.#startedMs = performance.now();
    await new Promise<void>((resolve) => this.#turn(resolve));
    const unfinishedCount = this.#countUnfinished();
    for (const { socket } of this.#open) socket.destroy();
    return {
      completedCount: this.#latencies.count - unfinishedCount,
      failedCount: this.#failedCount,
      unfinishedCount,
      p50Us: this.#latencies.quantileUs(0.5),
      p99Us: this.#latencies.quantileUs(0.99),
      p999Us: this.#latencies.quantileUs(0.999),
      maximumUs: this.#latencies.maximumUs,
      lateP99Us: this.#lateness.quantileUs(0.99),
    };
  }

  /** Sends what is due, and comes back in the next turn of the event loop until all is over. */
  #turn(finish: () => void): void {
    const elapsedMs = performance.now() - this.#startedMs;
    const due = Math.ceil((elapsedMs * this.#options.ratePerSecond) / 1000);
    this.#dueCount = Math.min(due, this.#requestCount);
    while (this.#sentCount < this.#dueCount && this.#free.length > 0) {
      const connection = this.#free.pop();
      if (connection !== undefined) this.#send(connection, true);
    }
    const isOver = this.#sentCount === this.#requestCount && this.#free.length === this.#open.size;
    const endMs = this.#dueMs(this.#requestCount) + GRACE_MS;
    if (isOver || elapsedMs > endMs || this.#open.size === 0) finish();
    else setImmediate(() => this.#turn(finish));
  }

  #send(connection: Connection, wasFree: boolean): void {
    connection.request = this.#sentCount;
    this.#sentCount += 1;
    connection.socket.write(this.#head);
    if (wasFree && connection.request >= this.#countedFrom) {
      this.#lateness.record(this.#ageUs(connection.request));
    }
  }

  #receive(connection: Connection, bytes: Buffer): void {
    const { reader } = connection;
    if (reader.receive(bytes) === 0) return;
    if (reader.status !== 200) this.#failedCount += 1;
    else if (connection.request >= this.#countedFrom) {
      this.#latencies.record(this.#ageUs(connection.request));
    }
    connection.request = -1;
    if (this.#sentCount < this.#dueCount) this.#send(connection, false);
    else this.#free.push(connection);
  }

  /** Requests that fell due and have no answer count as old as they are, sent or not. */
  #countUnfinished(): number {
    const counted = this.#latencies.count;
    for (const { request } of this.#open) {
      if (request >= this.#countedFrom) this.#latencies.record(this.#ageUs(request));
    }
    const firstUnsent = Math.max(this.#sentCount, this.#countedFrom);
    for (let request = firstUnsent; request < this.#dueCount; request += 1) {
      this.#latencies.record(this.#ageUs(request));
    }
    return this.#latencies.count - counted;
  }

  #dueMs(request: number): number {
    return (request * 1000) / this.#options.ratePerSecond;
  }

  #ageUs(request: number): number {
    return (performance.now() - this.#startedMs - this.#dueMs(request)) * 1000;
  }

  #connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      const reader = new ResponseReader();
      const onRead = (length: number, buffer: Uint8Array) => {
        this.#receive(connection, Buffer.from(buffer.buffer, 0, length));
        return true;
      };
      const socket = connect({
        ...{ host: "127.0.0.1", port: this.#options.port, noDelay: true },
        onread: { buffer: new Uint8Array(65_536), callback: onRead },
      });
      const connection: Connection = { socket, reader, request: -1 };
      socket.once("error", reject);
      socket.once("connect", () => {
        this.#open.add(connection);
        this.#free.push(connection);
        resolve();
      });
      socket.once("close", () => this.#forget(connection));
    });
  }

  #forget(connection: Connection): void {
    this.#open.delete(connection);
    const index = this.#free.indexOf(connection);
    if (index >= 0) this.#free.splice(index, 1);
    if (connection.request >= 0) this.#failedCount += 1;
  }
}
