import type { HttpProtocol, ProxyUpstreamModel } from "../../config/model.ts";
import { type ConnectionSource, withPort } from "../../engine/ends.ts";
import type { DownstreamOrigin } from "./downstream-origin.ts";
import type { StateEntry } from "../filter-state.ts";
import { passedTlvs } from "../upstream/proxy-preface.ts";

/** What sets the connections of one pool apart from those of others to the same endpoint. */
export interface PoolVariant {
  /** Equal for requests that may share connections. */
  readonly key: string;
  /** The connections speak no HTTP, and each serves once. */
  readonly isRaw: boolean;
  /** What the connections speak, where that is not the cluster's `codec`. */
  readonly codec: HttpProtocol | null;
  /** What connections within the worker carry along. */
  readonly state: readonly StateEntry[];
  /** What a connection without HTTP carries before the payload; null for nothing. */
  readonly opening: Uint8Array | null;
  /** Where they come from; null for wherever the system has them come from. */
  readonly source: ConnectionSource | null;
  /** For whom they are made, where the upstream is told; null for nobody in particular. */
  readonly origin: DownstreamOrigin | null;
}

/** Connections as the cluster's configuration has them. */
export const PLAIN_VARIANT: PoolVariant = {
  key: "",
  isRaw: false,
  codec: null,
  state: [],
  opening: null,
  source: null,
  origin: null,
};

/** Connections that carry payload alone. */
export const RAW_VARIANT: PoolVariant = { ...PLAIN_VARIANT, key: "raw", isRaw: true };

/** Connections in another version of HTTP than the cluster's own. */
export const PROTOCOL_VARIANTS: Readonly<Record<HttpProtocol, PoolVariant>> = {
  http1: { ...PLAIN_VARIANT, key: "http1", codec: "http1" },
  http2: { ...PLAIN_VARIANT, key: "http2", codec: "http2" },
};

/**
 * Connections that tell the upstream of one downstream connection in a PROXY header. Others that
 * say the same there may share them.
 */
export function proxiedVariant(
  base: PoolVariant,
  model: ProxyUpstreamModel,
  origin: DownstreamOrigin,
): PoolVariant {
  const { remoteAddress, remotePort, localAddress, localPort } = origin.ends;
  const ends = `${withPort(remoteAddress, remotePort)} ${withPort(localAddress, localPort)}`;
  const tlvs = passedTlvs(model, origin).map(({ type, value }) => {
    return ` ${type}=${Buffer.from(value).toString("base64")}`;
  });
  return { ...base, key: `${base.key} proxy ${ends}${tlvs.join("")}`, origin };
}

/** Connections that come from another address. */
export function sourcedVariant(base: PoolVariant, source: ConnectionSource): PoolVariant {
  return { ...base, key: `${base.key} from ${source.address} mark ${source.mark}`, source };
}
