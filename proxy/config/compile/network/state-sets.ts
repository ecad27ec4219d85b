import type { Any } from "@bufbuild/protobuf/wkt";
import { STATE_IS_JSON } from "../../../../api/engine/state-image.ts";
import type { Node } from "../../../../api/gen/envoy/config/core/v3/base_pb.js";
import { ConfigSchema as NetworkStateSchema } from "../../../../api/gen/envoy/extensions/filters/network/set_filter_state/v3/set_filter_state_pb.js";
import { ConfigSchema as OwnPeerSchema } from "../../../../api/gen/envoy/extensions/network_filters/peer_metadata/config_pb.js";
import { MetadataExchangeSchema } from "../../../../api/gen/envoy/tcp/metadataexchange/config/metadata_exchange_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type { FormatSetting } from "../../format/format-setting.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { unpackAny } from "../../message/any-registry.ts";
import { writeKnownState, writeStateSets } from "../filter-state.ts";
import { ownWorkload, toBaggage } from "../peer/own-workload.ts";

/** What Istio sets where nobody has said who he is. */
const NO_PEER = { key: "peer_not_found", text: "true", flags: STATE_IS_JSON } as const;

/** What filters set their state with. */
export interface StateSetting {
  readonly writer: ImageWriter;
  readonly format: FormatSetting;
  /** Who this proxy is. */
  readonly node: Node | undefined;
}

/** Whether to set filter state is all that a network filter does. */
export function setsStateOnly(config: Any): boolean {
  return (
    unpackAny(config, NetworkStateSchema) !== null || unpackAny(config, OwnPeerSchema) !== null
  );
}

/**
 * Writes the filter state that a network filter sets when a connection begins.
 *
 * @param path Of the filter's `typed_config`.
 * @returns The offset of a `STATE_SETS` record, or 0 for a filter that sets none.
 */
export function writeStateOf(
  config: Any,
  { writer, format, node }: StateSetting,
  path: FieldPath,
): number {
  const sets = unpackAny(config, NetworkStateSchema);
  if (sets !== null) {
    return writeStateSets(writer, sets.onNewConnection, format, path.field("on_new_connection"));
  }
  if (unpackAny(config, MetadataExchangeSchema) !== null) {
    return writeKnownState(writer, NO_PEER, format, path);
  }
  const key = unpackAny(config, OwnPeerSchema)?.baggageKey ?? "";
  if (key === "") return 0;
  const text = toBaggage(ownWorkload(node, []));
  return writeKnownState(writer, { key, text, flags: 0 }, format, path.field("baggage_key"));
}
