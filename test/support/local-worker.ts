import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { SCOPE_KIND_CLUSTER } from "../../api/engine/image.ts";
import { UPSTREAM_STATS_BYTES } from "../../api/engine/stats.ts";
import { BreakerTable } from "../../proxy/cluster/breaker.ts";
import type { Snapshot } from "../../proxy/config/model.ts";
import { Engine } from "../../proxy/engine/engine.ts";
import type { ConnectionTarget } from "../../proxy/http/connection-target.ts";
import type { ServedConnection } from "../../proxy/worker/served-connection.ts";
import { StreamPool } from "../../proxy/http/stream-pool.ts";
import { DeadlineQueue } from "../../proxy/timer/deadline.ts";
import { Listener } from "../../proxy/worker/listener.ts";
import { RunningSnapshot } from "../../proxy/worker/running-snapshot.ts";
import { grantSockets } from "../../proxy/worker/socket-grant.ts";
import { ScopeBlocks } from "../../proxy/worker/scope-blocks.ts";
import { InternalListeners } from "../../proxy/worker/internal-listeners.ts";
import { SCOPE_KIND_LISTENER } from "../../proxy/observe/stat/scope-kind.ts";
import { readScopes } from "../../proxy/observe/stat/stat-report.ts";
import { findScopeLayout } from "../../proxy/observe/stat/stat-scope.ts";
import { compiler } from "./start-proxy.ts";
import { openTlsRegistry } from "./tls/registry.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Memory of a worker that runs in the test's own thread, in bytes. */
export interface WorkerMemory {
  readonly engineBytes: number;
  readonly heapBytes: number;
  /** Memory outside the heap, as of output that waits; the engine's own is in it always. */
  readonly externalBytes: number;
}

/** Loads a snapshot in the place of another. */
type Load = (model: Snapshot, previous: RunningSnapshot | null) => RunningSnapshot;

async function compile(config: string): Promise<Snapshot> {
  const work = { config, name: "config", version: 1, logSinks: [] };
  return (await compiler.compile(work)).snapshot;
}

let loaded: WebAssembly.Module | null = null;

/** The engine's module, which is compiled once for all workers of a test run. */
function loadModule(): WebAssembly.Module {
  loaded ??= new WebAssembly.Module(
    readFileSync(new URL("../../build/filters.wasm", import.meta.url)),
  );
  return loaded;
}

/** One worker in the thread of the test, so that its memory can be seen. */
export class LocalWorker {
  readonly engine: Engine;
  readonly port: number;
  readonly #listener: Listener;
  /** Its internal listeners, by their names. */
  readonly #within: ReadonlyMap<string, Listener>;
  readonly #deadlines: DeadlineQueue;
  readonly #scopes: ScopeBlocks;
  readonly #load: Load;
  #snapshot: RunningSnapshot;

  private constructor(
    engine: Engine,
    port: number,
    listener: Listener,
    within: ReadonlyMap<string, Listener>,
    deadlines: DeadlineQueue,
    scopes: ScopeBlocks,
    load: Load,
    snapshot: RunningSnapshot,
  ) {
    this.engine = engine;
    this.port = port;
    this.#listener = listener;
    this.#within = within;
    this.#deadlines = deadlines;
    this.#scopes = scopes;
    this.#load = load;
    this.#snapshot = snapshot;
  }

  /** Starts a worker with the first listener of a configuration. */
  static async start(config: string): Promise<LocalWorker> {
    const snapshot = await compile(config);
    const engine = new Engine(loadModule());
    const deadlines = new DeadlineQueue();
    // The cluster's is the largest block.
    const scopes = new ScopeBlocks(engine, () => UPSTREAM_STATS_BYTES);
    const memory = new SharedArrayBuffer(BreakerTable.bytesFor(1, snapshot.clusters.length));
    const tls = openTlsRegistry(engine);
    const streams = new StreamPool(engine, deadlines);
    const { flushes } = streams;
    const breakers = new BreakerTable(memory, 1, 0);
    const within = new Map<string, Listener>();
    const internal = new InternalListeners(engine, flushes, (name) => within.get(name));
    const findBlock = (kind: number, name: string): number => scopes.address(kind, name);
    const setting = { engine, deadlines, flushes, breakers, tls, internal, findBlock };
    const load: Load = (model, previous) => {
      return new RunningSnapshot(setting, scopes, model, previous);
    };
    const running = load(snapshot, null);
    const statsOf = (name: string): number => scopes.address(SCOPE_KIND_LISTENER, name);
    const more = {
      findBlock,
      findListener: () => null,
    };
    const listened = { streams, tls, statsOf, ...more };
    const listener = new Listener(listened, snapshot.listeners[0], running);
    const [port] = await listener.listen({ sockets: grantSockets([]), isFirstWorker: true });
    for (const model of snapshot.listeners.filter(({ isInternal }) => isInternal)) {
      within.set(model.name, new Listener(listened, model, running));
    }
    return new LocalWorker(engine, port, listener, within, deadlines, scopes, load, running);
  }

  /** Goes on with another configuration, whose first listener takes the place of the old one. */
  async replace(config: string): Promise<void> {
    const snapshot = await compile(config);
    const previous = this.#snapshot;
    this.#snapshot = this.#load(snapshot, previous);
    this.#listener.update(snapshot.listeners[0], this.#snapshot);
    for (const model of snapshot.listeners) {
      this.#within.get(model.name)?.update(model, this.#snapshot);
    }
    previous.replace();
  }

  /** A counter of a cluster: `UPSTREAM_*`. */
  clusterCount(cluster: string, counter: number): number {
    const address = this.#scopes.address(SCOPE_KIND_CLUSTER, cluster);
    return this.engine.floats[(address >> 3) + counter];
  }

  /** The gauges of what is in progress that are not 0, by kind of scope, scope and name. */
  get busyGauges(): ReadonlyMap<string, number> {
    const busy = new Map<string, number>();
    const scopes = readScopes(this.engine.calls.memory.buffer, this.#scopes.all);
    for (const { kind, name, counters } of scopes) {
      const layout = findScopeLayout(kind);
      for (const [place, column] of (layout?.columns ?? []).entries()) {
        if (column.kind !== "sum" || counters[place] === 0) continue;
        busy.set(`${layout?.prefix}${name}.${column.name}`, counters[place]);
      }
    }
    return busy;
  }

  /** Downstream connections that are open, those within the worker among them. */
  get connectionCount(): number {
    const sizes = [...this.#within.values()].map(({ connections }) => connections.size);
    return sizes.reduce((sum, size) => sum + size, this.#listener.connections.size);
  }

  /** What its connections run with. */
  get target(): ConnectionTarget {
    const { terminal } = this.#snapshot.model.listeners[0].filterChains[0];
    if (terminal.kind !== "http") throw new Error("the filter chain is not for HTTP");
    return { snapshot: this.#snapshot, manager: terminal };
  }

  /** Downstream connections that are open. */
  get connections(): readonly ServedConnection[] {
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
    for (const listener of this.#within.values()) listener.destroy();
    for (const cluster of this.#snapshot.clusters) cluster.destroy();
    this.#deadlines.stop();
  }
}
