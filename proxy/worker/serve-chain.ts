import type { TLSSocket } from "node:tls";
import { HCM_STATS } from "../../api/engine/image.ts";
import {
  CONNECTION_CERTIFICATE,
  CONNECTION_CERTIFICATE_VALIDATED,
  CONNECTION_TLS,
} from "../../api/engine/layout.ts";
import { RESPONSE_FLAG_NR } from "../../api/engine/response-flags.ts";
import { DESTINATION_KEY, putMetadata, putState } from "../cluster/filter-state.ts";
import type { SnapshotUse } from "../cluster/snapshot-use.ts";
import type { InternalOrigin } from "../cluster/internal-dial.ts";
import type {
  FilterChainModel,
  HttpConnectionManagerModel,
  TcpProxyModel,
} from "../config/model.ts";
import type { Engine } from "../engine/engine.ts";
import { withPort, writeDirectEnds, writeEnds } from "../engine/ends.ts";
import type { DirectResponseModel, EchoModel } from "../config/network-filter-model.ts";
import type { Transport } from "../engine/transport.ts";
import type { ConnectionFacts } from "../listener/connection-facts.ts";
import { DownstreamConnection } from "../http/connection/downstream-connection.ts";
import type { StreamPool } from "../http/stream-pool.ts";
import type {
  ConnectionFilter,
  FilteredConnection,
  RefusedConnection,
} from "../tcp/filter/connection-filter.ts";
import { buildFilter } from "../tcp/filter/build-filters.ts";
import { FilterGate } from "../tcp/filter/filter-gate.ts";
import { ReplyConnection } from "../tcp/reply-connection.ts";
import { TcpConnection } from "../tcp/tcp-connection.ts";
import { tellDownstream, tellInspected } from "../tls/connection-facts.ts";
import { principalsOf } from "../tls/peer-facts.ts";
import type { RunningSnapshot } from "./running-snapshot.ts";
import type { ServedConnection } from "./served-connection.ts";

/** A connection that is ready to be served. */
export interface ReadyConnection {
  readonly transport: Transport;
  readonly facts: ConnectionFacts;
  /** Path of the Unix socket that accepted it, or nothing. */
  readonly pipePath: string;
  /** Null in plain text. */
  readonly tls: TLSSocket | null;
  /** Whether the peer's certificate was found to be trusted. */
  readonly isValidated: boolean;
  /** What comes with it, where it comes from within the worker. */
  readonly origin: InternalOrigin | null;
}

/** What serves it, and how much it may keep. */
export interface ServeSetting {
  readonly streams: StreamPool;
  readonly snapshot: RunningSnapshot;
  readonly chain: FilterChainModel;
  readonly bufferBytesMax: number;
  /** Offset of the record with the access logs of the listener, or 0. */
  readonly logRecord: number;
  /** Address of the block of a scope that network filters count in. */
  scopeOf(kind: number, name: string): number;
  /** Hears of the connection before anything happens on it. */
  onOpen(connection: ServedConnection): void;
  /** It is served from now on, if no filter refused it. */
  onStart(connection: ServedConnection): void;
  /** The connection is gone, after so many milliseconds. */
  onClose(connection: ServedConnection, lengthMs: number): void;
}

/** Where network filters speak of no idle time: as long as Envoy's default, in milliseconds. */
const IDLE_TIMEOUT_MS = 3_600_000;

/** How long nothing may move on a connection of a chain, in milliseconds; 0 is for ever. */
export function idleTimeoutOf({ terminal }: FilterChainModel): number {
  return "idleTimeoutMs" in terminal ? terminal.idleTimeoutMs : IDLE_TIMEOUT_MS;
}

/** The last filter with one connection. */
interface Terminal {
  readonly served: ServedConnection;
  start(): void;
  /** Closes at once: a filter before refuses the connection. */
  refuse(refused: RefusedConnection): void;
}

/** Has the filters of a chain serve a connection. */
export function serveChain(ready: ReadyConnection, setting: ServeSetting): void {
  if (setting.chain.filters.length === 0) {
    const terminal = openTerminal(ready, setting);
    setting.onOpen(terminal.served);
    terminal.start();
    setting.onStart(terminal.served);
    return;
  }
  const gate = new FilterGate(ready.transport, {
    filters: filtersOf(setting),
    connection: toFiltered(ready),
    deadlines: setting.streams.deadlines,
    onRefused: (refused) => terminal.refuse(refused),
  });
  const terminal = openTerminal(
    { ...ready, transport: gate.transport },
    {
      ...setting,
      onClose: (connection, lengthMs) => {
        gate.close();
        setting.onClose(connection, lengthMs);
      },
    },
  );
  setting.onOpen(terminal.served);
  if (!gate.open()) return;
  terminal.start();
  setting.onStart(terminal.served);
}

