/* Memory for one call at a time: what regular expressions work in, and where rewrites are built. */
import { REGEX_SCRATCH_BYTES } from "../../api/engine/regex-layout.ts";
import { regexFullMatch } from "../regex/full-match.ts";
import { regexReplaceAll } from "../regex/replace-all.ts";
import { allocate, capacityOf, release } from "../memory/slab.ts";

/** Longest result of a rewrite, in bytes: longer than a head may be by default. */
const REWRITE_BYTES_MAX: i32 = 1 << 20;
const OUTPUT_BYTES_AT_FIRST: usize = 8192 - 16;

let scratch: usize = 0;
let output: usize = 0;

/** True when all of a range matches the expression at that address. */
export function matchesRegex(table: usize, bytes: usize, length: i32): bool {
  return regexFullMatch(table, bytes, length, scratchFor(table));
}

/**
 * Replaces what the expression matches. Returns the length of the result, which stands at
 * `rewriteOutput` until the next call, or -1 if it is too long.
 */
export function rewriteRegex(
  table: usize,
  bytes: usize,
  length: i32,
  substitution: usize,
  substitutionLength: i32,
): i32 {
  if (output == 0) output = allocate(OUTPUT_BYTES_AT_FIRST);
  while (true) {
    const room = <i32>capacityOf(output) - 16;
    const written = regexReplaceAll(
      table,
      bytes,
      length,
      substitution,
      substitutionLength,
      output,
      room,
      scratchFor(table),
    );
    if (written >= 0) return written;
    if (room >= REWRITE_BYTES_MAX) return -1;
    release(output);
    output = allocate((<usize>room + 32) << 1);
  }
}

/** Where the result of the last rewrite stands. */
export function rewriteOutput(): usize {
  return output;
}

/** Scratch memory grows to what the largest expression needs, and stays. */
function scratchFor(table: usize): usize {
  const need = <usize>load<u32>(table, REGEX_SCRATCH_BYTES);
  if (scratch == 0 || capacityOf(scratch) < need) {
    if (scratch != 0) release(scratch);
    scratch = allocate(need);
  }
  return scratch;
}
