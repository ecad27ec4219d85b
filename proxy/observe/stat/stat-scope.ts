import {
  SCOPE_KIND_CLUSTER,
  SCOPE_KIND_HCM,
  SCOPE_KIND_HTTP2,
  SCOPE_KIND_TCP,
} from "../../../api/engine/image.ts";
import {
  GRPC_CODES_AT,
  GRPC_COUNTERS,
  GRPC_HISTOGRAMS,
  GRPC_HISTOGRAMS_AT,
} from "../../../api/engine/grpc-stats.ts";
import {
  HTTP2_CODES_AT,
  HTTP2_COUNTERS,
  HTTP2_HISTOGRAMS_AT,
} from "../../../api/engine/http2-stats.ts";
import {
  CONNECTION_LIMIT_NUMBERS,
  FILTER_CODES_AT,
  FILTER_HISTOGRAMS_AT,
  METADATA_EXCHANGE_COUNTERS,
  RATE_LIMIT_COUNTERS,
  RBAC_COUNTERS,
  RBAC_SHADOW_COUNTERS,
  UPSTREAM_PROXY_COUNTERS,
} from "../../../api/engine/network/filter-stats.ts";
import {
  ACCESS_LOG_CODES_AT,
  ACCESS_LOG_COUNTERS,
  ACCESS_LOG_HISTOGRAMS_AT,
  HTTP_CODES_AT,
  HTTP_COUNTERS,
  HTTP_HISTOGRAMS,
  HTTP_HISTOGRAMS_AT,
  LISTENER_CODES_AT,
  LISTENER_COUNTERS,
  LISTENER_HISTOGRAMS,
  LISTENER_HISTOGRAMS_AT,
  UPSTREAM_CODES_AT,
  UPSTREAM_COUNTERS,
  UPSTREAM_HISTOGRAMS,
  UPSTREAM_HISTOGRAMS_AT,
} from "../../../api/engine/stats.ts";
import {
  HTTP_INSPECTOR_COUNTERS,
  LISTENER_FILTER_CODES_AT,
  PROXY_PROTOCOL_COUNTERS,
  PROXY_PROTOCOL_LEGACY_COUNTERS,
  TLS_INSPECTOR_COUNTERS,
  TLS_INSPECTOR_HISTOGRAMS,
  TLS_INSPECTOR_HISTOGRAMS_AT,
} from "../../../api/engine/network/listener-filter-stats.ts";
import {
  TCP_CODES_AT,
  TCP_COUNTERS,
  TCP_HISTOGRAMS_AT,
} from "../../../api/engine/network/tcp-stats.ts";
import {
  TLS_CODES_AT,
  TLS_COUNTERS,
  TLS_HISTOGRAMS_AT,
} from "../../../api/engine/tls/tls-stats.ts";
import {
  SCOPE_KIND_ACCESS_LOG,
  SCOPE_KIND_CONNECTION_LIMIT,
  SCOPE_KIND_CONNECTION_RATE,
  SCOPE_KIND_GRPC,
  SCOPE_KIND_HTTP_INSPECTOR,
  SCOPE_KIND_LISTENER,
  SCOPE_KIND_METADATA_EXCHANGE,
  SCOPE_KIND_PROXY_PROTOCOL,
  SCOPE_KIND_PROXY_PROTOCOL_LEGACY,
  SCOPE_KIND_RBAC,
  SCOPE_KIND_RBAC_SHADOW,
  SCOPE_KIND_TLS,
  SCOPE_KIND_TLS_INSPECTOR,
  SCOPE_KIND_UPSTREAM_PROXY,
} from "./scope-kind.ts";

/**
 * What a number is, and so how the workers' numbers become one. A counter only grows; its values
 * add up, those of dead workers included. A `sum` is a gauge of which each worker has a part. A
 * `max` is a gauge that every worker sees whole.
 */
export type StatKind = "counter" | "sum" | "max";

/** One number of a scope. */
export interface StatColumn {
  /** Envoy's name below the scope; null for a number that is not shown. */
  readonly name: string | null;
  readonly kind: StatKind;
  /** For a gauge: index of the counter that tells whether the gauge was ever written, or -1. */
  readonly usedBy: number;
  /** Envoy makes the number when it counts for the first time. */
  readonly isShownWhenZero: boolean;
}

