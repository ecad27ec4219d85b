import type { ProxyUpstreamModel, TlvModel } from "../../config/model.ts";
import type { ConnectionEnds } from "../../engine/ends.ts";
import type { ProxyEnds, ProxyTlv } from "../../proxy-protocol/proxy-header.ts";
import {
  type BinaryHeader,
  writeProxyBinary,
  writeProxyLine,
} from "../../proxy-protocol/write-header.ts";
import type { DownstreamOrigin } from "../variant/downstream-origin.ts";

/** Both ends as a PROXY header has them, or null where one has no IP address. */
export function toProxyEnds(ends: ConnectionEnds): ProxyEnds | null {
  const { localAddress, localPort, remoteAddress, remotePort } = ends;
  if (localAddress === "" || remoteAddress === "") return null;
  return {
    source: { ip: remoteAddress, port: remotePort },
    destination: { ip: localAddress, port: localPort },
  };
}

/** What a connection to an endpoint begins with. */
export interface PrefaceSetting {
  readonly model: ProxyUpstreamModel;
  /** For whom it is made; null for nobody. */
  readonly origin: DownstreamOrigin | null;
  /** TLVs of the endpoint. */
  readonly hostTlvs: readonly TlvModel[];
  /** The ends of the connection itself. */
  readonly ownEnds: ConnectionEnds;
}

/** The PROXY header of a connection to an endpoint, as Envoy's `UpstreamProxyProtocolSocket`. */
export function prefaceOf({ model, origin, hostTlvs, ownEnds }: PrefaceSetting): BinaryHeader {
  const ends = origin === null ? null : toProxyEnds(origin.ends);
  if (model.version === 2) {
    const tlvs = mergeTlvs(hostTlvs, model.added, passedTlvs(model, origin));
    return writeProxyBinary(ends, tlvs);
  }
  const own = toProxyEnds(ownEnds);
  // A line has no word for a connection of the proxy's own, so Envoy tells the truth about it.
  const shown = ends ?? (own && { source: own.destination, destination: own.source });
  return { bytes: writeProxyLine(shown), isCut: false };
}

/** TLVs of a downstream connection that a cluster is told; `pass_through_tlvs`. */
export function passedTlvs(
  { passed }: ProxyUpstreamModel,
  origin: DownstreamOrigin | null,
): readonly ProxyTlv[] {
  const tlvs = origin?.tlvs ?? [];
  return passed === "all" ? tlvs : tlvs.filter(({ type }) => passed.includes(type));
}

/** All of the first list; of each that follows, those of types that are in none before. */
function mergeTlvs(...lists: readonly (readonly ProxyTlv[])[]): readonly ProxyTlv[] {
  let merged: readonly ProxyTlv[] = [];
  for (const list of lists) {
    const types = new Set(merged.map(({ type }) => type));
    merged = [...merged, ...list.filter(({ type }) => !types.has(type))];
  }
  return merged;
}
