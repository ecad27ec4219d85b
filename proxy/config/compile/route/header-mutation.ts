import {
  ADDITION_ACTION,
  ADDITION_BYTES,
  ADDITION_FLAG_JOINED,
  ADDITION_FLAG_KEEP_EMPTY,
  ADDITION_FLAGS,
  ADDITION_ID,
  ADDITION_NAME,
  ADDITION_PROGRAM,
  ADDITION_VALUE,
  APPEND_IF_EXISTS_OR_ADD,
  MUTATIONS_ADD,
  MUTATIONS_BYTES,
  MUTATIONS_REMOVE,
  OVERWRITE_IF_EXISTS_OR_ADD,
  REMOVAL_BYTES,
  REMOVAL_ID,
  REMOVAL_NAME,
} from "../../../../api/engine/match-image.ts";
import {
  type HeaderValueOption,
  HeaderValueOption_HeaderAppendAction as AppendAction,
} from "../../../../api/gen/envoy/config/core/v3/base_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { toAsciiLowerCase } from "./hash-table.ts";
import { type Direction, isJoined, writeHeaderName } from "./header-name.ts";
import { type FormatCompiler, refuse } from "./route-setting.ts";

/** What one level of the configuration does to headers. */
export interface HeaderMutations {
  readonly direction: Direction;
  readonly add: readonly HeaderValueOption[];
  readonly remove: readonly string[];
  /** Where they stand. */
  readonly addPath: FieldPath;
  readonly removePath: FieldPath;
}

/**
 * Writes a mutation list, and returns its offset: 0 if there is nothing to do.
 *
 * @throws MeshError `CONFIG_INVALID` for a header that may not be touched, or a malformed format.
 */
export function compileMutations(
  writer: ImageWriter,
  mutations: HeaderMutations,
  context: FormatCompiler,
): number {
  const { add, remove, addPath, removePath, direction } = mutations;
  if (add.length === 0 && remove.length === 0) return 0;
  const record = writer.reserve(MUTATIONS_BYTES);
  const list = writer.reserve(add.length * ADDITION_BYTES);
  add.forEach((option, index) => {
    const addition = { option, direction, path: addPath.item(index) };
    writeAddition(writer, list + index * ADDITION_BYTES, addition, context);
  });
  writer.setList(record + MUTATIONS_ADD, list, add.length);
  writeRemovals(writer, record + MUTATIONS_REMOVE, remove, removePath);
  return record;
}

/** The fields of one level of the configuration that change headers. */
export interface MutationFields {
  readonly requestHeadersToAdd: readonly HeaderValueOption[];
  readonly requestHeadersToRemove: readonly string[];
  readonly responseHeadersToAdd: readonly HeaderValueOption[];
  readonly responseHeadersToRemove: readonly string[];
}

/**
 * Writes the mutation lists of one level, and the references to them at `targets`.
 *
 * @param path Where the level stands.
 */
export function writeMutations(
  writer: ImageWriter,
  targets: { readonly request: number; readonly response: number },
  fields: MutationFields,
  context: FormatCompiler,
  path: FieldPath,
): void {
  const request: HeaderMutations = {
    direction: "request",
    add: fields.requestHeadersToAdd,
    remove: fields.requestHeadersToRemove,
    addPath: path.field("request_headers_to_add"),
    removePath: path.field("request_headers_to_remove"),
  };
  const response: HeaderMutations = {
    direction: "response",
    add: fields.responseHeadersToAdd,
    remove: fields.responseHeadersToRemove,
    addPath: path.field("response_headers_to_add"),
    removePath: path.field("response_headers_to_remove"),
  };
  writer.setUint32(targets.request, compileMutations(writer, request, context));
  writer.setUint32(targets.response, compileMutations(writer, response, context));
}

/** Writes a list of headers to remove and the reference to it at `field`. */
export function writeRemovals(
  writer: ImageWriter,
  field: number,
  names: readonly string[],
  path: FieldPath,
): void {
  const list = writer.reserve(names.length * REMOVAL_BYTES);
  names.forEach((name, index) => {
    if (!isModifiable(name)) {
      refuse(path.item(index), ":-prefixed or host headers may not be removed");
    }
    const removal = list + index * REMOVAL_BYTES;
    writeHeaderName(writer, removal + REMOVAL_NAME, removal + REMOVAL_ID, name);
  });
  writer.setList(field, list, names.length);
}

interface Addition {
  readonly option: HeaderValueOption;
  readonly direction: Direction;
  readonly path: FieldPath;
}

function writeAddition(
  writer: ImageWriter,
  record: number,
  { option, direction, path }: Addition,
  context: FormatCompiler,
): void {
  const { key = "", value = "" } = option.header ?? {};
  const at = path.field("header");
  if (!isModifiable(key)) refuse(at.field("key"), ":-prefixed or host headers may not be modified");
  writeHeaderName(writer, record + ADDITION_NAME, record + ADDITION_ID, key);
  writer.setUint32(record + ADDITION_ACTION, actionOf(option, path));
  const joined = isJoined(key, direction) ? ADDITION_FLAG_JOINED : 0;
  writer.setUint32(
    record + ADDITION_FLAGS,
    option.keepEmptyValue ? joined | ADDITION_FLAG_KEEP_EMPTY : joined,
  );
  const isConstant = !value.replaceAll("%%", "").includes("%");
  writer.setText(record + ADDITION_VALUE, isConstant ? value.replaceAll("%%", "%") : value);
  if (isConstant) return;
  const program = context.compileFormat(writer, value, at.field("value"));
  writer.setUint32(record + ADDITION_PROGRAM, program);
}

function actionOf(option: HeaderValueOption, path: FieldPath): number {
  if (option.append === undefined) return option.appendAction;
  if (option.appendAction !== AppendAction.APPEND_IF_EXISTS_OR_ADD) {
    refuse(path, "Both append and append_action are set and it's not allowed");
  }
  return option.append ? APPEND_IF_EXISTS_OR_ADD : OVERWRITE_IF_EXISTS_OR_ADD;
}

function isModifiable(name: string): boolean {
  return !name.startsWith(":") && toAsciiLowerCase(name) !== "host";
}