/** The filters of each chain: it has one snapshot, and so have they. */
const builtFilters = new WeakMap<FilterChainModel, readonly ConnectionFilter[]>();

function filtersOf({
  chain,
  snapshot,
  streams,
  scopeOf,
}: ServeSetting): readonly ConnectionFilter[] {
  const known = builtFilters.get(chain);
  if (known !== undefined) return known;
  const filters = chain.filters.map((model) =>
    buildFilter(model, {
      countsOf: (kind, scope) => {
        const block = scopeOf(kind, scope) >> 3;
        return { add: (number, by) => (streams.engine.floats[block + number] += by) };
      },
      cellOf: (place) => snapshot.cells[place],
    }),
  );
  builtFilters.set(chain, filters);
  return filters;
}

function toFiltered({ facts, tls }: ReadyConnection): FilteredConnection {
  return {
    ends: facts.ends,
    direct: facts.direct,
    // Names are the same in any case (RFC 6066 §3); an inspector says them in lower case.
    serverName: facts.serverName || (tls?.servername || "").toLowerCase(),
    // Only rules of access control ask for it.
    get principals() {
      return tls === null ? null : principalsOf(tls);
    },
  };
}

function openTerminal(ready: ReadyConnection, setting: ServeSetting): Terminal {
  const { terminal } = setting.chain;
  switch (terminal.kind) {
    case "http":
      return openHttp(ready, setting, terminal);
    case "tcp":
      return openTcp(ready, setting, terminal);
    default:
      return openReply(ready, setting, terminal);
  }
}

function openReply(
  ready: ReadyConnection,
  { streams, bufferBytesMax, onClose }: ServeSetting,
  terminal: EchoModel | DirectResponseModel,
): Terminal {
  const connection = new ReplyConnection(ready.transport, {
    engine: streams.engine,
    body: terminal.kind === "echo" ? null : terminal.body,
    bufferBytesMax,
    onClose: (lengthMs) => onClose(served, lengthMs),
  });
  const served: ServedConnection = {
    facts: ready.facts,
    moveTo: () => {},
    drain: () => {},
    noteBuffered: () => {},
    destroy: () => connection.destroy(),
  };
  return { served, start: () => connection.start(), refuse: () => connection.destroy() };
}

function openHttp(
  ready: ReadyConnection,
  setting: ServeSetting,
  manager: HttpConnectionManagerModel,
): Terminal {
  const { streams, snapshot, bufferBytesMax } = setting;
  const { engine } = streams;
  const { transport, facts, tls } = ready;
  const record = openRecord(ready, setting, manager);
  if (tls !== null) tellDownstream(engine, record, tls, manager, facts);
  else tellInspected(engine, record, facts, manager.tlsFacts);
  // By the snapshot that the connection runs with.
  const logs = new Map<SnapshotUse, number>([[snapshot, setting.logRecord]]);
  const connection = new DownstreamConnection(transport, {
    streams,
    target: { snapshot, manager },
    record,
    stats: statsOf(setting, manager),
    bufferBytesMax,
    tls,
    inspected: facts,
    origin: facts,
    protocol: tls?.alpnProtocol || "",
    onClosing: (used, received, sent) => {
      logClosed(streams, record, used, logs.get(used) ?? 0, received, sent);
    },
    onClose: (lengthMs) => setting.onClose(served, lengthMs),
  });
  const served: ServedConnection = {
    facts,
    moveTo: (next, chain, logRecord) => {
      const { terminal } = chain;
      logs.set(next, logRecord);
      if (terminal.kind === "http") connection.moveTo({ snapshot: next, manager: terminal });
      else connection.drain(true);
    },
    drain: (closesIdle) => connection.drain(closesIdle),
    noteBuffered: () => connection.noteBuffered(),
    destroy: () => connection.destroy(),
  };
  return { served, start: () => connection.start(), refuse: () => connection.destroy() };
}

