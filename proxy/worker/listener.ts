import {
  LISTENER_DOWNSTREAM_CX_ACTIVE,
  LISTENER_DOWNSTREAM_CX_DESTROY,
  LISTENER_DOWNSTREAM_CX_OVERFLOW,
  LISTENER_DOWNSTREAM_CX_TOTAL,
  LISTENER_DOWNSTREAM_CX_TRANSPORT_SOCKET_CONNECT_TIMEOUT,
  LISTENER_HISTOGRAMS_AT,
  LISTENER_H_DOWNSTREAM_CX_LENGTH_MS,
  LISTENER_NO_FILTER_CHAIN_MATCH,
} from "../../api/engine/stats.ts";
import type { TlsContextModel } from "../config/tls-model.ts";
import { type FilterChainModel, type ListenerModel, takesOneSocket } from "../config/model.ts";
import { endsOf, endsOfHandle } from "../engine/ends.ts";
import { openSocket } from "../engine/socket.ts";
import { SocketTransport } from "../engine/socket-transport.ts";
import type { StreamPool } from "../http/stream-pool.ts";
import type { TlsRegistry } from "../tls/tls-registry.ts";
import { type AcceptedHandle, AcceptingServer } from "./accepting-server.ts";
import { FilterChainChoice } from "./filter-chain-choice.ts";
import { PendingHandshake } from "./pending-handshake.ts";
import type { RunningSnapshot } from "./running-snapshot.ts";
import { idleTimeoutOf, type ReadyConnection, serveChain } from "./serve-chain.ts";
import type { ServedConnection } from "./served-connection.ts";
import { claimSocket, type SocketGrant } from "./socket-grant.ts";

/** What the listeners of a worker share. */
export interface ListenerSetting {
  readonly streams: StreamPool;
  readonly tls: TlsRegistry;
  /** Address of the listener's statistics block, by its name. */
  statsOf(statName: string): number;
  /** Address of the block of a scope that network filters count in. */
  scopeOf(kind: number, name: string): number;
}

/** What a listener may listen on. */
export interface ListenSetting {
  readonly sockets: SocketGrant;
  readonly isFirstWorker: boolean;
}

/** A listener of one worker: its listening sockets and the connections that they accepted. */
export class Listener {
  readonly connections = new Set<ServedConnection>();
  readonly #handshakes = new Set<PendingHandshake>();
  #model: ListenerModel;
  #snapshot: RunningSnapshot;
  #isClosed = false;
  #isDraining = false;
  #choice: FilterChainChoice;
  readonly #setting: ListenerSetting;
  readonly #servers: AcceptingServer[] = [];
  readonly #stats: number;

  constructor(setting: ListenerSetting, model: ListenerModel, snapshot: RunningSnapshot) {
    this.#setting = setting;
    this.#model = model;
    this.#snapshot = snapshot;
    snapshot.use();
    this.#choice = new FilterChainChoice(model.filterChains, model.defaultFilterChain);
    this.#stats = setting.statsOf(model.statName);
  }

  /** What it was made from, or was updated to last. */
  get model(): ListenerModel {
    return this.#model;
  }

