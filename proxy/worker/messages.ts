import type { EndpointModel, Snapshot } from "../config/model.ts";
import type { TlsContextModel } from "../config/tls-model.ts";
import type { WorkerStats } from "../observe/stat/stat-report.ts";
import type { SocketGrant } from "./socket-grant.ts";

/** What a worker thread starts with. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly index: number;
  readonly workerCount: number;
  readonly snapshot: Snapshot;
  /** Counts behind the circuit breakers: see `BreakerTable`. */
  readonly breakers: SharedArrayBuffer;
  /** What network filters of all workers share, by the places in the snapshot: see `SharedCell`. */
  readonly cells: readonly SharedArrayBuffer[];
  /** The proxy fails its health checks. */
  readonly isHealthFailed: boolean;
  /** Endpoints found by DNS before the worker started, by index of the cluster. */
  readonly endpoints: readonly (readonly [number, readonly EndpointModel[]])[];
  /** For the listeners of the snapshot. */
  readonly sockets: SocketGrant;
  /** Random bytes that all workers share, for the keys of session tickets. */
  readonly ticketSeed: Uint8Array;
}

/** What to drain: answers say `Connection: close` from then on. */
export interface WorkerDrain {
  /** Accept no more. */
  readonly closesListeners: boolean;
  /** Close connections that serve no request, too. */
  readonly closesIdle: boolean;
  /** Only listeners whose traffic_direction is INBOUND. */
  readonly isInboundOnly: boolean;
}

/** From the main thread to a worker. */
export type ToWorker =
  | {
      readonly kind: "snapshot";
      readonly snapshot: Snapshot;
      readonly breakers: SharedArrayBuffer;
      readonly cells: readonly SharedArrayBuffer[];
      readonly sockets: SocketGrant;
    }
  | {
      readonly kind: "endpoints";
      readonly version: number;
      readonly cluster: number;
      readonly endpoints: readonly EndpointModel[];
    }
  | {
      /** Secrets changed: what is configured at the same place uses these from now on. */
      readonly kind: "tls";
      readonly context: TlsContextModel;
    }
  | { readonly kind: "report"; readonly id: number }
  | ({ readonly kind: "drain" } & WorkerDrain)
  | { readonly kind: "health"; readonly isFailed: boolean }
  | { readonly kind: "reopen-logs" }
  | { readonly kind: "stop" };

/** Where a listener really listens. */
export interface BoundAddress {
  readonly listener: string;
  readonly place: number;
  readonly address: string;
  readonly port: number;
}

/** How an endpoint is doing in one worker. */
export interface EndpointReport {
  readonly cluster: number;
  readonly address: string;
  readonly numbers: Float64Array;
}

/** From a worker to the main thread. */
export type FromWorker =
  | { readonly kind: "ready"; readonly addresses: readonly BoundAddress[] }
  | {
      readonly kind: "applied";
      readonly version: number;
      readonly addresses: readonly BoundAddress[];
    }
  | { readonly kind: "failed"; readonly version: number; readonly reason: string }
  | {
      readonly kind: "report";
      readonly id: number;
      readonly stats: WorkerStats;
      readonly endpoints: readonly EndpointReport[];
      readonly connectionCount: number;
    }
  | { readonly kind: "drained" };
