import { Worker as Thread } from "node:worker_threads";
import { BreakerTable } from "./cluster/breaker.ts";
import { SharedCell, takeCells } from "./tcp/filter/shared-cell.ts";
import { systemRandom } from "./engine/system-random.ts";
import {
  type EndpointModel,
  type ListenerModel,
  type Snapshot,
  withContext,
} from "./config/model.ts";
import type { TlsContextModel } from "./config/tls-model.ts";
import type { Logger } from "./observe/log.ts";
import type { WorkerStats } from "./observe/stat/stat-report.ts";
import { loadDuplicate } from "./socket/duplicate.ts";
import { platformOf } from "./socket/platform.ts";
import { SharedSockets } from "./socket/shared-sockets.ts";
import { refuseSocketChanges } from "./socket/socket-change.ts";
import { allowRelease } from "./engine/start-memory.ts";
import type {
  BoundAddress,
  FromWorker,
  ToWorker,
  WorkerDrain,
  WorkerStart,
} from "./worker/messages.ts";

/** A worker that does not answer in this time is left out of a report, in milliseconds. */
const REPORT_TIMEOUT_MS = 2_000;
/** Least time between two starts of one worker, in milliseconds: a crash must not spin. */
const RESTART_PAUSE_MS = 100;

/** Bytes that the keys of session tickets are made from. */
const TICKET_SEED_BYTES = 48;

/** Added to the version of a snapshot that failed, to tell the workers' answers apart. */
const ROLLBACK_VERSIONS = 0.5;

/** What a worker reported. */
export type WorkerReport = Extract<FromWorker, { kind: "report" }>;

/** Who hears of what happens to workers. */
export interface SupervisorEvents {
  onReport(worker: number, stats: WorkerStats): void;
  onWorkerGone(worker: number): void;
}

/** What a supervisor begins with. */
export interface SupervisorSetup {
  readonly module: WebAssembly.Module;
  readonly workerCount: number;
  readonly snapshot: Snapshot;
  readonly log: Logger;
  readonly events: SupervisorEvents;
  /** Finds the means to duplicate sockets; a test has one that finds none. */
  readonly loadDuplicate?: () => ReturnType<typeof loadDuplicate>;
}

/** Runs the worker threads: starts them, replaces those that die, and speaks to all of them. */
export class Supervisor {
  readonly #threads: (Thread | null)[] = [];
  readonly #module: WebAssembly.Module;
  readonly #workerCount: number;
  readonly #log: Logger;
  readonly #events: SupervisorEvents;
  readonly #waiting = new Map<string, (message: FromWorker) => void>();
  readonly #endpoints = new Map<number, readonly EndpointModel[]>();
  readonly #bound = new Map<string, BoundAddress>();
  readonly #sockets: SharedSockets;
  readonly #ticketSeed = systemRandom(TICKET_SEED_BYTES);
  /** Workers that will be started again soon. */
  readonly #restarting = new Set<number>();
  #snapshot: Snapshot;
  #breakers: SharedArrayBuffer;
  /** What network filters share, by what it is for: kept while a snapshot has the same filter. */
  #cells: ReadonlyMap<string, SharedArrayBuffer>;
  #reportId = 0;
  #isHealthFailed = false;
  /** Which listeners a drain closed, for good. */
  #closedListeners: "none" | "inbound" | "all" = "none";
  #isStopping = false;

  constructor({ module, workerCount, snapshot, log, events, ...setup }: SupervisorSetup) {
    const load = setup.loadDuplicate ?? (() => loadDuplicate(platformOf(process.platform)));
    this.#sockets = new SharedSockets(load, log);
    this.#module = module;
    this.#workerCount = workerCount;
    this.#log = log;
    this.#events = events;
    this.#snapshot = snapshot;
    this.#breakers = newBreakers(workerCount, snapshot);
    this.#cells = takeCells(snapshot.cells, new Map(), workerCount);
  }

