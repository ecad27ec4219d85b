import type {
  HttpConnectionManager,
  HttpFilter,
} from "../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { FilterConfigSchema as GrpcStatsSchema } from "../../../api/gen/envoy/extensions/filters/http/grpc_stats/v3/config_pb.js";
import { GrpcWebSchema } from "../../../api/gen/envoy/extensions/filters/http/grpc_web/v3/grpc_web_pb.js";
import { HeaderMutationSchema } from "../../../api/gen/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.js";
import { ConfigSchema as RequestStateSchema } from "../../../api/gen/envoy/extensions/filters/http/set_filter_state/v3/set_filter_state_pb.js";
import { ConfigSchema as PeerMetadataSchema } from "../../../api/gen/io/istio/http/peer_metadata/config_pb.js";
import { RouterSchema } from "../../../api/gen/envoy/extensions/filters/http/router/v3/router_pb.js";
import type { FieldPath } from "../field-path.ts";
import { typeNameOf } from "../message/any-registry.ts";
import type { Problems } from "../problems.ts";
import { checkLenientRanges } from "./check-address.ts";
import { checkRouteConfiguration } from "./check-route-configuration.ts";

/** What Envoy calls the filters, by the type of their configuration. */
const FILTER_NAMES: ReadonlyMap<string, string> = new Map([
  [RouterSchema.typeName, "envoy.filters.http.router"],
  [GrpcStatsSchema.typeName, "envoy.filters.http.grpc_stats"],
  [GrpcWebSchema.typeName, "envoy.filters.http.grpc_web"],
  [HeaderMutationSchema.typeName, "envoy.filters.http.header_mutation"],
  [RequestStateSchema.typeName, "envoy.filters.http.set_filter_state"],
  [PeerMetadataSchema.typeName, "envoy.filters.http.peer_metadata"],
]);

/** Checks what the rules of single fields cannot say of the HTTP connection manager. */
export function checkHttpConnectionManager(
  manager: HttpConnectionManager,
  clusterNames: ReadonlySet<string>,
  path: FieldPath,
  problems: Problems,
): void {
  checkHttpFilters(manager.httpFilters, path.field("http_filters"), problems);
  const stripsAny =
    manager.stripPortMode.case === "stripAnyHostPort" && manager.stripPortMode.value;
  if (stripsAny && manager.stripMatchingHostPort) {
    const names = "`strip_matching_host_port` or `strip_any_host_port`";
    problems.add(path.field("strip_any_host_port"), `Error: Only one of ${names} can be set.`);
  }
  const ranges = manager.internalAddressConfig?.cidrRanges ?? [];
  const at = path.field("internal_address_config").field("cidr_ranges");
  checkLenientRanges(ranges, at, problems);
  if (manager.commonHttpProtocolOptions?.maxResponseHeadersKb !== undefined) {
    const limit = path.field("common_http_protocol_options").field("max_response_headers_kb");
    problems.add(limit, "Error: max_response_headers_kb cannot be set on http_connection_manager.");
  }
  if (manager.routeSpecifier.case !== "routeConfig") return;
  const routes = path.field("route_config");
  checkRouteConfiguration(manager.routeSpecifier.value, clusterNames, routes, problems);
}

function checkHttpFilters(
  filters: readonly HttpFilter[],
  path: FieldPath,
  problems: Problems,
): void {
  if (filters.length === 0) problems.add(path, "the chain must end with the router filter");
  for (const [index, filter] of filters.entries()) {
    const at = path.item(index);
    if (filter.configType.case !== "typedConfig") {
      if (filter.configType.case === undefined) {
        problems.add(at.field("typed_config"), "value is required");
      }
      continue;
    }
    const isLast = index === filters.length - 1;
    const reason = checkOrder(filter, typeNameOf(filter.configType.value.typeUrl), isLast);
    if (reason !== null) problems.add(at, reason);
  }
  checkSingles(filters, path, problems);
}

/** Filters that a stream has room for once. */
const SINGLES: readonly string[] = [GrpcStatsSchema.typeName, GrpcWebSchema.typeName];

function checkSingles(filters: readonly HttpFilter[], path: FieldPath, problems: Problems): void {
  const types = filters.map(({ configType }) => {
    return configType.case === "typedConfig" ? typeNameOf(configType.value.typeUrl) : "";
  });
  for (const [index, type] of types.entries()) {
    if (!SINGLES.includes(type) || types.indexOf(type) === index) continue;
    problems.add(path.item(index), `a second ${FILTER_NAMES.get(type)} is not implemented`);
  }
}

/** The router ends the chain and stands nowhere else. */
function checkOrder(filter: HttpFilter, typeName: string, isLast: boolean): string | null {
  const type = FILTER_NAMES.get(typeName);
  // Filters that are not implemented are refused elsewhere.
  if (type === undefined) return null;
  const isTerminal = typeName === RouterSchema.typeName;
  if (isTerminal === isLast) {
    return isTerminal && filter.disabled ? "a terminal filter cannot be disabled" : null;
  }
  const which = `filter named ${filter.name} of type ${type}`;
  return isTerminal
    ? `Error: terminal ${which} must be the last filter in a http filter chain.`
    : `Error: non-terminal ${which} is the last filter in a http filter chain.`;
}