/** How the blocks of one kind of scope lie in the engine's memory, and what is in them. */
export interface ScopeLayout {
  /** What stands before the name of the scope, with its dot. */
  readonly prefix: string;
  readonly columns: readonly StatColumn[];
  readonly histograms: readonly string[];
  /** Offset of the addresses of the histograms. */
  readonly histogramsAt: number;
  /** Offset of the addresses of the tables by status code. */
  readonly codesAt: number;
  /** What stands before a status code: for each, the block has tables of 1xx to 5xx. */
  readonly codePrefixes: readonly string[];
  /** Made when it counts first: nothing is shown before, and the name is used as it stands. */
  readonly isMadeWhenUsed: boolean;
  /** Counters that are shown a second time below the listener: see `toListenerPrefix`. */
  readonly listenerCounters: ReadonlySet<string>;
  /** Numbers that are shown a second time for each worker. */
  readonly workerNumbers: ReadonlySet<string>;
}

/** The layout of a kind of scope, or null for a kind that keeps no statistics. */
export function findScopeLayout(kind: number): ScopeLayout | null {
  return LAYOUTS.get(kind) ?? null;
}

/**
 * The full name, in Envoy's form, of what a scope is called before its statistics. Of the name of
 * a connection manager's scope, `listener:stat_prefix`, that is the second part.
 */
export function toScopePrefix(layout: ScopeLayout, name: string): string {
  if (layout.isMadeWhenUsed) return `${layout.prefix}${name}.`;
  const own = layout.listenerCounters.size > 0 ? name.slice(name.indexOf(":") + 1) : name;
  return own === "" ? layout.prefix : `${layout.prefix}${sanitizeStatName(own)}.`;
}

/** The same for what Envoy also counts below the listener, or null where that is not known. */
export function toListenerPrefix(layout: ScopeLayout, name: string): string | null {
  const colon = name.indexOf(":");
  if (layout.listenerCounters.size === 0 || colon < 0) return null;
  return `listener.${name.slice(0, colon)}.${toScopePrefix(layout, name)}`;
}

/** Makes a configured name fit for a statistic, by Envoy's rule: no colons, no dots at the ends. */
export function sanitizeStatName(name: string): string {
  return name
    .replaceAll("://", "_")
    .replaceAll(":/", "_")
    .replaceAll(":", "_")
    .replaceAll("\0", "_")
    .replace(/^\./, "")
    .replace(/\.$/, "");
}

/** Every gauge: how it merges, and the counter without which it was never written. */
type Gauges = Readonly<Record<string, readonly [kind: "sum" | "max", usedBy?: string]>>;

const HTTP_GAUGES: Gauges = {
  downstream_cx_active: ["sum", "downstream_cx_total"],
  downstream_cx_ssl_active: ["sum", "downstream_cx_ssl_total"],
  downstream_cx_http1_active: ["sum", "downstream_cx_http1_total"],
  downstream_cx_http2_active: ["sum", "downstream_cx_http2_total"],
  downstream_cx_upgrades_active: ["sum", "downstream_cx_upgrades_total"],
  downstream_cx_rx_bytes_buffered: ["sum", "downstream_cx_rx_bytes_total"],
  downstream_cx_tx_bytes_buffered: ["sum"],
  downstream_rq_active: ["sum", "downstream_rq_total"],
};

const UPSTREAM_GAUGES: Gauges = {
  upstream_cx_active: ["sum", "upstream_cx_total"],
  upstream_cx_rx_bytes_buffered: ["sum", "upstream_cx_rx_bytes_total"],
  upstream_cx_tx_bytes_buffered: ["sum"],
  upstream_rq_active: ["sum", "upstream_rq_total"],
  upstream_rq_pending_active: ["sum", "upstream_rq_pending_total"],
  membership_total: ["max", "membership_change"],
  membership_healthy: ["max", "membership_change"],
  membership_degraded: ["max", "membership_change"],
  membership_excluded: ["max", "membership_change"],
  version: ["max"],
  max_host_weight: ["max"],
  "circuit_breakers.default.cx_open": ["max", "upstream_cx_total"],
  "circuit_breakers.default.cx_pool_open": ["max", "upstream_cx_total"],
  "circuit_breakers.default.rq_pending_open": ["max", "upstream_rq_pending_total"],
  "circuit_breakers.default.rq_open": ["max", "upstream_rq_total"],
  "circuit_breakers.default.rq_retry_open": ["max", "upstream_rq_retry"],
};

