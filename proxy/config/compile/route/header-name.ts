import { HEADER_NAMES } from "../../../../api/engine/header-names.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { toAsciiLowerCase } from "./hash-table.ts";

const IDS = new Map(HEADER_NAMES.map((name, id) => [name, id]));

/** The name by which the engine knows a header: in lower case, `:authority` for `host`. */
export function engineHeaderName(name: string): string {
  const lower = toAsciiLowerCase(name);
  return lower === "host" ? ":authority" : lower;
}

/** Writes the name of a header as a text at `field`, and its number at `idField`. */
export function writeHeaderName(
  writer: ImageWriter,
  field: number,
  idField: number,
  name: string,
): void {
  const known = engineHeaderName(name);
  writer.setText(field, known);
  writer.setUint32(idField, IDS.get(known) ?? 0);
}
