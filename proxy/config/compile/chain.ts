import type { Any } from "@bufbuild/protobuf/wkt";
import * as image from "../../../api/engine/chain-image.ts";
import type { Node } from "../../../api/gen/envoy/config/core/v3/base_pb.js";
import type { HeaderMutation } from "../../../api/gen/envoy/config/common/mutation_rules/v3/mutation_rules_pb.js";
import { FilterConfigSchema } from "../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import { FilterConfigSchema as GrpcStatsSchema } from "../../../api/gen/envoy/extensions/filters/http/grpc_stats/v3/config_pb.js";
import { GrpcWebSchema } from "../../../api/gen/envoy/extensions/filters/http/grpc_web/v3/grpc_web_pb.js";
import {
  HeaderMutationPerRouteSchema,
  HeaderMutationSchema,
  type Mutations,
} from "../../../api/gen/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.js";
import { ConfigSchema as RequestStateSchema } from "../../../api/gen/envoy/extensions/filters/http/set_filter_state/v3/set_filter_state_pb.js";
import { ConfigSchema as PeerMetadataSchema } from "../../../api/gen/io/istio/http/peer_metadata/config_pb.js";
import { RouterSchema } from "../../../api/gen/envoy/extensions/filters/http/router/v3/router_pb.js";
import type { HttpFilter } from "../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import type { FieldPath } from "../field-path.ts";
import type { FormatSetting } from "../format/format-setting.ts";
import type { ImageWriter } from "../image/image-writer.ts";
import { unpackAny } from "../message/any-registry.ts";
import { writeStateSets } from "./filter-state.ts";
import { compileGrpcStats } from "./filter/grpc-stats.ts";
import type { RecordList } from "./log/access-log.ts";
import { compilePeerMetadata, findsPeers } from "./peer/peer-metadata.ts";
import { compileMutations } from "./route/header-mutation.ts";
import type { Direction } from "./route/header-name.ts";
import { type FilterConfigRecord, type FormatCompiler, refuse } from "./route/route-setting.ts";

/** What filters need beside their own settings. */
export interface ChainSetting extends FormatCompiler {
  readonly format: FormatSetting;
  /** Who this proxy is. */
  readonly node: Node | undefined;
}

/** Writes the records of an HTTP filter chain; the router, which ends it, has none. */
export function compileChain(
  writer: ImageWriter,
  filters: readonly HttpFilter[],
  setting: ChainSetting,
  path: FieldPath,
): RecordList {
  const inner = filters.filter((filter) => isKept(filter));
  const list = writer.reserve(inner.length * image.CHAIN_BYTES);
  for (const [place, filter] of inner.entries()) {
    const record = list + place * image.CHAIN_BYTES;
    const at = path.item(place).field("typed_config");
    const { kind, offset } = compileFilter(writer, filter, setting, at);
    writer.setUint32(record + image.CHAIN_KIND, kind);
    writer.setUint32(record + image.CHAIN_CONFIG, offset);
    writer.setUint32(record + image.CHAIN_DISABLED, filter.disabled ? 1 : 0);
  }
  return { offset: list, count: inner.length };
}

/**
 * Compiles what a route says of a filter.
 *
 * @returns `null` for a filter that the chain does not have, which Envoy lets pass too.
 */
export function compileRouteSettings(
  writer: ImageWriter,
  filters: readonly HttpFilter[],
  setting: { readonly name: string; readonly config: Any; readonly path: FieldPath },
  formats: FormatCompiler,
): FilterConfigRecord | null {
  const { name, config, path } = setting;
  const place = filters.filter(isKept).findIndex((filter) => filter.name === name);
  if (place < 0) return null;
  const kind = place + 1;
  const outer = unpackAny(config, FilterConfigSchema);
  if (outer?.disabled === true) return { kind, offset: 0, isDisabled: true };
  const inner = outer === null ? config : outer.config;
  if (inner === undefined) return { kind, offset: 0, isDisabled: false };
  const settings = unpackAny(inner, HeaderMutationPerRouteSchema);
  if (settings === null) return refuse(path, `${inner.typeUrl} does not fit the filter ${name}`);
  const at = path.field("mutations");
  const offset = compileHeaderMutation(writer, settings.mutations, false, formats, at);
  return { kind, offset, isDisabled: false };
}