const TCP_GAUGES: Gauges = {
  downstream_cx_tx_bytes_buffered: ["sum"],
  downstream_cx_rx_bytes_buffered: ["sum"],
  upstream_flush_active: ["sum"],
};

const CONNECTION_LIMIT_GAUGES: Gauges = { active_connections: ["sum"] };

const LISTENER_GAUGES: Gauges = {
  downstream_cx_active: ["sum", "downstream_cx_total"],
  downstream_pre_cx_active: ["sum", "downstream_cx_total"],
};

const HTTP2_GAUGES: Gauges = {
  deferred_stream_close: ["sum"],
  outbound_control_frames_active: ["sum"],
  outbound_frames_active: ["sum"],
  pending_send_bytes: ["sum"],
  streams_active: ["sum"],
};

/**
 * Engine name → the name shown. Envoy has `rs_too_large` without the direction, and keeps a
 * histogram where the listener's block has a counter of the same name.
 */
const RENAMED: ReadonlyMap<string, string | null> = new Map([
  ["downstream_rs_too_large", "rs_too_large"],
  ["connections_accepted_per_socket_event", null],
]);

/** What was agreed upon in handshakes, by its name. */
const COUNTED_BY_NAME = /^(?:versions|ciphers|curves)\./;
/** What Envoy counts for each connection manager of each listener. */
const LISTENER_RESPONSES: ReadonlySet<string> = new Set([
  "downstream_rq_completed",
  "downstream_rq_1xx",
  "downstream_rq_2xx",
  "downstream_rq_3xx",
  "downstream_rq_4xx",
  "downstream_rq_5xx",
]);

/** What Envoy counts for each worker of a listener. */
const WORKER_CONNECTIONS: ReadonlySet<string> = new Set([
  "downstream_cx_total",
  "downstream_cx_active",
]);

const NOTHING: ReadonlySet<string> = new Set();

function buildColumns(names: readonly string[], gauges: Gauges): StatColumn[] {
  return names.map((engineName) => {
    const renamed = RENAMED.get(engineName);
    const name = renamed === undefined ? engineName : renamed;
    const gauge = gauges[engineName];
    const isShownWhenZero = !COUNTED_BY_NAME.test(engineName);
    if (gauge === undefined) return { name, kind: "counter", usedBy: -1, isShownWhenZero };
    const [kind, usedBy] = gauge;
    const place = usedBy === undefined ? -1 : names.indexOf(usedBy);
    return { name, kind, usedBy: place, isShownWhenZero };
  });
}

/** Layout of blocks of counters and gauges that are nowhere but below one prefix. */
function plainLayout(
  { histogramsAt, codesAt }: Pick<ScopeLayout, "histogramsAt" | "codesAt">,
  prefix: string,
  names: readonly string[],
  gauges: Gauges = {},
): ScopeLayout {
  return {
    prefix,
    columns: buildColumns(names, gauges),
    histograms: [],
    isMadeWhenUsed: false,
    histogramsAt,
    codesAt,
    codePrefixes: [],
    listenerCounters: NOTHING,
    workerNumbers: NOTHING,
  };
}

const LISTENER_FILTER = {
  histogramsAt: TLS_INSPECTOR_HISTOGRAMS_AT,
  codesAt: LISTENER_FILTER_CODES_AT,
};
const NETWORK_FILTER = { histogramsAt: FILTER_HISTOGRAMS_AT, codesAt: FILTER_CODES_AT };

