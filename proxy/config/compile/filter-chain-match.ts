import type { CidrRange } from "../../../api/gen/envoy/config/core/v3/address_pb.js";
import {
  type FilterChainMatch,
  FilterChainMatch_ConnectionSourceType as SourceType,
} from "../../../api/gen/envoy/config/listener/v3/listener_components_pb.js";
import type { FilterChainMatchModel } from "../model.ts";

/** What chooses a filter chain, or `null` when it takes every connection. */
export function toChainMatch(match: FilterChainMatch | undefined): FilterChainMatchModel | null {
  if (match === undefined) return null;
  return {
    destinationPort: match.destinationPort ?? 0,
    prefixRanges: match.prefixRanges.map(toRange),
    serverNames: match.serverNames.map((name) => name.toLowerCase()),
    transportProtocol: match.transportProtocol,
    applicationProtocols: match.applicationProtocols,
    directSourcePrefixRanges: match.directSourcePrefixRanges.map(toRange),
    sourcePrefixRanges: match.sourcePrefixRanges.map(toRange),
    sourcePorts: match.sourcePorts,
    sourceType: toSourceType(match.sourceType),
  };
}

function toSourceType(type: SourceType): FilterChainMatchModel["sourceType"] {
  if (type === SourceType.SAME_IP_OR_LOOPBACK) return "same-ip-or-loopback";
  return type === SourceType.EXTERNAL ? "external" : "any";
}

function toRange(range: CidrRange): string {
  const bits = range.prefixLen ?? 0;
  return `${range.addressPrefix}/${bits}`;
}
