import type { DescMessage } from "@bufbuild/protobuf";
import * as network from "../../../../api/gen/envoy/extensions/matching/common_inputs/network/v3/network_inputs_pb.js";
import type { TypedExtensionConfig } from "../../../../api/gen/xds/core/v3/extension_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type { ConnectionInput, MatchInput } from "../../listener-model.ts";
import { typeNameOf, unpackAny } from "../../message/any-registry.ts";
import { refuse } from "../route/route-setting.ts";

/** What each type of input looks at. */
const INPUTS: readonly (readonly [DescMessage, ConnectionInput])[] = [
  [network.DestinationIPInputSchema, "destination-ip"],
  [network.DestinationPortInputSchema, "destination-port"],
  [network.SourceIPInputSchema, "source-ip"],
  [network.SourcePortInputSchema, "source-port"],
  [network.DirectSourceIPInputSchema, "direct-source-ip"],
  [network.SourceTypeInputSchema, "source-type"],
  [network.ServerNameInputSchema, "server-name"],
  [network.TransportProtocolInputSchema, "transport-protocol"],
  [network.ApplicationProtocolInputSchema, "application-protocol"],
];

const BY_TYPE_NAME = new Map(INPUTS.map(([{ typeName }, kind]) => [typeName, kind]));

/** Turns the input of a matcher into what workers run. */
export function compileMatchInput(
  input: TypedExtensionConfig | undefined,
  path: FieldPath,
): MatchInput {
  const at = path.field("typed_config");
  const any = input?.typedConfig;
  if (any === undefined) return refuse(at, "value is required");
  const state = unpackAny(any, network.FilterStateInputSchema);
  if (state !== null) return { kind: "filter-state", key: state.key };
  const kind = BY_TYPE_NAME.get(typeNameOf(any.typeUrl));
  return kind === undefined ? refuse(at, "an input of this type is not implemented") : { kind };
}