function openTcp(ready: ReadyConnection, setting: ServeSetting, proxy: TcpProxyModel): Terminal {
  const { streams, snapshot, bufferBytesMax } = setting;
  const { engine, deadlines } = streams;
  const record = openRecord(ready, setting, proxy);
  const { tlsFacts } = proxy;
  if (ready.tls === null) tellInspected(engine, record, ready.facts, tlsFacts);
  else tellDownstream(engine, record, ready.tls, { forwardedDetails: null, tlsFacts }, ready.facts);
  const logs = new Map<SnapshotUse, number>([[snapshot, setting.logRecord]]);
  const connection = new TcpConnection(ready.transport, {
    engine,
    deadlines,
    target: { snapshot, proxy },
    origin: ready.facts,
    record,
    stats: statsOf(setting, proxy),
    bufferBytesMax,
    afterLog: () => streams.afterStream(),
    onClosing: (used, received, sent) => {
      logClosed(streams, record, used, logs.get(used) ?? 0, received, sent);
    },
    onClose: (lengthMs) => setting.onClose(served, lengthMs),
  });
  const served: ServedConnection = {
    facts: ready.facts,
    // Where the bytes go was decided when the connection began; and TCP cannot ask a peer to go.
    moveTo: () => {},
    drain: () => {},
    noteBuffered: () => connection.noteBuffered(),
    destroy: () => connection.destroy(),
  };
  return {
    served,
    start: () => connection.start(),
    refuse: (refused) => connection.refuse(refused),
  };
}

/** A line in each access log of the listener. */
function logClosed(
  streams: StreamPool,
  record: number,
  snapshot: SnapshotUse,
  logRecord: number,
  receivedBytes: number,
  sentBytes: number,
): void {
  if (logRecord === 0) return;
  const hcm = snapshot.image + logRecord;
  const nowMs = performance.now();
  streams.engine.calls.logConnection(record, hcm, -1, receivedBytes, sentBytes, nowMs);
  streams.afterStream();
}

/** Logs a connection that no filter chain is for. */
export function logRefused(
  streams: StreamPool,
  snapshot: RunningSnapshot,
  logRecord: number,
  { facts, pipePath, origin }: Pick<ReadyConnection, "facts" | "pipePath" | "origin">,
): void {
  if (logRecord === 0) return;
  const { engine } = streams;
  const hcm = snapshot.image + logRecord;
  const nowMs = performance.now();
  const record = engine.calls.openDownstream(snapshot.image, hcm, 0, nowMs);
  writeEnds(engine, record, facts.ends, pipePath);
  putOrigin(engine, record, { facts, origin });
  engine.calls.logConnection(record, hcm, RESPONSE_FLAG_NR, 0, 0, nowMs);
  engine.calls.closeConnection(record);
  streams.afterStream();
}

/** Makes the engine's record of a connection. */
function openRecord(
  ready: ReadyConnection,
  { streams, snapshot, chain }: ServeSetting,
  terminal: HttpConnectionManagerModel | TcpProxyModel,
): number {
  const { engine } = streams;
  const hcm = snapshot.image + terminal.record;
  const flags = ready.tls === null ? 0 : flagsOf(ready.tls, ready.isValidated);
  const record = engine.calls.openDownstream(snapshot.image, hcm, flags, performance.now());
  const { facts, pipePath } = ready;
  writeEnds(engine, record, facts.ends, pipePath);
  if (facts.ends !== facts.direct) writeDirectEnds(engine, record, facts.direct, pipePath);
  putOrigin(engine, record, ready);
  for (const sets of chain.stateSets) {
    engine.calls.runStateFilter(record, snapshot.image + sets, performance.now());
  }
  return record;
}

/** What others than the peer say of a connection. */
function putOrigin(
  engine: Engine,
  record: number,
  { origin, facts }: Pick<ReadyConnection, "facts" | "origin">,
): void {
  if (origin !== null) {
    putState(engine, record, origin.state);
    putMetadata(engine, record, origin.metadata);
  } else {
    for (const [namespace, values] of facts.metadata) {
      const entries = [...values].map(([key, text]) => {
        return { path: `${namespace}:${key}`, text, isJson: false };
      });
      putMetadata(engine, record, entries);
    }
  }
  if (!facts.isLocalRestored) return;
  const value = withPort(facts.ends.localAddress, facts.ends.localPort);
  putState(engine, record, [{ key: DESTINATION_KEY, value, flags: 0 }]);
}

function statsOf(
  { streams, snapshot }: ServeSetting,
  terminal: HttpConnectionManagerModel | TcpProxyModel,
): number {
  return streams.engine.field(snapshot.image + terminal.record, HCM_STATS);
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
