import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { UPSTREAM_STATS_BYTES } from "../../api/engine/stats.ts";
import { BreakerTable } from "../../proxy/cluster/breaker.ts";
import { Compiler } from "../../proxy/compiler/compiler.ts";
import { Engine } from "../../proxy/engine/engine.ts";
import type { DownstreamConnection } from "../../proxy/http/downstream-connection.ts";
import { StreamPool } from "../../proxy/http/stream-pool.ts";
import { DeadlineQueue } from "../../proxy/timer/deadline.ts";
import { Listener } from "../../proxy/worker/listener.ts";
import { RunningSnapshot } from "../../proxy/worker/running-snapshot.ts";
import { grantSockets } from "../../proxy/worker/socket-grant.ts";
import { ScopeBlocks } from "../../proxy/worker/scope-blocks.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Memory of a worker that runs in the test's own thread, in bytes. */
export interface WorkerMemory {
  readonly engineBytes: number;
  readonly heapBytes: number;
  /** Memory outside the heap, as of output that waits; the engine's own is in it always. */
  readonly externalBytes: number;
}

/** One worker in the thread of the test, so that its memory can be seen. */
export class LocalWorker {
  readonly engine: Engine;
  readonly port: number;
  readonly #listener: Listener;
  readonly #snapshot: RunningSnapshot;
  readonly #deadlines: DeadlineQueue;

  private constructor(
    engine: Engine,
    port: number,
    listener: Listener,
    snapshot: RunningSnapshot,
    deadlines: DeadlineQueue,
  ) {
    this.engine = engine;
    this.port = port;
    this.#listener = listener;
    this.#snapshot = snapshot;
    this.#deadlines = deadlines;
  }

  /** Starts a worker with the first listener of a configuration. */
  static async start(config: string): Promise<LocalWorker> {
    const work = { config, name: "config", version: 1, logSinks: [] };
    const { snapshot } = await new Compiler().compile(work);
    const bytes = readFileSync(new URL("../../build/filters.wasm", import.meta.url));
    const engine = new Engine(new WebAssembly.Module(bytes));
    const deadlines = new DeadlineQueue();
    // The cluster's is the largest block.
    const scopes = new ScopeBlocks(engine, () => UPSTREAM_STATS_BYTES);
    const memory = new SharedArrayBuffer(BreakerTable.bytesFor(1, snapshot.clusters.length));
    const setting = { engine, deadlines, breakers: new BreakerTable(memory, 1, 0) };
    const running = new RunningSnapshot(setting, scopes, snapshot, null);
    const streams = new StreamPool(engine, deadlines);
    const statsOf = (name: string): number => scopes.address(99, name);
    const listener = new Listener({ streams, statsOf }, snapshot.listeners[0], running);
    const [port] = await listener.listen({ sockets: grantSockets([]), isFirstWorker: true });
    return new LocalWorker(engine, port, listener, running, deadlines);
  }

  /** Downstream connections that are open. */
  get connectionCount(): number {
    return this.#listener.connections.size;
  }

  /** Downstream connections that are open. */
  get connections(): readonly DownstreamConnection[] {
    return [...this.#listener.connections];
  }

  /** Takes all memory that the engine does not keep spare; returns the blocks. */
  fillMemory(): readonly number[] {
    const blocks: number[] = [];
    while (!this.engine.isScarce) blocks.push(this.engine.calls.allocate(1_000_000));
    return blocks;
  }

  /** Memory in use now. */
  measure(): WorkerMemory {
    const { heapUsed, external } = process.memoryUsage();
    return {
      engineBytes: this.engine.calls.bytesInUse(),
      heapBytes: heapUsed,
      externalBytes: external,
    };
  }

  /** Memory in use when garbage is gone. */
  measureCollected(): WorkerMemory {
    collectGarbage();
    return this.measure();
  }

  /** Ends everything. */
  stop(): void {
    this.#listener.destroy();
    for (const cluster of this.#snapshot.clusters) cluster.destroy();
    this.#deadlines.stop();
  }
}
