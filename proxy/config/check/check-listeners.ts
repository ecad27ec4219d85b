import type {
  Filter,
  FilterChain,
} from "../../../api/gen/envoy/config/listener/v3/listener_components_pb.js";
import type { Listener } from "../../../api/gen/envoy/config/listener/v3/listener_pb.js";
import { HttpConnectionManagerSchema } from "../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { ConnectionLimitSchema } from "../../../api/gen/envoy/extensions/filters/network/connection_limit/v3/connection_limit_pb.js";
import { ConfigSchema as DirectResponseSchema } from "../../../api/gen/envoy/extensions/filters/network/direct_response/v3/config_pb.js";
import { EchoSchema } from "../../../api/gen/envoy/extensions/filters/network/echo/v3/echo_pb.js";
import { ConfigSchema as NetworkStateSchema } from "../../../api/gen/envoy/extensions/filters/network/set_filter_state/v3/set_filter_state_pb.js";
import { ConfigSchema as OwnPeerSchema } from "../../../api/gen/envoy/extensions/network_filters/peer_metadata/config_pb.js";
import { MetadataExchangeSchema } from "../../../api/gen/envoy/tcp/metadataexchange/config/metadata_exchange_pb.js";
import { LocalRateLimitSchema } from "../../../api/gen/envoy/extensions/filters/network/local_ratelimit/v3/local_rate_limit_pb.js";
import { RBACSchema } from "../../../api/gen/envoy/extensions/filters/network/rbac/v3/rbac_pb.js";
import { TcpProxySchema } from "../../../api/gen/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb.js";
import type { FieldPath } from "../field-path.ts";
import { unpackAny } from "../message/any-registry.ts";
import type { Problems } from "../problems.ts";
import { checkBindAddress, describeAddress } from "./check-address.ts";
import { checkChainMatches } from "./check-chain-matches.ts";
import { checkRbac } from "./check-rbac.ts";
import { checkHttpConnectionManager } from "./http-connection-manager.ts";

/**
 * Checks what the rules of single fields cannot say of listeners, in Envoy's words.
 *
 * @param clusterNames The clusters that routes may name.
 */
export function checkListeners(
  listeners: readonly Listener[],
  clusterNames: ReadonlySet<string>,
  path: FieldPath,
  problems: Problems,
): void {
  const names = new Set<string>();
  const addresses = new Set<string>();
  for (const [index, listener] of listeners.entries()) {
    const at = path.item(index);
    if (names.has(listener.name)) {
      problems.add(at.field("name"), `duplicate listener ${listener.name} found`);
    }
    if (listener.name !== "") names.add(listener.name);
    checkAddresses(listener, addresses, at, problems);
    checkFilterChains(listener, clusterNames, at, problems);
  }
}

/** @param taken The addresses of the listeners before; the listener's own are added. */
function checkAddresses(
  listener: Listener,
  taken: Set<string>,
  path: FieldPath,
  problems: Problems,
): void {
  if (listener.listenerSpecifier.case === "internalListener") {
    checkInternal(listener, path, problems);
    return;
  }
  if (listener.address === undefined) problems.add(path.field("address"), "value is required");
  const extra = listener.additionalAddresses.map(({ address }, index) => ({
    address,
    at: path.field("additional_addresses").item(index).field("address"),
  }));
  for (const { address, at } of [
    { address: listener.address, at: path.field("address") },
    ...extra,
  ]) {
    checkBindAddress(address, at, problems);
    const text = describeAddress(address);
    // Port 0 asks for any free port, so two listeners do not meet there.
    if (text === null || text.endsWith(":0")) continue;
    if (taken.has(text)) {
      problems.add(at, `'${listener.name}' has duplicate address '${text}' as existing listener`);
    }
    taken.add(text);
  }
}

