import type { FilterStateValue } from "../../../api/gen/envoy/extensions/filters/common/set_filter_state/v3/value_pb.js";
import { FilterStateValue_SharedWithUpstream as Shared } from "../../../api/gen/envoy/extensions/filters/common/set_filter_state/v3/value_pb.js";
import * as state from "../../../api/engine/state-image.ts";
import type { FieldPath } from "../field-path.ts";
import { compileFormat } from "../format/compile.ts";
import { compileSubstitution } from "../format/compile-substitution.ts";
import type { FormatSetting } from "../format/format-setting.ts";
import type { ImageWriter } from "../image/image-writer.ts";
import { refuse } from "./route/route-setting.ts";

/** Factories of plain texts, and whether connections with different texts are kept apart. */
const TEXT_FACTORIES: ReadonlyMap<string, number> = new Map([
  ["envoy.string", 0],
  ["envoy.hashable_string", state.STATE_IS_HASHED],
  ["istio.hashable_string", state.STATE_IS_HASHED],
]);

const ADDRESS = state.STATE_IS_ADDRESS | state.STATE_IS_HASHED;
/** Keys that are their own factories, of those that something here reads. */
const KNOWN_KEYS: ReadonlyMap<string, number> = new Map([
  ["envoy.filters.listener.original_dst.local_ip", ADDRESS],
  ["envoy.filters.listener.original_dst.remote_ip", ADDRESS],
  ["envoy.network.transport_socket.original_dst_address", ADDRESS],
]);

/**
 * Writes what a `set_filter_state` sets, as a `STATE_SETS` record.
 *
 * @throws MeshError `CONFIG_INVALID` for a key that nothing reads, or a malformed format.
 */
export function writeStateSets(
  writer: ImageWriter,
  values: readonly FilterStateValue[],
  format: FormatSetting,
  path: FieldPath,
): number {
  const record = writer.reserve(state.STATE_SETS_BYTES);
  const list = writer.reserve(values.length * state.STATE_SET_BYTES);
  for (const [index, value] of values.entries()) {
    writeSet(writer, list + index * state.STATE_SET_BYTES, value, format, path.item(index));
  }
  writer.setList(record + state.STATE_SETS, list, values.length);
  return record;
}

/** Writes the same of one value that is known already; `flags` are `STATE_*` bits. */
export function writeKnownState(
  writer: ImageWriter,
  { key, text, flags }: { readonly key: string; readonly text: string; readonly flags: number },
  format: FormatSetting,
  path: FieldPath,
): number {
  const record = writer.reserve(state.STATE_SETS_BYTES);
  const set = writer.reserve(state.STATE_SET_BYTES);
  const program = compileFormat(writer, text.replaceAll("%", "%%"), format, path);
  writer.setText(set + state.STATE_SET_KEY, key);
  writer.setUint32(set + state.STATE_SET_PROGRAM, program);
  writer.setUint32(set + state.STATE_SET_FLAGS, flags);
  writer.setList(record + state.STATE_SETS, set, 1);
  return record;
}

function writeSet(
  writer: ImageWriter,
  record: number,
  { key, factoryKey, value, sharedWithUpstream, skipIfEmpty }: FilterStateValue,
  format: FormatSetting,
  path: FieldPath,
): void {
  if (key.case !== "objectKey") refuse(path, "object_key is required");
  if (value.case !== "formatString") refuse(path, "format_string is required");
  const kind = factoryKey === "" ? KNOWN_KEYS.get(key.value) : TEXT_FACTORIES.get(factoryKey);
  if (kind === undefined) {
    const name = factoryKey || key.value;
    refuse(path, `'${name}' does not have an object factory that is implemented`);
  }
  const at = path.field("format_string");
  const { program } = compileSubstitution(writer, value.value, format, at);
  writer.setText(record + state.STATE_SET_KEY, key.value);
  writer.setUint32(record + state.STATE_SET_PROGRAM, program);
  const skip = skipIfEmpty ? state.STATE_SKIP_EMPTY : 0;
  writer.setUint32(record + state.STATE_SET_FLAGS, kind | SHARING[sharedWithUpstream] | skip);
}

const SHARING = {
  [Shared.NONE]: 0,
  [Shared.ONCE]: state.STATE_SHARED_ONCE,
  [Shared.TRANSITIVE]: state.STATE_SHARED_ALWAYS,
};
