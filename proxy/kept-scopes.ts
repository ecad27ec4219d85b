import { SCOPE_KIND_CLUSTER, SCOPE_KIND_HCM, SCOPE_KIND_TCP } from "../api/engine/image.ts";
import type { Snapshot } from "./config/model.ts";
import {
  SCOPE_KIND_CONNECTION_LIMIT,
  SCOPE_KIND_CONNECTION_RATE,
  SCOPE_KIND_GRPC,
  SCOPE_KIND_LISTENER,
  SCOPE_KIND_RBAC,
  SCOPE_KIND_RBAC_SHADOW,
} from "./observe/stat/scope-kind.ts";
import { sanitizeStatName } from "./observe/stat/stat-scope.ts";

/**
 * Says which scopes of statistics belong to a snapshot. Workers never free a scope, so those of
 * listeners and clusters that are gone are left out where reports are merged.
 */
export function keptScopes({
  listeners,
  clusters,
}: Pick<Snapshot, "listeners" | "clusters">): (kind: number, name: string) => boolean {
  const chains = listeners.flatMap(({ filterChains, defaultFilterChain }) =>
    defaultFilterChain === null ? filterChains : [...filterChains, defaultFilterChain],
  );
  const scopesOf = (kind: "http" | "tcp"): ReadonlySet<string> =>
    new Set(chains.flatMap(({ terminal }) => (terminal.kind === kind ? [terminal.statScope] : [])));
  const filters = chains.flatMap((chain) => chain.filters);
  const prefixesOf = (kind: "connection-limit" | "connection-rate"): ReadonlySet<string> =>
    new Set(filters.flatMap((each) => (each.kind === kind ? [each.statPrefix] : [])));
  const rbacs = filters.flatMap((each) => (each.kind === "rbac" ? [each] : []));
  const observed = new Set(clusters.map(({ observedName }) => observedName));
  const names: ReadonlyMap<number, ReadonlySet<string>> = new Map([
    [SCOPE_KIND_HCM, scopesOf("http")],
    [SCOPE_KIND_TCP, scopesOf("tcp")],
    [SCOPE_KIND_CONNECTION_LIMIT, prefixesOf("connection-limit")],
    [SCOPE_KIND_CONNECTION_RATE, prefixesOf("connection-rate")],
    [SCOPE_KIND_RBAC, new Set(rbacs.map(({ statScope }) => statScope))],
    [SCOPE_KIND_RBAC_SHADOW, new Set(rbacs.map(({ shadowStatScope }) => shadowStatScope))],
    [SCOPE_KIND_LISTENER, new Set(listeners.map(({ statName }) => statName))],
    [SCOPE_KIND_CLUSTER, observed],
  ]);
  const sanitized = new Set(Array.from(observed, sanitizeStatName));
  return (kind, name) => {
    if (kind === SCOPE_KIND_GRPC) return isOfCluster(name, sanitized);
    return names.get(kind)?.has(name) ?? true;
  };
}

/** Whether the name of a gRPC method's scope begins with one of these clusters. */
function isOfCluster(name: string, clusters: ReadonlySet<string>): boolean {
  for (let at = name.indexOf(".grpc"); at >= 0; at = name.indexOf(".grpc", at + 1)) {
    if (clusters.has(name.slice(0, at))) return true;
  }
  return false;
}
