import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { HCM_STATS } from "../../api/engine/image.ts";
import {
  CONNECTION_CERTIFICATE,
  CONNECTION_CERTIFICATE_VALIDATED,
  CONNECTION_TLS,
} from "../../api/engine/layout.ts";
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
import { endsOf, endsOfHandle, writeDirectEnds, writeEnds } from "../engine/ends.ts";
import type { Engine } from "../engine/engine.ts";
import { isTlsSocket } from "../engine/node-tls.ts";
import { openSocket } from "../engine/socket.ts";
import type { ConnectionTarget } from "../http/connection-target.ts";
import { DownstreamConnection } from "../http/connection/downstream-connection.ts";
import type { StreamPool } from "../http/stream-pool.ts";
import { writeFacts, writeInspected } from "../tls/peer-facts.ts";
import type { TlsRegistry } from "../tls/tls-registry.ts";
import { type AcceptedHandle, AcceptingServer } from "./accepting-server.ts";
import type { FindBlock } from "./accept/filter-factory.ts";
import { IncomingConnection } from "./accept/incoming-connection.ts";
import { type IncomingTaker, Inspection } from "./accept/inspection.ts";
import { FilterChainChoice } from "./filter-chain-choice.ts";
import { PendingHandshake } from "./pending-handshake.ts";
import type { RunningSnapshot } from "./running-snapshot.ts";
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

/** A listener of one worker: its listening sockets and the connections that they accepted. */
export class Listener {
  readonly connections = new Set<DownstreamConnection>();
  readonly #handshakes = new Set<PendingHandshake>();
  /** What is known of connections that listener filters have looked at. */
  readonly #facts = new WeakMap<Socket, ConnectionFacts>();
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
    for (const connection of this.connections) {
      const chain = this.#choose(connection.socket);
      if (chain === null) connection.drain(true);
      else connection.moveTo(this.#target(chain));
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
      this.#count(LISTENER_NO_FILTER_CHAIN_MATCH, 1);
      handle.close();
      return;
    }
    this.#countOpen();
    if (chain.tls !== null) {
      this.#shakeHands(handle, chain, chain.tls, { pipePath });
      return;
    }
    let connection: DownstreamConnection | null = null;
    const socket = openSocket(engine, handle, (bytes) => connection?.onRead(bytes));
    connection = this.#open(socket, chain, 0, { pipePath });
  }

  /** Goes on with a connection of another listener, which was meant for this one. */
  takeOver(incoming: IncomingConnection): void {
    this.#inspection.begin(incoming, false);
  }

  /** Listener filters are done with a connection. */
  #onReady(incoming: IncomingConnection): void {
    const { facts, pipePath } = incoming;
    const chain = this.#choice.choose(() => facts);
    if (chain === null) {
      this.#count(LISTENER_NO_FILTER_CHAIN_MATCH, 1);
      incoming.close();
      return;
    }
    this.#countOpen();
    const origin = { pipePath, facts };
    if (chain.tls !== null) {
      const handle = incoming.takeHandle();
      this.#shakeHands(handle, chain, chain.tls, { ...origin, received: incoming.bytes });
      return;
    }
    let connection: DownstreamConnection | null = null;
    const socket = incoming.takeSocket((bytes) => connection?.onRead(bytes));
    connection = this.#open(socket, chain, 0, origin);
    feedInput(this.#setting.streams.engine, incoming.bytes, connection);
  }

  #shakeHands(
    handle: AcceptedHandle,
    chain: FilterChainModel,
    model: TlsContextModel,
    origin: Origin,
  ): void {
    const { engine, deadlines } = this.#setting.streams;
    const tls = this.#setting.tls.server(model, `listener.${this.#model.statName}`);
    const timeoutMs = chain.handshakeTimeoutMs || chain.manager.idleTimeoutMs;
    const setting = { engine, deadlines, timeoutMs };
    const { received } = origin;
    const handshake = new PendingHandshake(
      tls,
      handle,
      { ...setting, received },
      {
        onSecure: (socket, isValidated) => {
          this.#handshakes.delete(handshake);
          const connection = this.#open(socket, chain, flagsOf(socket, isValidated), origin);
          return (bytes) => connection.onRead(bytes);
        },
        onFailed: (isTimeout) => {
          this.#handshakes.delete(handshake);
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

  #open(
    socket: Socket,
    chain: FilterChainModel,
    flags: number,
    { pipePath, facts }: Origin,
  ): DownstreamConnection {
    const { streams } = this.#setting;
    const { engine } = streams;
    const target = this.#target(chain);
    const { snapshot } = target;
    const hcm = snapshot.image + chain.manager.record;
    const record = engine.calls.openDownstream(snapshot.image, hcm, flags, performance.now());
    writeEnds(engine, record, facts?.ends ?? endsOf(socket), pipePath);
    if (facts !== undefined) {
      this.#facts.set(socket, facts);
      if (facts.ends !== facts.direct) writeDirectEnds(engine, record, facts.direct, pipePath);
    }
    if (isTlsSocket(socket)) {
      writeFacts(engine, record, socket, chain.manager.forwardedDetails, facts);
    } else if (facts !== undefined) writeInspected(engine, record, facts);
    const connection = new DownstreamConnection(socket, {
      streams,
      target,
      record,
      stats: engine.field(hcm, HCM_STATS),
      bufferBytesMax: this.#model.bufferBytesMax,
      protocol: isTlsSocket(socket) ? socket.alpnProtocol || "" : "",
      onClose: (closed, lengthMs) => this.#forget(closed, lengthMs),
    });
    this.connections.add(connection);
    if (this.#isDraining) connection.drain(false);
    return connection;
  }

  #forget(connection: DownstreamConnection, lengthMs: number): void {
    const { calls } = this.#setting.streams.engine;
    this.connections.delete(connection);
    this.#count(LISTENER_DOWNSTREAM_CX_ACTIVE, -1);
    this.#count(LISTENER_DOWNSTREAM_CX_DESTROY, 1);
    const place = LISTENER_HISTOGRAMS_AT + LISTENER_H_DOWNSTREAM_CX_LENGTH_MS * 4;
    calls.recordTime(this.#stats + place, lengthMs);
  }

  #choose(socket: Socket): FilterChainModel | null {
    const facts = this.#facts.get(socket);
    return this.#choice.choose(() => facts ?? new ConnectionFacts(endsOf(socket)));
  }

  #target(chain: FilterChainModel): ConnectionTarget {
    return { snapshot: this.#snapshot, manager: chain.manager };
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

/** Where a connection comes from. */
interface Origin {
  /** Path of the Unix socket that accepted it, or empty. */
  readonly pipePath: string;
  /** What listener filters found out, where there are some. */
  readonly facts?: ConnectionFacts;
  /** What they have received of it. */
  readonly received?: Uint8Array;
}

/** Has a connection work on what was received before it was there. */
function feedInput(engine: Engine, bytes: Uint8Array, connection: DownstreamConnection): void {
  const { input } = engine;
  for (let at = 0; at < bytes.length; at += input.length) {
    const piece = bytes.subarray(at, at + input.length);
    input.set(piece);
    connection.onRead(piece.length);
  }
}

/** What the engine needs to know of a connection in TLS. */
function flagsOf(socket: TLSSocket, isValidated: boolean): number {
  const hasCertificate = socket.getPeerX509Certificate() !== undefined;
  return (
    CONNECTION_TLS |
    (hasCertificate ? CONNECTION_CERTIFICATE : 0) |
    (isValidated ? CONNECTION_CERTIFICATE_VALIDATED : 0)
  );
}
