import type { Metadata } from "../../../api/gen/envoy/config/core/v3/base_pb.js";
import {
  PerHostConfigSchema,
  ProxyProtocolConfig_Version as Version,
  type TlvEntry,
} from "../../../api/gen/envoy/config/core/v3/proxy_protocol_pb.js";
import type { FieldPath } from "../field-path.ts";
import { unpackAny } from "../message/any-registry.ts";
import type { ProxyUpstreamModel, TlvModel } from "../model.ts";
import type { ClusterTransport } from "./cluster-transport.ts";
import { toTlvChoice } from "./listener/listener-filter.ts";
import { refuse } from "./route/route-setting.ts";

/** Where Envoy finds the TLVs of an endpoint in its typed metadata. */
export const HOST_TLVS_KEY = "envoy.transport_sockets.proxy_protocol";

/**
 * The PROXY header that connections of a cluster begin with, or null.
 *
 * @throws MeshError `CONFIG_INVALID` for TLVs without a value.
 */
export function toProxyUpstream({ proxy, proxyPath }: ClusterTransport): ProxyUpstreamModel | null {
  if (proxy === null) return null;
  const { config } = proxy;
  const added = config?.addedTlvs ?? [];
  checkValues(added, proxyPath.field("config").field("added_tlvs"));
  return {
    version: config?.version === Version.V2 ? 2 : 1,
    passed: toTlvChoice(config?.passThroughTlvs),
    added: added.map(toTlv),
  };
}

/** The TLVs of an endpoint: `PerHostConfig` in its metadata. */
export function toHostTlvs(metadata: Metadata | undefined): TlvModel[] {
  const any = metadata?.typedFilterMetadata[HOST_TLVS_KEY];
  const config = any && unpackAny(any, PerHostConfigSchema);
  return (config?.addedTlvs ?? []).map(toTlv);
}

function toTlv({ type, value }: TlvEntry): TlvModel {
  return { type, value };
}

/** In Envoy's words. Those of endpoints may be empty. */
function checkValues(tlvs: readonly TlvEntry[], path: FieldPath): void {
  for (const [index, { value }] of tlvs.entries()) {
    if (value.length > 0) continue;
    const rule = "one of 'value' or 'format_string' must be set.";
    refuse(path.item(index), `Invalid TLV configuration: ${rule}`);
  }
}
