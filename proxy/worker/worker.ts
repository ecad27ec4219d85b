import type { MessagePort } from "node:worker_threads";
import {
  SCOPE_KIND_CLUSTER,
  SCOPE_KIND_HCM,
  SCOPE_KIND_HTTP2,
  SCOPE_KIND_TCP,
} from "../../api/engine/image.ts";
import { HTTP2_STATS_BYTES } from "../../api/engine/http2-stats.ts";
import {
  ACCESS_LOG_STATS_BYTES,
  HTTP_DOWNSTREAM_CX_RX_BYTES_BUFFERED,
  HTTP_DOWNSTREAM_CX_TX_BYTES_BUFFERED,
  HTTP_STATS_BYTES,
  LISTENER_STATS_BYTES,
  UPSTREAM_STATS_BYTES,
} from "../../api/engine/stats.ts";
import {
  TCP_DOWNSTREAM_CX_RX_BYTES_BUFFERED,
  TCP_DOWNSTREAM_CX_TX_BYTES_BUFFERED,
  TCP_STATS_BYTES,
} from "../../api/engine/network/tcp-stats.ts";
import { FILTER_STATS_BYTES } from "../../api/engine/network/filter-stats.ts";
import { LISTENER_FILTER_STATS_BYTES } from "../../api/engine/network/listener-filter-stats.ts";
import { TLS_STATS_BYTES } from "../../api/engine/tls/tls-stats.ts";
import { BreakerTable } from "../cluster/breaker.ts";
import { contextsOf, type ListenerModel, type Snapshot } from "../config/model.ts";
import { Engine } from "../engine/engine.ts";
import { SharedCell } from "../tcp/filter/shared-cell.ts";
import { StreamPool } from "../http/stream-pool.ts";
import {
  SCOPE_KIND_ACCESS_LOG,
  SCOPE_KIND_LISTENER,
  SCOPE_KIND_TLS,
} from "../observe/stat/scope-kind.ts";
import { readScopes } from "../observe/stat/stat-report.ts";
import { releaseStartMemory } from "../engine/start-memory.ts";
import { DeadlineQueue } from "../timer/deadline.ts";
import { TlsCounts } from "../tls/tls-counts.ts";
import { TlsRegistry } from "../tls/tls-registry.ts";
import { InternalListeners } from "./internal-listeners.ts";
import { Listener } from "./listener.ts";
import type {
  BoundAddress,
  EndpointReport,
  FromWorker,
  ToWorker,
  WorkerDrain,
  WorkerStart,
} from "./messages.ts";
import { RunningSnapshot } from "./running-snapshot.ts";
import type { SocketGrant } from "./socket-grant.ts";
import { WorkerLogs } from "./worker-logs.ts";
import { ScopeBlocks } from "./scope-blocks.ts";

type SnapshotMessage = Extract<ToWorker, { kind: "snapshot" }>;

/** What each kind of scope says of bytes that wait in connections. */
const BUFFER_GAUGES: ReadonlyMap<number, readonly number[]> = new Map([
  [SCOPE_KIND_HCM, [HTTP_DOWNSTREAM_CX_RX_BYTES_BUFFERED, HTTP_DOWNSTREAM_CX_TX_BYTES_BUFFERED]],
  [SCOPE_KIND_TCP, [TCP_DOWNSTREAM_CX_RX_BYTES_BUFFERED, TCP_DOWNSTREAM_CX_TX_BYTES_BUFFERED]],
]);

/** How often a drain looks whether it is done, in milliseconds. */
const DRAIN_CHECK_MS = 20;

/** One event loop with its own engine: listeners, connections, clusters. */
export class Worker {
  readonly #engine: Engine;
  readonly #deadlines = new DeadlineQueue();
  readonly #streams: StreamPool;
  readonly #scopes: ScopeBlocks;
  readonly #logs: WorkerLogs;
  readonly #tls: TlsRegistry;
  readonly #listeners = new Map<string, Listener>();
  readonly #internal: InternalListeners;
  /** Listeners that accept no more, until their last connection is closed. */
  readonly #leaving = new Set<Listener>();
  readonly #start: WorkerStart;
  readonly #port: MessagePort;
  #snapshot: RunningSnapshot;
  #lastChange: Promise<void> = Promise.resolve();

