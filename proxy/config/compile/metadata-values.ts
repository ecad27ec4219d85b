import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import {
  METADATA_BYTES,
  METADATA_IS_JSON,
  METADATA_PATH,
  METADATA_VALUE,
} from "../../../api/engine/route-image.ts";
import type { Metadata } from "../../../api/gen/envoy/config/core/v3/base_pb.js";
import { compareBytes } from "../format/compile-json.ts";
import type { ImageWriter } from "../image/image-writer.ts";
import type { MetadataValueModel } from "../model.ts";

/**
 * Writes the values of metadata as a list at `field`: each namespace, each key in it, and
 * so on, under the path by which a format names it. What is null is not there, as in Envoy.
 */
export function writeMetadataValues(
  writer: ImageWriter,
  field: number,
  metadata: Metadata | undefined,
): void {
  const entries = toMetadataValues(metadata);
  const list = writer.reserve(entries.length * METADATA_BYTES);
  for (const [index, { path, text, isJson }] of entries.entries()) {
    const record = list + index * METADATA_BYTES;
    writer.setText(record + METADATA_PATH, path);
    writer.setText(record + METADATA_VALUE, text);
    writer.setUint32(record + METADATA_IS_JSON, isJson ? 1 : 0);
  }
  writer.setList(field, list, entries.length);
}

/** All that `%METADATA(…)%` may ask for, of all namespaces or of some. */
export function toMetadataValues(
  metadata: Metadata | undefined,
  namespaces?: ReadonlySet<string>,
): MetadataValueModel[] {
  const entries: MetadataValueModel[] = [];
  for (const [namespace, value] of Object.entries(metadata?.filterMetadata ?? {})) {
    if (namespaces?.has(namespace) ?? true) collect(namespace, value, entries);
  }
  return entries;
}

function collect(path: string, value: JsonValue, entries: MetadataValueModel[]): void {
  if (value === null) return;
  const isJson = typeof value !== "string";
  entries.push({ path, text: isJson ? toText(value) : value, isJson });
  if (!isObject(value)) return;
  for (const [key, member] of Object.entries(value)) {
    // A format cannot name a key with a colon in it.
    if (!key.includes(":")) collect(`${path}:${key}`, member, entries);
  }
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON as Envoy writes it: members in the order of their bytes, exponents of two digits. */
function toText(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(toText).join()}]`;
  if (isObject(value)) {
    const keys = Object.keys(value).sort(compareBytes);
    return `{${keys.map((key) => `${JSON.stringify(key)}:${toText(value[key])}`).join()}}`;
  }
  const text = JSON.stringify(value);
  return typeof value === "number" ? text.replace(/(e[+-])(\d)$/, "$10$2") : text;
}