/** In Envoy's words. */
function checkInternal(listener: Listener, path: FieldPath, problems: Problems): void {
  const add = (what: string): void =>
    problems.add(path, `error adding listener named '${listener.name}': ${what}`);
  if (listener.address !== undefined) add("use address field with internal_listener");
  if (listener.additionalAddresses.length > 0) add("additional_addresses with internal_listener");
  if (listener.name === "") add("an internal listener needs a name");
}

function checkFilterChains(
  listener: Listener,
  clusterNames: ReadonlySet<string>,
  path: FieldPath,
  problems: Problems,
): void {
  const chains = path.field("filter_chains");
  const fallback = listener.defaultFilterChain;
  if (listener.filterChains.length === 0 && fallback === undefined) {
    problems.add(chains, "no filter chains specified");
  }
  for (const [index, chain] of listener.filterChains.entries()) {
    checkFilterChain(chain, clusterNames, chains.item(index), problems);
  }
  checkChainMatches(listener, path, problems);
  if (fallback !== undefined) {
    checkFilterChain(fallback, clusterNames, path.field("default_filter_chain"), problems);
  }
}

function checkFilterChain(
  chain: FilterChain,
  clusterNames: ReadonlySet<string>,
  path: FieldPath,
  problems: Problems,
): void {
  const filters = path.field("filters");
  if (chain.filters.length === 0) {
    problems.add(filters, "a filter chain without filters is not implemented");
  }
  for (const [index, filter] of chain.filters.entries()) {
    const isLast = index === chain.filters.length - 1;
    checkFilter(filter, isLast, clusterNames, filters.item(index), problems);
  }
}

/** Checks one network filter. Those that are not implemented are refused elsewhere. */
function checkFilter(
  filter: Filter,
  isLast: boolean,
  clusterNames: ReadonlySet<string>,
  path: FieldPath,
  problems: Problems,
): void {
  if (filter.configType.case !== "typedConfig") {
    if (filter.configType.case === undefined) {
      problems.add(path.field("typed_config"), "value is required");
    }
    return;
  }
  const config = filter.configType.value;
  const type = TERMINAL_TYPES.find(([desc]) => unpackAny(config, desc) !== null)?.[1];
  if (type !== undefined && !isLast) {
    const rule = "must be the last filter in a network filter chain.";
    problems.add(path, `Error: terminal filter named ${filter.name} of type ${type} ${rule}`);
  }
  const between = FILTER_TYPES.find(([desc]) => unpackAny(config, desc) !== null)?.[1];
  if (between !== undefined && isLast) {
    const rule = "is the last filter in a network filter chain.";
    problems.add(
      path,
      `Error: non-terminal filter named ${filter.name} of type ${between} ${rule}`,
    );
  }
  const rbac = unpackAny(config, RBACSchema);
  if (rbac !== null) checkRbac(rbac, path.field("typed_config"), problems);
  const manager = unpackAny(config, HttpConnectionManagerSchema);
  if (manager === null) return;
  checkHttpConnectionManager(manager, clusterNames, path.field("typed_config"), problems);
}

/** Filters that stand before those, and their names in Envoy. */
const FILTER_TYPES = [
  [ConnectionLimitSchema, "envoy.filters.network.connection_limit"],
  [LocalRateLimitSchema, "envoy.filters.network.local_ratelimit"],
  [RBACSchema, "envoy.filters.network.rbac"],
  [NetworkStateSchema, "envoy.filters.network.set_filter_state"],
  [MetadataExchangeSchema, "envoy.filters.network.metadata_exchange"],
  [OwnPeerSchema, "envoy.filters.network.peer_metadata"],
] as const;

/** Filters that have the connection to themselves, and their names in Envoy. */
const TERMINAL_TYPES = [
  [HttpConnectionManagerSchema, "envoy.filters.network.http_connection_manager"],
  [TcpProxySchema, "envoy.filters.network.tcp_proxy"],
  [EchoSchema, "envoy.filters.network.echo"],
  [DirectResponseSchema, "envoy.filters.network.direct_response"],
] as const;
