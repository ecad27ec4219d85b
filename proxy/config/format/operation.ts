import { HEADER_NAMES } from "../../../api/engine/header-names.ts";

/** What the engine does at one place of a format: the fields of an operation record. */
export interface Operation {
  /** `OP_*`. */
  readonly code: number;
  readonly argument?: number;
  readonly text?: string;
  readonly other?: string;
  /** Bytes of the value at most. */
  readonly limit?: number;
}

/** Header ids by name. */
const HEADER_IDS: ReadonlyMap<string, number> = new Map(
  HEADER_NAMES.map((name, id) => [name, id] as const).slice(1),
);

/** The number of a header name in lower case, or 0. */
export function headerId(name: string): number {
  return HEADER_IDS.get(name) ?? 0;
}
