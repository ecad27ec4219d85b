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
import { ConnectionFacts } from "../listener/connection-facts.ts";
import type { TlsContextModel } from "../config/tls-model.ts";
import { type FilterChainModel, type ListenerModel, takesOneSocket } from "../config/model.ts";
import { endsOf, endsOfHandle } from "../engine/ends.ts";
import type { InternalOrigin } from "../cluster/internal-dial.ts";
import type { InternalTransport } from "../engine/internal-transport.ts";
import type { Transport } from "../engine/transport.ts";
import type { TransportStream } from "../tls/socket/transport-stream.ts";
import type { Engine } from "../engine/engine.ts";
import { openSocket } from "../engine/socket.ts";
import { SocketTransport } from "../engine/socket-transport.ts";
import type { StreamPool } from "../http/stream-pool.ts";
import type { TlsRegistry } from "../tls/tls-registry.ts";
import { type AcceptedHandle, AcceptingServer } from "./accepting-server.ts";
import type { FindBlock } from "./accept/filter-factory.ts";
import type { Incoming } from "./accept/incoming.ts";
import { IncomingConnection } from "./accept/incoming-connection.ts";
import { IncomingInternal } from "./accept/incoming-internal.ts";
import { type IncomingTaker, Inspection } from "./accept/inspection.ts";
import { FilterChainChoice } from "./filter-chain-choice.ts";
import { PendingHandshake } from "./pending-handshake.ts";
import type { RunningSnapshot } from "./running-snapshot.ts";
import {
  idleTimeoutOf,
  logRefused,
  type ReadyConnection,
  serveChain,
  type ServeSetting,
} from "./serve-chain.ts";
import type { ServedConnection } from "./served-connection.ts";
import { claimSocket, type SocketGrant } from "./socket-grant.ts";

/** What the listeners of a worker share. */
export interface ListenerSetting {
  readonly streams: StreamPool;
  readonly tls: TlsRegistry;
  /** Address of the listener's statistics block, by its name. */
  statsOf(statName: string): number;
  /** Address of a block of statistics of any other kind. */
  readonly findBlock: FindBlock;
  /** The listener that serves an address, for connections whose destination was restored. */
  findListener(address: string, port: number): IncomingTaker | null;
}

/** What a listener may listen on. */
export interface ListenSetting {
  readonly sockets: SocketGrant;
  readonly isFirstWorker: boolean;
}

/** A connection of which only the kernel tells, in plain text. */
const FROM_OUTSIDE = { tls: null, isValidated: false, origin: null };