/** Whether a filter has a record: the router ends the chain, and others may have nothing to do. */
function isKept({ configType }: HttpFilter): boolean {
  if (configType.case !== "typedConfig") return true;
  const { value } = configType;
  const peers = unpackAny(value, PeerMetadataSchema);
  return unpackAny(value, RouterSchema) === null && (peers === null || findsPeers(peers));
}

function compileFilter(
  writer: ImageWriter,
  { configType }: HttpFilter,
  setting: ChainSetting,
  path: FieldPath,
): { readonly kind: number; readonly offset: number } {
  if (configType.case !== "typedConfig") return refuse(path, "value is required");
  const { value } = configType;
  const state = unpackAny(value, RequestStateSchema);
  if (state !== null) {
    const at = path.field("on_request_headers");
    const offset = writeStateSets(writer, state.onRequestHeaders, setting.format, at);
    return { kind: image.FILTER_SET_FILTER_STATE, offset };
  }
  const grpcStats = unpackAny(value, GrpcStatsSchema);
  if (grpcStats !== null) {
    return { kind: image.FILTER_GRPC_STATS, offset: compileGrpcStats(writer, grpcStats) };
  }
  if (unpackAny(value, GrpcWebSchema) !== null) {
    return { kind: image.FILTER_GRPC_WEB, offset: 0 };
  }
  const peers = unpackAny(value, PeerMetadataSchema);
  if (peers !== null) {
    const offset = compilePeerMetadata(writer, peers, setting.node, path);
    return { kind: image.FILTER_PEER_METADATA, offset };
  }
  const config = unpackAny(value, HeaderMutationSchema);
  if (config === null) return refuse(path, `"${value.typeUrl}" is not implemented`);
  const { mutations, mostSpecificHeaderMutationsWins: winsSpecific } = config;
  const at = path.field("mutations");
  const offset = compileHeaderMutation(writer, mutations, winsSpecific, setting, at);
  return { kind: image.FILTER_HEADER_MUTATION, offset };
}

function compileHeaderMutation(
  writer: ImageWriter,
  mutations: Mutations | undefined,
  winsSpecific: boolean,
  formats: FormatCompiler,
  path: FieldPath,
): number {
  const record = writer.reserve(image.HEADER_MUTATION_BYTES);
  const request = mutations?.requestMutations ?? [];
  const response = mutations?.responseMutations ?? [];
  writeSteps(writer, record + image.HEADER_MUTATION_REQUEST, request, formats, {
    direction: "request",
    path: path.field("request_mutations"),
  });
  writeSteps(writer, record + image.HEADER_MUTATION_RESPONSE, response, formats, {
    direction: "response",
    path: path.field("response_mutations"),
  });
  writer.setUint32(record + image.HEADER_MUTATION_SPECIFIC_WINS, winsSpecific ? 1 : 0);
  return record;
}

/** Each step is a list of one mutation, since the order of removals and additions counts here. */
function writeSteps(
  writer: ImageWriter,
  field: number,
  steps: readonly HeaderMutation[],
  formats: FormatCompiler,
  { direction, path }: { readonly direction: Direction; readonly path: FieldPath },
): void {
  const offsets = steps.map(({ action }, index) => {
    const at = path.item(index);
    const add = action.case === "append" ? [action.value] : [];
    const remove = action.case === "remove" ? [action.value] : [];
    const places = { addPath: at.field("append"), removePath: at.field("remove") };
    return compileMutations(writer, { direction, add, remove, ...places }, formats);
  });
  const list = writer.reserve(offsets.length * 4);
  for (const [index, offset] of offsets.entries()) writer.setUint32(list + index * 4, offset);
  writer.setList(field, list, offsets.length);
}
