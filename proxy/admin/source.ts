import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CertificateSchema } from "../../api/gen/envoy/admin/v3/certs_pb.js";
import type { CommandLineOptionsSchema } from "../../api/gen/envoy/admin/v3/server_info_pb.js";
import type { Bootstrap } from "../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import type { Cluster } from "../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import type { Node } from "../../api/gen/envoy/config/core/v3/base_pb.js";
import type { Listener } from "../../api/gen/envoy/config/listener/v3/listener_pb.js";
import type { RouteConfiguration } from "../../api/gen/envoy/config/route/v3/route_pb.js";
import type { AnyRegistry } from "../config/message/any-registry.ts";
import type { LogLevel } from "../observe/log-pattern.ts";
import type { ServerMemory, ServerState } from "../observe/stat/stat-server.ts";
import type { StatSnapshot } from "../observe/stat/stat-snapshot.ts";
import type { TagExtractor } from "../observe/stat/stat-tag.ts";

/**
 * All that the admin interface needs of the running proxy. Reading methods return what is true now;
 * those that must ask the workers return promises.
 */
export interface AdminSource {
  /** What `/ready` answers from: LIVE only while health checks are not failed. */
  state(): ServerState;
  /** Asks every worker for its numbers and merges them. */
  stats(): Promise<StatSnapshot>;
  /** Takes the tags out of statistics' names, as stats_config says. */
  tagExtractor(): Promise<TagExtractor>;
  serverInfo(): AdminServerInfo;
  clusters(): Promise<readonly AdminCluster[]>;
  listeners(): readonly AdminListener[];
  configDump(): Promise<AdminConfigDump>;
  /** One for each context of TLS. */
  certificates(): readonly MessageInitShape<typeof CertificateSchema>[];
  runtime(): AdminRuntime;
  memory(): ServerMemory;
  /** Named loggers and their levels. */
  logLevels(): ReadonlyMap<string, LogLevel>;
  /** Sets one logger, or all without a name, in every thread. */
  setLogLevel(level: LogLevel, name?: string): void;
  /** True makes `state` DRAINING and fails health checks; false takes that back. */
  failHealthCheck(isFailed: boolean): void;
  drainListeners(options: AdminDrain): void;
  /** Sets all counters to zero, those of the workers included. */
  resetCounters(): Promise<void>;
  reopenLogs(): Promise<void>;
  /** Ends the proxy. Called when the answer is out. */
  quit(): void;
}

/** What to do with listeners when they are drained. */
export interface AdminDrain {
  /** Ask open connections to end before the listeners close. */
  readonly isGraceful: boolean;
  /** Drain connections, and never close the listeners. */
  readonly keepsListening: boolean;
  /** Only listeners whose traffic_direction is INBOUND. */
  readonly isInboundOnly: boolean;
}

/** What the program is and how it was started. */
export interface AdminServerInfo {
  readonly version: string;
  readonly uptimeMs: number;
  readonly commandLine: MessageInitShape<typeof CommandLineOptionsSchema>;
  readonly node: Node | undefined;
}

/** One cluster and how its endpoints are doing, over all workers. */
export interface AdminCluster {
  readonly name: string;
  /** alt_stat_name, or the name. */
  readonly observabilityName: string;
  readonly isAddedViaApi: boolean;
  readonly defaultThresholds: AdminThresholds;
  readonly highThresholds: AdminThresholds;
  readonly endpoints: readonly AdminEndpointStatus[];
}

/** Circuit breakers of one priority. */
export interface AdminThresholds {
  readonly connectionsMax: number;
  readonly pendingRequestsMax: number;
  readonly requestsMax: number;
  readonly retriesMax: number;
}

/** Names of an endpoint's numbers, in Envoy's order of the text. */
export const ENDPOINT_STATS = [
  "cx_active",
  "cx_connect_fail",
  "cx_total",
  "rq_active",
  "rq_error",
  "rq_pending_active",
  "rq_success",
  "rq_timeout",
  "rq_total",
] as const;

/** The numbers of an endpoint. */
export type AdminEndpointStats = Readonly<Record<(typeof ENDPOINT_STATS)[number], number>>;

/** Envoy's words for why an endpoint is not fully healthy. */
export type AdminHealthFlag =
  | "/failed_active_hc"
  | "/failed_outlier_check"
  | "/failed_eds_health"
  | "/degraded_active_hc"
  | "/degraded_eds_health"
  | "/pending_dynamic_removal"
  | "/pending_active_hc"
  | "/excluded_via_immediate_hc_fail"
  | "/active_hc_timeout";

/** One endpoint of a cluster. */
export interface AdminEndpointStatus {
  readonly address: AdminEndpointAddress;
  readonly hostname: string;
  readonly stats: AdminEndpointStats;
  /** Why it is not fully healthy; empty while it is. */
  readonly healthFlags: readonly AdminHealthFlag[];
  readonly weight: number;
  readonly priority: number;
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
  readonly isCanary: boolean;
}

/** Where one listens or connects: an IP address and port, or the path of a Unix socket. */
export type AdminAddress =
  | { readonly kind: "socket"; readonly address: string; readonly port: number }
  | { readonly kind: "pipe"; readonly path: string };

/** The same of an endpoint, which may be a listener of the workers. */
export type AdminEndpointAddress =
  | AdminAddress
  | { readonly kind: "internal"; readonly listener: string; readonly endpointId: string };

/** A listener that accepts connections. */
export interface AdminListener {
  readonly name: string;
  /** As bound: the port is known even where the configuration says 0. The first is the main one. */
  readonly addresses: readonly AdminAddress[];
}

/** The configuration in force. Nothing in it is changed; secrets are taken out on the way. */
export interface AdminConfigDump {
  readonly bootstrap: Bootstrap;
  readonly updatedAt: Date;
  readonly listeners: readonly Listener[];
  readonly clusters: readonly Cluster[];
  /** Route configurations inlined in HttpConnectionManagers. */
  readonly routes: readonly RouteConfiguration[];
  /** The types that occur in `Any` fields. */
  readonly types: AnyRegistry;
}

/** The layers of the runtime, and every key in them. */
export interface AdminRuntime {
  /** Names, from the lowest to the one that wins. */
  readonly layers: readonly string[];
  /** Key → its value in each layer, "" where a layer does not have it. */
  readonly entries: ReadonlyMap<string, readonly string[]>;
}
