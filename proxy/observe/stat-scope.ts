import {
  SCOPE_KIND_CLUSTER,
  SCOPE_KIND_HCM,
  SCOPE_KIND_TCP,
  SCOPE_KIND_VIRTUAL_HOST,
} from "../../api/engine/image.ts";
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
} from "../../api/engine/stats.ts";
import { TCP_CODES_AT, TCP_COUNTERS, TCP_HISTOGRAMS_AT } from "../../api/engine/tcp-stats.ts";
import {
  HTTP_INSPECTOR_COUNTERS,
  LISTENER_FILTER_CODES_AT,
  PROXY_PROTOCOL_COUNTERS,
  PROXY_PROTOCOL_LEGACY_COUNTERS,
  TLS_INSPECTOR_COUNTERS,
  TLS_INSPECTOR_HISTOGRAMS,
  TLS_INSPECTOR_HISTOGRAMS_AT,
} from "../../api/engine/listener-filter-stats.ts";
import { TLS_CODES_AT, TLS_COUNTERS, TLS_HISTOGRAMS_AT } from "../../api/engine/tls-stats.ts";

/** Kind of a listener's scope. It continues the `SCOPE_KIND_*` of the engine image. */
export const SCOPE_KIND_LISTENER: number = SCOPE_KIND_VIRTUAL_HOST + 1;
/** Kind of an access log's scope. */
export const SCOPE_KIND_ACCESS_LOG: number = SCOPE_KIND_VIRTUAL_HOST + 2;

/** Kind of the scope of a listener's or cluster's TLS; its name is that of the owner's scope. */
export const SCOPE_KIND_TLS: number = SCOPE_KIND_VIRTUAL_HOST + 3;

/** Kind of the scope of all TLS inspectors; its name is "", here and in the next three. */
export const SCOPE_KIND_TLS_INSPECTOR: number = SCOPE_KIND_VIRTUAL_HOST + 20;
/** Kind of the scope of all HTTP inspectors. */
export const SCOPE_KIND_HTTP_INSPECTOR: number = SCOPE_KIND_VIRTUAL_HOST + 21;
/** Kind of the scope of the PROXY protocol filters; its name is their `stat_prefix`. */
export const SCOPE_KIND_PROXY_PROTOCOL: number = SCOPE_KIND_VIRTUAL_HOST + 22;
/** Kind of the scope of what they all count below no prefix. */
export const SCOPE_KIND_PROXY_PROTOCOL_LEGACY: number = SCOPE_KIND_VIRTUAL_HOST + 23;

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

const LISTENER_GAUGES: Gauges = {
  downstream_cx_active: ["sum", "downstream_cx_total"],
  downstream_pre_cx_active: ["sum", "downstream_cx_total"],
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

/** The layout of what listener filters of one kind count. */
function toFilterLayout(prefix: string, counters: readonly string[]): ScopeLayout {
  return {
    prefix,
    columns: buildColumns(counters, {}),
    histograms: [],
    histogramsAt: TLS_INSPECTOR_HISTOGRAMS_AT,
    codesAt: LISTENER_FILTER_CODES_AT,
    codePrefixes: [],
    listenerCounters: NOTHING,
    workerNumbers: NOTHING,
  };
}

const LAYOUTS: ReadonlyMap<number, ScopeLayout> = new Map<number, ScopeLayout>([
  [
    SCOPE_KIND_HCM,
    {
      prefix: "http.",
      columns: buildColumns(HTTP_COUNTERS, HTTP_GAUGES),
      histograms: HTTP_HISTOGRAMS,
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
      histogramsAt: UPSTREAM_HISTOGRAMS_AT,
      codesAt: UPSTREAM_CODES_AT,
      codePrefixes: ["upstream_rq_", "internal.upstream_rq_", "external.upstream_rq_"],
      listenerCounters: NOTHING,
      workerNumbers: NOTHING,
    },
  ],
  [
    SCOPE_KIND_TCP,
    {
      prefix: "tcp.",
      columns: buildColumns(TCP_COUNTERS, TCP_GAUGES),
      histograms: [],
      histogramsAt: TCP_HISTOGRAMS_AT,
      codesAt: TCP_CODES_AT,
      codePrefixes: [],
      listenerCounters: NOTHING,
      workerNumbers: NOTHING,
    },
  ],
  [
    SCOPE_KIND_LISTENER,
    {
      prefix: "listener.",
      columns: buildColumns(LISTENER_COUNTERS, LISTENER_GAUGES),
      histograms: LISTENER_HISTOGRAMS,
      histogramsAt: LISTENER_HISTOGRAMS_AT,
      codesAt: LISTENER_CODES_AT,
      codePrefixes: [],
      listenerCounters: NOTHING,
      workerNumbers: WORKER_CONNECTIONS,
    },
  ],
  [
    SCOPE_KIND_ACCESS_LOG,
    {
      prefix: "access_logs.file.",
      columns: buildColumns(ACCESS_LOG_COUNTERS, {}),
      histograms: [],
      histogramsAt: ACCESS_LOG_HISTOGRAMS_AT,
      codesAt: ACCESS_LOG_CODES_AT,
      codePrefixes: [],
      listenerCounters: NOTHING,
      workerNumbers: NOTHING,
    },
  ],
  [
    SCOPE_KIND_TLS,
    {
      prefix: "",
      columns: buildColumns(TLS_COUNTERS, {}),
      histograms: [],
      histogramsAt: TLS_HISTOGRAMS_AT,
      codesAt: TLS_CODES_AT,
      codePrefixes: [],
      listenerCounters: NOTHING,
      workerNumbers: NOTHING,
    },
  ],
  [
    SCOPE_KIND_TLS_INSPECTOR,
    {
      ...toFilterLayout("tls_inspector.", TLS_INSPECTOR_COUNTERS),
      histograms: TLS_INSPECTOR_HISTOGRAMS,
    },
  ],
  [SCOPE_KIND_HTTP_INSPECTOR, toFilterLayout("http_inspector.", HTTP_INSPECTOR_COUNTERS)],
  [SCOPE_KIND_PROXY_PROTOCOL, toFilterLayout("proxy_proto.", PROXY_PROTOCOL_COUNTERS)],
  [SCOPE_KIND_PROXY_PROTOCOL_LEGACY, toFilterLayout("", PROXY_PROTOCOL_LEGACY_COUNTERS)],
]);