const LAYOUTS: ReadonlyMap<number, ScopeLayout> = new Map<number, ScopeLayout>([
  [
    SCOPE_KIND_HCM,
    {
      prefix: "http.",
      columns: buildColumns(HTTP_COUNTERS, HTTP_GAUGES),
      histograms: HTTP_HISTOGRAMS,
      isMadeWhenUsed: false,
      histogramsAt: HTTP_HISTOGRAMS_AT,
      codesAt: HTTP_CODES_AT,
      codePrefixes: [],
      listenerCounters: LISTENER_RESPONSES,
      workerNumbers: NOTHING,
    },
  ],
  [
    SCOPE_KIND_CLUSTER,
    {
      prefix: "cluster.",
      columns: buildColumns(UPSTREAM_COUNTERS, UPSTREAM_GAUGES),
      histograms: UPSTREAM_HISTOGRAMS,
      isMadeWhenUsed: false,
      histogramsAt: UPSTREAM_HISTOGRAMS_AT,
      codesAt: UPSTREAM_CODES_AT,
      codePrefixes: ["upstream_rq_", "internal.upstream_rq_", "external.upstream_rq_"],
      listenerCounters: NOTHING,
      workerNumbers: NOTHING,
    },
  ],
  [
    SCOPE_KIND_TCP,
    plainLayout(
      { histogramsAt: TCP_HISTOGRAMS_AT, codesAt: TCP_CODES_AT },
      "tcp.",
      TCP_COUNTERS,
      TCP_GAUGES,
    ),
  ],
  [
    SCOPE_KIND_CONNECTION_LIMIT,
    plainLayout(
      NETWORK_FILTER,
      "connection_limit.",
      CONNECTION_LIMIT_NUMBERS,
      CONNECTION_LIMIT_GAUGES,
    ),
  ],
  [
    SCOPE_KIND_CONNECTION_RATE,
    plainLayout(NETWORK_FILTER, "local_rate_limit.", RATE_LIMIT_COUNTERS),
  ],
  [SCOPE_KIND_RBAC, plainLayout(NETWORK_FILTER, "", RBAC_COUNTERS)],
  [SCOPE_KIND_RBAC_SHADOW, plainLayout(NETWORK_FILTER, "", RBAC_SHADOW_COUNTERS)],
  [SCOPE_KIND_METADATA_EXCHANGE, plainLayout(NETWORK_FILTER, "", METADATA_EXCHANGE_COUNTERS)],
  [SCOPE_KIND_UPSTREAM_PROXY, plainLayout(NETWORK_FILTER, "", UPSTREAM_PROXY_COUNTERS)],
  [
    SCOPE_KIND_LISTENER,
    {
      prefix: "listener.",
      columns: buildColumns(LISTENER_COUNTERS, LISTENER_GAUGES),
      histograms: LISTENER_HISTOGRAMS,
      isMadeWhenUsed: false,
      histogramsAt: LISTENER_HISTOGRAMS_AT,
      codesAt: LISTENER_CODES_AT,
      codePrefixes: [],
      listenerCounters: NOTHING,
      workerNumbers: WORKER_CONNECTIONS,
    },
  ],
  [
    SCOPE_KIND_ACCESS_LOG,
    plainLayout(
      { histogramsAt: ACCESS_LOG_HISTOGRAMS_AT, codesAt: ACCESS_LOG_CODES_AT },
      "access_logs.file.",
      ACCESS_LOG_COUNTERS,
    ),
  ],
  [
    SCOPE_KIND_HTTP2,
    plainLayout(
      { histogramsAt: HTTP2_HISTOGRAMS_AT, codesAt: HTTP2_CODES_AT },
      "",
      HTTP2_COUNTERS,
      HTTP2_GAUGES,
    ),
  ],
  [
    SCOPE_KIND_TLS,
    plainLayout({ histogramsAt: TLS_HISTOGRAMS_AT, codesAt: TLS_CODES_AT }, "", TLS_COUNTERS),
  ],
  [
    SCOPE_KIND_TLS_INSPECTOR,
    {
      ...plainLayout(LISTENER_FILTER, "tls_inspector.", TLS_INSPECTOR_COUNTERS),
      histograms: TLS_INSPECTOR_HISTOGRAMS,
    },
  ],
  [
    SCOPE_KIND_HTTP_INSPECTOR,
    plainLayout(LISTENER_FILTER, "http_inspector.", HTTP_INSPECTOR_COUNTERS),
  ],
  [
    SCOPE_KIND_PROXY_PROTOCOL,
    plainLayout(LISTENER_FILTER, "proxy_proto.", PROXY_PROTOCOL_COUNTERS),
  ],
  [
    SCOPE_KIND_PROXY_PROTOCOL_LEGACY,
    plainLayout(LISTENER_FILTER, "", PROXY_PROTOCOL_LEGACY_COUNTERS),
  ],
  [
    SCOPE_KIND_GRPC,
    {
      prefix: "cluster.",
      columns: GRPC_COUNTERS.map((name) => {
        return { name, kind: "counter", usedBy: -1, isShownWhenZero: false };
      }),
      histograms: GRPC_HISTOGRAMS,
      isMadeWhenUsed: true,
      histogramsAt: GRPC_HISTOGRAMS_AT,
      codesAt: GRPC_CODES_AT,
      codePrefixes: [],
      listenerCounters: NOTHING,
      workerNumbers: NOTHING,
    },
  ],
]);