  constructor(start: WorkerStart, port: MessagePort) {
    this.#start = start;
    this.#port = port;
    this.#engine = new Engine(start.module);
    this.#streams = new StreamPool(this.#engine, this.#deadlines);
    const { flushes } = this.#streams;
    this.#internal = new InternalListeners(this.#engine, flushes, (name) => {
      return this.#listeners.get(name);
    });
    this.#setHealthFailed(start.isHealthFailed);
    this.#scopes = new ScopeBlocks(this.#engine, sizeOf);
    this.#logs = new WorkerLogs(this.#engine, this.#scopes);
    this.#tls = new TlsRegistry(start.ticketSeed, (scope) => {
      return new TlsCounts(this.#engine, this.#scopes.address(SCOPE_KIND_TLS, `${scope}.ssl`));
    });
    this.#logs.setSinks(start.snapshot.logSinks);
    this.#streams.afterStream = () => this.#logs.drainIfFull();
    this.#snapshot = this.#load(start.snapshot, start, null);
    for (const [cluster, endpoints] of start.endpoints) {
      this.#snapshot.clusters[cluster].setEndpoints(endpoints);
    }
    port.on("message", (message: ToWorker) => this.#onMessage(message));
  }

  /** Opens the listeners and says so. */
  async run(): Promise<void> {
    const { snapshot, sockets } = this.#start;
    await this.#inTurn(async () => {
      const addresses = await this.#applyListeners(snapshot.listeners, sockets);
      releaseStartMemory();
      this.#send({ kind: "ready", addresses });
    });
  }

  /** Runs one after the other what opens and closes listeners, since opening takes a while. */
  #inTurn(change: () => void | Promise<void>): Promise<void> {
    this.#lastChange = this.#lastChange.then(change);
    return this.#lastChange;
  }

  #setHealthFailed(isFailed: boolean): void {
    this.#engine.calls.setHealthFailed(isFailed ? 1 : 0);
    this.#streams.isHealthFailed = isFailed;
  }

  #send(message: FromWorker): void {
    this.#port.postMessage(message);
  }

  #onMessage(message: ToWorker): void {
    switch (message.kind) {
      case "snapshot":
        void this.#inTurn(() => this.#replace(message));
        break;
      case "endpoints":
        if (message.version === this.#snapshot.model.version) {
          this.#snapshot.clusters[message.cluster].setEndpoints(message.endpoints);
        }
        break;
      case "tls":
        void this.#inTurn(() => this.#tls.update(message.context));
        break;
      case "report":
        this.#report(message.id);
        break;
      case "drain":
        void this.#inTurn(() => this.#drain(message));
        break;
      case "health":
        this.#setHealthFailed(message.isFailed);
        break;
      case "reopen-logs":
        this.#logs.reopen();
        break;
      case "stop":
        void this.#stop();
        break;
    }
  }

  #load(
    snapshot: Snapshot,
    shared: Pick<WorkerStart, "breakers" | "cells">,
    previous: RunningSnapshot | null,
  ): RunningSnapshot {
    const { workerCount, index } = this.#start;
    const breakers = new BreakerTable(shared.breakers, workerCount, index);
    const tls = this.#tls;
    const { flushes } = this.#streams;
    const setting = {
      engine: this.#engine,
      deadlines: this.#deadlines,
      flushes,
      breakers,
      tls,
      internal: this.#internal,
      findBlock: (kind: number, name: string) => this.#scopes.address(kind, name),
    };
    const cells = shared.cells.map((memory) => new SharedCell(memory, index));
    return new RunningSnapshot(setting, this.#scopes, snapshot, previous, cells);
  }

  async #replace(message: SnapshotMessage): Promise<void> {
    const { snapshot, sockets } = message;
    const { version } = snapshot;
    const previous = this.#snapshot;
    this.#logs.setSinks(snapshot.logSinks);
    this.#tls.renew();
    this.#snapshot = this.#load(snapshot, message, previous);
    try {
      const addresses = await this.#applyListeners(snapshot.listeners, sockets);
      this.#send({ kind: "applied", version, addresses });
    } catch (error) {
      this.#send({ kind: "failed", version, reason: String(error) });
    }
    // Listeners that were not reached still use it, so it is freed only when they moved on.
    previous.replace();
    this.#tls.retain(new Set(contextsOf(snapshot).map(({ path }) => path)));
  }

  /** Opens new listeners, updates those that stay, and lets go of the others. */
  async #applyListeners(
    models: readonly ListenerModel[],
    sockets: SocketGrant,
  ): Promise<readonly BoundAddress[]> {
    const bound: BoundAddress[] = [];
    const gone = new Map(this.#listeners);
    for (const model of models) {
      const known = this.#listeners.get(model.name);
      if (known !== undefined && hasSameSockets(known.model, model)) {
        known.update(model, this.#snapshot);
        gone.delete(model.name);
        continue;
      }
      if (known !== undefined) this.#letGo(known);
      const setting = {
        streams: this.#streams,
        tls: this.#tls,
        statsOf: (name: string) => this.#scopes.address(SCOPE_KIND_LISTENER, name),
        findBlock: (kind: number, name: string) => this.#scopes.address(kind, name),
        findListener: (host: string, port: number) => {
          return findByAddress(this.#listeners.values(), host, port);
        },
      };
      const listener = new Listener(setting, model, this.#snapshot);
      gone.delete(model.name);
      const ports = await this.#open(listener, sockets);
      this.#listeners.set(model.name, listener);
      if (model.bindsToPort) bound.push(...toBound(model, ports));
    }
    for (const [name, listener] of gone) {
      this.#listeners.delete(name);
      this.#letGo(listener);
    }
    return bound;
  }

  async #open(listener: Listener, sockets: SocketGrant): Promise<readonly number[]> {
    try {
      return await listener.listen({ sockets, isFirstWorker: this.#start.index === 0 });
    } catch (error) {
      listener.closeServers();
      this.#listeners.delete(listener.model.name);
      throw error;
    }
  }

  #letGo(listener: Listener): void {
    listener.closeServers();
    listener.drain(true);
    if (listener.connections.size > 0) this.#leaving.add(listener);
  }

  #report(id: number): void {
    const { buffer } = this.#engine.calls.memory;
    this.#logs.report();
    for (const cluster of this.#snapshot.clusters) {
      cluster.noteBreakers();
      cluster.noteBuffered();
    }
    this.#noteBuffered();
    const stats = readScopes(buffer, this.#scopes.all);
    const endpoints = this.#snapshot.clusters.flatMap((cluster, index): EndpointReport[] =>
      cluster.endpoints.map((endpoint) => ({
        cluster: index,
        address: endpoint.name,
        numbers: endpoint.report(),
      })),
    );
    this.#send({ kind: "report", id, stats, endpoints, connectionCount: this.#connectionCount });
  }

  #noteBuffered(): void {
    const { floats } = this.#engine;
    for (const { kind, address } of this.#scopes.all) {
      for (const gauge of BUFFER_GAUGES.get(kind) ?? []) floats[(address >> 3) + gauge] = 0;
    }
    for (const listener of [...this.#listeners.values(), ...this.#leaving]) listener.noteBuffered();
  }

  get #connectionCount(): number {
    let count = 0;
    for (const listener of this.#listeners.values()) count += listener.connections.size;
    for (const listener of this.#leaving) {
      count += listener.connections.size;
      if (listener.connections.size === 0) this.#leaving.delete(listener);
    }
    return count;
  }

  #drain({ closesListeners, closesIdle, isInboundOnly }: WorkerDrain): void {
    for (const listener of this.#listeners.values()) {
      if (isInboundOnly && !listener.model.isInbound) continue;
      if (closesListeners) listener.closeServers();
      listener.drain(closesIdle);
    }
    const check = (): void => {
      if (this.#connectionCount === 0) this.#send({ kind: "drained" });
      else setTimeout(check, DRAIN_CHECK_MS);
    };
    if (closesListeners) check();
  }

  async #stop(): Promise<void> {
    for (const listener of this.#listeners.values()) listener.destroy();
    for (const listener of this.#leaving) listener.destroy();
    for (const cluster of this.#snapshot.clusters) cluster.destroy();
    this.#deadlines.stop();
    await this.#logs.close();
    this.#port.close();
  }
}

function sizeOf(kind: number): number {
  switch (kind) {
    case SCOPE_KIND_HCM:
      return HTTP_STATS_BYTES;
    case SCOPE_KIND_CLUSTER:
      return UPSTREAM_STATS_BYTES;
    case SCOPE_KIND_TCP:
      return TCP_STATS_BYTES;
    case SCOPE_KIND_LISTENER:
      return LISTENER_STATS_BYTES;
    case SCOPE_KIND_HTTP2:
      return HTTP2_STATS_BYTES;
    case SCOPE_KIND_TLS:
      return TLS_STATS_BYTES;
    case SCOPE_KIND_ACCESS_LOG:
      return ACCESS_LOG_STATS_BYTES;
    default:
      // Those of listener filters and network filters.
      return Math.max(LISTENER_FILTER_STATS_BYTES, FILTER_STATS_BYTES);
  }
}

function hasSameSockets(a: ListenerModel, b: ListenerModel): boolean {
  const facts = (model: ListenerModel): string =>
    JSON.stringify([
      model.addresses,
      model.reusesPort,
      model.bindsToPort,
      model.backlog,
      model.statName,
    ]);
  return facts(a) === facts(b);
}

/** The listener of an address, or of all addresses with that port. */
function findByAddress(listeners: Iterable<Listener>, host: string, port: number): Listener | null {
  const all = [...listeners];
  const any = host.includes(":") ? "::" : "0.0.0.0";
  for (const wanted of [host, any]) {
    const found = all.find(({ model }) =>
      model.addresses.some(
        (each) => each.kind === "tcp" && each.host === wanted && each.port === port,
      ),
    );
    if (found !== undefined) return found;
  }
  return null;
}

function toBound(model: ListenerModel, ports: readonly number[]): BoundAddress[] {
  return model.addresses.map((address, place) => ({
    listener: model.name,
    place,
    address: address.kind === "tcp" ? address.host : address.path,
    port: ports[place],
  }));
}