  /** Starts all workers; the first finds out the ports that the configuration leaves open. */
  async start(): Promise<void> {
    allowRelease();
    await this.#openSockets(this.#snapshot);
    await this.#startWorker(0);
    const rest = Array.from({ length: this.#workerCount - 1 }, (_, i) => this.#startWorker(i + 1));
    await Promise.all(rest);
  }

  /** Where the listeners really listen. */
  get boundAddresses(): readonly BoundAddress[] {
    return [...this.#bound.values()];
  }

  /** The snapshot that runs. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /**
   * Has all workers run another snapshot; rejects when one cannot open its listeners.
   *
   * @throws MeshError `CONFIG_INVALID` for what cannot be changed while it runs.
   */
  async replace(snapshot: Snapshot): Promise<void> {
    const last = this.#snapshot;
    refuseSocketChanges(last.listeners, snapshot.listeners);
    await this.#openSockets(snapshot);
    const reason = await this.#apply(snapshot);
    if (reason !== null) {
      // The last good configuration goes on: what the failed one had changed is changed back.
      await this.#openSockets(last);
      await this.#apply({ ...last, version: snapshot.version + ROLLBACK_VERSIONS });
      this.#snapshot = last;
    }
    this.#forgetAddresses();
    this.#sockets.retain(this.#fixed(this.#snapshot).listeners);
    if (reason !== null) throw new Error(reason);
  }

  /** Has the living workers run a snapshot; returns why one could not, or null. */
  async #apply(snapshot: Snapshot): Promise<string | null> {
    this.#snapshot = snapshot;
    this.#breakers = newBreakers(this.#workerCount, snapshot);
    this.#cells = takeCells(snapshot.cells, this.#cells, this.#workerCount);
    this.#endpoints.clear();
    for (const index of this.#living()) {
      const answer = await this.#applyTo(index, this.#fixed(snapshot));
      if (answer.kind === "failed") return answer.reason;
      if (answer.kind === "applied") this.#noteAddresses(answer.addresses);
    }
    return null;
  }

  async #applyTo(index: number, snapshot: Snapshot): Promise<FromWorker> {
    const { version } = snapshot;
    try {
      const sockets = this.#sockets.grant(snapshot.listeners);
      const applied = this.#wait(`applied ${index} ${version}`);
      const cells = [...this.#cells.values()];
      this.#post(index, { kind: "snapshot", snapshot, breakers: this.#breakers, cells, sockets });
      const answer = await applied;
      this.#sockets.reclaim(sockets);
      return answer;
    } catch (error) {
      return { kind: "failed", version, reason: String(error) };
    }
  }

  /** Tells all workers the endpoints that DNS gave for a cluster. */
  setEndpoints(cluster: number, endpoints: readonly EndpointModel[]): void {
    this.#endpoints.set(cluster, endpoints);
    const { version } = this.#snapshot;
    this.broadcast({ kind: "endpoints", version, cluster, endpoints });
  }

  /** Has all workers, also those that start later, use other secrets at one place. */
  setContext(context: TlsContextModel): void {
    this.#snapshot = withContext(this.#snapshot, context);
    this.broadcast({ kind: "tls", context });
  }

  /** Sends a message to every living worker. */
  broadcast(message: ToWorker): void {
    for (const index of this.#threads.keys()) this.#post(index, message);
  }

  /** Asks every worker for its numbers. */
  async collect(): Promise<readonly WorkerReport[]> {
    const id = ++this.#reportId;
    const answers = this.#living().map((index) => {
      const answer = this.#waitAtMost(`report ${index} ${id}`, REPORT_TIMEOUT_MS);
      this.#post(index, { kind: "report", id });
      return answer.then((message) => {
        if (message?.kind !== "report") return null;
        this.#events.onReport(index, message.stats);
        return message;
      });
    });
    const reports = await Promise.all(answers);
    return reports.filter((report) => report !== null);
  }

  /** Has all workers, those to come included, ask clients to go elsewhere, or no more. */
  setHealthFailed(isFailed: boolean): void {
    this.#isHealthFailed = isFailed;
    this.broadcast({ kind: "health", isFailed });
  }

  /**
   * Has all connections end soon, and, if wanted, nobody accept any more. Listeners of later
   * snapshots stay closed then, as in Envoy.
   */
  drainListeners(drain: WorkerDrain): void {
    this.broadcast({ kind: "drain", ...drain });
    if (!drain.closesListeners) return;
    if (!drain.isInboundOnly) this.#closedListeners = "all";
    else if (this.#closedListeners === "none") this.#closedListeners = "inbound";
    this.#sockets.retain(this.#fixed(this.#snapshot).listeners);
  }

  /** Has all workers stop accepting and resolves when their connections are gone. */
  async drain(): Promise<void> {
    const drained = this.#living().map((index) => this.#wait(`drained ${index}`));
    this.drainListeners({ closesListeners: true, closesIdle: true, isInboundOnly: false });
    await Promise.all(drained);
  }

  /** Ends all workers at once. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const ended = this.#threads.map(async (thread) => {
      if (thread === null) return;
      const exit = new Promise((resolve) => thread.once("exit", resolve));
      thread.postMessage({ kind: "stop" });
      const timer = setTimeout(() => void thread.terminate(), 1_000);
      await exit;
      clearTimeout(timer);
    });
    await Promise.all(ended);
    this.#sockets.retain([]);
  }

  /** Ends one worker as a failed assertion would, so that a test can see it replaced. */
  async crash(index: number): Promise<void> {
    await this.#threads[index]?.terminate();
  }

  #living(): readonly number[] {
    return [...this.#threads.keys()].filter((index) => this.#threads[index] !== null);
  }

  #post(index: number, message: ToWorker): void {
    this.#threads[index]?.postMessage(message);
  }

  /** Binds what all workers share; one worker alone needs no sharing. */
  async #openSockets(snapshot: Snapshot): Promise<void> {
    if (this.#workerCount === 1) return;
    this.#noteAddresses(await this.#sockets.open(this.#fixed(snapshot).listeners));
  }

  async #startWorker(index: number): Promise<void> {
    const snapshot = this.#fixed(this.#snapshot);
    const sockets = this.#sockets.grant(snapshot.listeners);
    const data: WorkerStart = {
      module: this.#module,
      index,
      workerCount: this.#workerCount,
      snapshot,
      breakers: this.#breakers,
      cells: [...this.#cells.values()],
      isHealthFailed: this.#isHealthFailed,
      endpoints: [...this.#endpoints],
      sockets,
      ticketSeed: this.#ticketSeed,
    };
    const thread = new Thread(new URL("./worker/worker-main.ts", import.meta.url), {
      name: `wrk:worker_${index}`,
      workerData: data,
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
    });
    this.#threads[index] = thread;
    const ready = this.#wait(`ready ${index}`);
    const died = new Promise<Error>((resolve) => {
      thread.once("error", resolve);
      thread.once("exit", () => resolve(new Error(`worker ${index} ended while it started`)));
    });
    thread.on("message", (message: FromWorker) => this.#onMessage(index, message));
    thread.on("exit", () => {
      this.#sockets.reclaim(sockets);
      this.#onExit(index, thread);
    });
    const first = await Promise.race([ready, died]);
    if (first instanceof Error) throw first;
    this.#sockets.reclaim(sockets);
    thread.on("error", (error) => this.#log.critical(`worker ${index} died: ${describe(error)}`));
    if (first.kind === "ready") this.#noteAddresses(first.addresses);
  }

  #noteAddresses(addresses: readonly BoundAddress[]): void {
    for (const bound of addresses) this.#bound.set(`${bound.listener} ${bound.place}`, bound);
  }

  /** A listener that is gone and comes back may get any port again. */
  #forgetAddresses(): void {
    const names = new Set(this.#snapshot.listeners.map(({ name }) => name));
    for (const [key, { listener }] of this.#bound) {
      if (!names.has(listener)) this.#bound.delete(key);
    }
  }

  /** The snapshot with the ports that were found instead of 0. */
  #fixed(snapshot: Snapshot): Snapshot {
    const open = snapshot.listeners.filter((listener) => this.#isOpen(listener));
    const listeners = open.map((listener): ListenerModel => {
      const addresses = listener.addresses.map((address, place) => {
        if (address.kind !== "tcp" || address.port !== 0) return address;
        const bound = this.#bound.get(`${listener.name} ${place}`);
        return bound === undefined ? address : { ...address, port: bound.port };
      });
      return { ...listener, addresses };
    });
    return { ...snapshot, listeners };
  }

  #isOpen(listener: ListenerModel): boolean {
    if (this.#closedListeners === "inbound") return !listener.isInbound;
    return this.#closedListeners === "none";
  }

  #onMessage(index: number, message: FromWorker): void {
    const key = keyOf(index, message);
    this.#waiting.get(key)?.(message);
    this.#waiting.delete(key);
  }

  #onExit(index: number, thread: Thread): void {
    if (this.#threads[index] !== thread) return;
    this.#threads[index] = null;
    // Nobody will answer any more. A worker that takes its place starts with what was asked for.
    for (const [key, settle] of [...this.#waiting]) {
      const isOwn = key === `drained ${index}` || key.startsWith(`applied ${index} `);
      if (!isOwn) continue;
      this.#waiting.delete(key);
      settle({ kind: "drained" });
    }
    if (this.#isStopping) return;
    this.#events.onWorkerGone(index);
    new BreakerTable(this.#breakers, this.#workerCount, index).clear(index);
    for (const cell of this.#cells.values()) new SharedCell(cell, index).clearOwn();
    this.#log.critical(`worker ${index} is gone; starting another`);
    this.#restart(index);
  }

  #restart(index: number): void {
    if (this.#restarting.has(index)) return;
    this.#restarting.add(index);
    setTimeout(() => {
      this.#restarting.delete(index);
      if (this.#isStopping) return;
      this.#startWorker(index).catch((error) => {
        this.#log.critical(`worker ${index}: ${error}`);
        // A thread that was never made will not exit, which is what starts another.
        if (this.#threads[index] === null) this.#restart(index);
      });
    }, RESTART_PAUSE_MS);
  }

  #wait(key: string): Promise<FromWorker> {
    return new Promise((resolve) => this.#waiting.set(key, resolve));
  }

  #waitAtMost(key: string, ms: number): Promise<FromWorker | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(key);
        resolve(null);
      }, ms);
      this.#waiting.set(key, (message) => {
        clearTimeout(timer);
        resolve(message);
      });
    });
  }
}

function keyOf(index: number, message: FromWorker): string {
  switch (message.kind) {
    case "applied":
    case "failed":
      return `applied ${index} ${message.version}`;
    case "report":
      return `report ${index} ${message.id}`;
    default:
      return `${message.kind} ${index}`;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function newBreakers(workerCount: number, snapshot: Snapshot): SharedArrayBuffer {
  return new SharedArrayBuffer(BreakerTable.bytesFor(workerCount, snapshot.clusters.length));
}