/** A listener of one worker: its listening sockets and the connections that they accepted. */
export class Listener {
  readonly connections = new Set<ServedConnection>();
  readonly #handshakes = new Set<PendingHandshake>();
  readonly #inspection: Inspection;
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
    this.#choice = new FilterChainChoice(model);
    this.#stats = setting.statsOf(model.statName);
    const { engine, deadlines } = setting.streams;
    const { findBlock } = setting;
    this.#inspection = new Inspection(
      {
        engine,
        deadlines,
        findBlock,
        findListener: (address, port) => setting.findListener(address, port),
        count: (counter, by) => this.#count(counter, by),
        onReady: (incoming) => this.#onReady(incoming),
      },
      model,
    );
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
    const { name, addresses, backlog, bindsToPort } = this.#model;
    if (!bindsToPort) return [];
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
    this.#choice = new FilterChainChoice(model);
    this.#inspection.update(model);
    for (const connection of this.connections) this.#moveOn(connection);
  }

  /** Has a connection run with the present snapshot. */
  #moveOn(connection: ServedConnection): void {
    const chain = this.#choice.choose(() => connection.facts);
    if (chain === null) connection.drain(true);
    else connection.moveTo(this.#snapshot, chain, this.#model.logRecord);
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
    this.#inspection.destroy();
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
    this.#inspection.destroy();
    for (const handshake of [...this.#handshakes]) handshake.destroy();
    for (const connection of [...this.connections]) connection.destroy();
  }

  #accept(handle: AcceptedHandle, pipePath: string): void {
    const { engine } = this.#setting.streams;
    if (engine.isScarce) {
      this.#count(LISTENER_DOWNSTREAM_CX_OVERFLOW, 1);
      handle.close();
      return;
    }
    handle.setNoDelay?.(true);
    if (this.#inspection.isNeeded) {
      this.#inspection.begin(new IncomingConnection(engine, handle, pipePath), true);
      return;
    }
    const chain = this.#choice.choose(() => new ConnectionFacts(endsOfHandle(handle)));
    if (chain === null) {
      const facts = new ConnectionFacts(endsOfHandle(handle));
      this.#refuse({ facts, pipePath, origin: null });
      handle.close();
      return;
    }
    this.#countOpen();
    if (chain.tls !== null) {
      this.#shakeHands(handle, chain, chain.tls, { pipePath });
      return;
    }
    let transport: SocketTransport | null = null;
    const socket = openSocket(engine, handle, (bytes) => transport?.read(bytes));
    transport = new SocketTransport(engine, socket);
    const facts = new ConnectionFacts(endsOf(socket));
    this.#serve({ ...FROM_OUTSIDE, transport, facts, pipePath }, this.#choose(chain));
  }

  /** Takes a connection from within the worker. Returns false when no more are taken. */
  acceptInternal(transport: InternalTransport, origin: InternalOrigin): boolean {
    if (this.#isClosed || !this.#model.isInternal) return false;
    const { engine } = this.#setting.streams;
    const incoming = new IncomingInternal(engine, transport, origin, this.#model.name);
    if (this.#inspection.isNeeded) this.#inspection.begin(incoming, true);
    else this.#onReady(incoming);
    return true;
  }

  /** Goes on with a connection of another listener, which was meant for this one. */
  takeOver(incoming: Incoming): void {
    this.#inspection.begin(incoming, false);
  }

  /** Listener filters are done with a connection. */
  #onReady(incoming: Incoming): void {
    const { facts, pipePath, origin, bytes } = incoming;
    const chain = this.#choice.choose(() => facts);
    if (chain === null) {
      this.#refuse(incoming);
      incoming.close();
      return;
    }
    this.#countOpen();
    if (chain.tls !== null) {
      const place = { pipePath, facts, received: bytes, origin };
      this.#shakeHands(incoming.takeHandle(), chain, chain.tls, place);
      return;
    }
    const transport = incoming.takeTransport();
    this.#serve({ ...FROM_OUTSIDE, transport, facts, pipePath, origin }, this.#choose(chain));
    feedInput(this.#setting.streams.engine, bytes, transport);
  }

  /** No filter chain is for a connection. */
  #refuse(refused: Pick<ReadyConnection, "facts" | "pipePath" | "origin">): void {
    this.#count(LISTENER_NO_FILTER_CHAIN_MATCH, 1);
    const { streams } = this.#setting;
    logRefused(streams, this.#snapshot, this.#model.logRecord, refused);
  }

  #shakeHands(
    handle: AcceptedHandle | TransportStream,
    chain: FilterChainModel,
    model: TlsContextModel,
    from: Origin,
  ): void {
    const { engine, deadlines } = this.#setting.streams;
    const tls = this.#setting.tls.server(model, `listener.${this.#model.statName}`);
    const timeoutMs = chain.handshakeTimeoutMs || idleTimeoutOf(chain);
    const setting = { engine, deadlines, timeoutMs };
    // The listener may run with another snapshot by the end, in which the chain is not to be found.
    const chosen = this.#choose(chain);
    chosen.snapshot.use();
    const { received, pipePath, origin = null } = from;
    const handshake = new PendingHandshake(
      tls,
      handle,
      { ...setting, received },
      {
        onSecure: (socket, isValidated) => {
          this.#handshakes.delete(handshake);
          const transport = new SocketTransport(engine, socket);
          const facts = from.facts ?? new ConnectionFacts(endsOf(socket));
          this.#serve({ transport, facts, pipePath, origin, tls: socket, isValidated }, chosen);
          chosen.snapshot.leave();
          return (bytes) => transport.read(bytes);
        },
        onFailed: (isTimeout) => {
          this.#handshakes.delete(handshake);
          chosen.snapshot.leave();
          this.#count(LISTENER_DOWNSTREAM_CX_ACTIVE, -1);
          this.#count(LISTENER_DOWNSTREAM_CX_DESTROY, 1);
          const hasOwnTimeout = chain.handshakeTimeoutMs > 0;
          if (!isTimeout || !hasOwnTimeout) return;
          this.#count(LISTENER_DOWNSTREAM_CX_TRANSPORT_SOCKET_CONNECT_TIMEOUT, 1);
        },
      },
    );
    this.#handshakes.add(handshake);
  }

  /** A chain with the snapshot that it is part of. */
  #choose(chain: FilterChainModel): ChosenChain {
    const { bufferBytesMax, logRecord } = this.#model;
    return { chain, snapshot: this.#snapshot, bufferBytesMax, logRecord };
  }

  #serve(ready: ReadyConnection, chosen: ChosenChain): void {
    serveChain(ready, {
      ...chosen,
      streams: this.#setting.streams,
      scopeOf: this.#setting.findBlock,
      onOpen: (connection) => {
        this.connections.add(connection);
        if (this.#isDraining) connection.drain(false);
      },
      onStart: (connection) => {
        if (chosen.snapshot !== this.#snapshot) this.#moveOn(connection);
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

  /** A connection has its filter chain. */
  #countOpen(): void {
    this.#count(LISTENER_DOWNSTREAM_CX_TOTAL, 1);
    this.#count(LISTENER_DOWNSTREAM_CX_ACTIVE, 1);
  }

  #count(counter: number, by: number): void {
    this.#setting.streams.engine.floats[(this.#stats >> 3) + counter] += by;
  }
}

/** What serves a connection from the moment on at which it has its filter chain. */
type ChosenChain = Pick<ServeSetting, "chain" | "snapshot" | "bufferBytesMax" | "logRecord">;

/** Where a connection comes from. */
interface Origin {
  /** Path of the Unix socket that accepted it, or empty. */
  readonly pipePath: string;
  /** What listener filters found out, where there are some. */
  readonly facts?: ConnectionFacts;
  /** What they have received of it. */
  readonly received?: Uint8Array;
  /** What comes with it from within the worker. */
  readonly origin?: InternalOrigin | null;
}

/** Has a connection work on what was received before it was there. */
function feedInput(engine: Engine, bytes: Uint8Array, transport: Transport): void {
  const { input } = engine;
  for (let at = 0; at < bytes.length; at += input.length) {
    const piece = bytes.subarray(at, at + input.length);
    input.set(piece);
    transport.read(piece.length);
  }
}