  /**
   * Listens; resolves with the ports. An address that only one socket can have comes with a
   * duplicate of it; where there is none, the first worker binds it and accepts alone.
   */
  async listen({ sockets, isFirstWorker }: ListenSetting): Promise<readonly number[]> {
    const ports: number[] = [];
    const { name, addresses, backlog } = this.#model;
    for (const [place, address] of addresses.entries()) {
      const isLone = takesOneSocket(this.#model, address);
      const fd = isLone ? claimSocket(sockets, name, place) : null;
      if (isLone && fd === null && !isFirstWorker) {
        ports.push(address.kind === "tcp" ? address.port : 0);
        continue;
      }
      const pipePath = address.kind === "pipe" ? address.path : "";
      const server = new AcceptingServer((handle) => this.#accept(handle, pipePath));
      this.#servers.push(server);
      if (fd === null) ports.push(await server.bind({ address, backlog, reusesPort: !isLone }));
      else ports.push(await server.adopt(fd, backlog));
    }
    // Port 0 is known from now on, so that a replacement finds the listener where it is.
    const bound = addresses.map((address, place) => {
      return address.kind === "tcp" ? { ...address, port: ports[place] } : address;
    });
    this.#model = { ...this.#model, addresses: bound };
    return ports;
  }

  /** Runs with another snapshot from now on: connections move to it between two requests. */
  update(model: ListenerModel, snapshot: RunningSnapshot): void {
    this.#model = model;
    snapshot.use();
    this.#snapshot.leave();
    this.#snapshot = snapshot;
    this.#choice = new FilterChainChoice(model.filterChains, model.defaultFilterChain);
    for (const connection of this.connections) {
      const chain = this.#choice.choose(() => connection.ends);
      if (chain === null) connection.drain(true);
      else connection.moveTo(snapshot, chain);
    }
  }

  /** Stops accepting, for good. Connections go on with the snapshot that they have. */
  closeServers(): void {
    for (const server of this.#servers) server.close();
    this.#servers.length = 0;
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#snapshot.leave();
  }

  /** Asks all connections to end, those to come included. */
  drain(closesIdle: boolean): void {
    this.#isDraining = true;
    for (const handshake of [...this.#handshakes]) handshake.destroy();
    for (const connection of [...this.connections]) connection.drain(closesIdle);
  }

  /** Adds what waits in its connections to the gauges that a report shows. */
  noteBuffered(): void {
    for (const connection of this.connections) connection.noteBuffered();
  }

  /** Breaks all connections. */
  destroy(): void {
    this.closeServers();
    for (const handshake of [...this.#handshakes]) handshake.destroy();
    for (const connection of [...this.connections]) connection.destroy();
  }

  #accept(handle: AcceptedHandle, pipePath: string): void {
    const { engine } = this.#setting.streams;
    this.#count(LISTENER_DOWNSTREAM_CX_TOTAL, 1);
    if (engine.isScarce) {
      this.#count(LISTENER_DOWNSTREAM_CX_OVERFLOW, 1);
      this.#count(LISTENER_DOWNSTREAM_CX_DESTROY, 1);
      handle.close();
      return;
    }
    handle.setNoDelay?.(true);
    const chain = this.#choice.choose(() => endsOfHandle(handle));
    if (chain === null) {
      this.#count(LISTENER_NO_FILTER_CHAIN_MATCH, 1);
      this.#count(LISTENER_DOWNSTREAM_CX_DESTROY, 1);
      handle.close();
      return;
    }
    this.#count(LISTENER_DOWNSTREAM_CX_ACTIVE, 1);
    if (chain.tls !== null) {
      this.#shakeHands(handle, chain, chain.tls, pipePath);
      return;
    }
    let transport: SocketTransport | null = null;
    const socket = openSocket(engine, handle, (bytes) => transport?.read(bytes));
    transport = new SocketTransport(engine, socket);
    const ends = endsOf(socket);
    this.#serve({ transport, ends, pipePath, tls: null, isValidated: false }, chain);
  }

  #shakeHands(
    handle: AcceptedHandle,
    chain: FilterChainModel,
    model: TlsContextModel,
    pipePath: string,
  ): void {
    const { engine, deadlines } = this.#setting.streams;
    const tls = this.#setting.tls.server(model, `listener.${this.#model.statName}`);
    const timeoutMs = chain.handshakeTimeoutMs || idleTimeoutOf(chain);
    const setting = { engine, deadlines, timeoutMs };
    const handshake = new PendingHandshake(tls, handle, setting, {
      onSecure: (socket, isValidated) => {
        this.#handshakes.delete(handshake);
        const transport = new SocketTransport(engine, socket);
        const ends = endsOf(socket);
        this.#serve({ transport, ends, pipePath, tls: socket, isValidated }, chain);
        return (bytes) => transport.read(bytes);
      },
      onFailed: (isTimeout) => {
        this.#handshakes.delete(handshake);
        this.#count(LISTENER_DOWNSTREAM_CX_ACTIVE, -1);
        this.#count(LISTENER_DOWNSTREAM_CX_DESTROY, 1);
        const hasOwnTimeout = chain.handshakeTimeoutMs > 0;
        if (!isTimeout || !hasOwnTimeout) return;
        this.#count(LISTENER_DOWNSTREAM_CX_TRANSPORT_SOCKET_CONNECT_TIMEOUT, 1);
      },
    });
    this.#handshakes.add(handshake);
  }

  #serve(ready: ReadyConnection, chain: FilterChainModel): void {
    serveChain(ready, {
      streams: this.#setting.streams,
      snapshot: this.#snapshot,
      chain,
      scopeOf: (kind, name) => this.#setting.scopeOf(kind, name),
      bufferBytesMax: this.#model.bufferBytesMax,
      onOpen: (connection) => {
        this.connections.add(connection);
        if (this.#isDraining) connection.drain(false);
      },
      onClose: (connection, lengthMs) => this.#forget(connection, lengthMs),
    });
  }

  #forget(connection: ServedConnection, lengthMs: number): void {
    const { calls } = this.#setting.streams.engine;
    this.connections.delete(connection);
    this.#count(LISTENER_DOWNSTREAM_CX_ACTIVE, -1);
    this.#count(LISTENER_DOWNSTREAM_CX_DESTROY, 1);
    const place = LISTENER_HISTOGRAMS_AT + LISTENER_H_DOWNSTREAM_CX_LENGTH_MS * 4;
    calls.recordTime(this.#stats + place, lengthMs);
  }

  #count(counter: number, by: number): void {
    this.#setting.streams.engine.floats[(this.#stats >> 3) + counter] += by;
  }
}
