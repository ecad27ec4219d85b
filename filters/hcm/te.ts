/* The TE header, which may only say `trailers` to the next hop. RFC 9110 §10.1.4. */
import { H_TE } from "../../api/engine/header-names.ts";
import { HeaderBlock, removeKnown } from "../head/block.ts";
import { staticText } from "../memory/text.ts";
import { joinLines } from "./list-header.ts";

const TRAILERS = staticText("trailers");
const TRAILERS_LENGTH: i32 = 8;

/** Reduces TE to `trailers` when that is in its list, and removes it otherwise; empty, it stays. */
export function cleanTe(block: HeaderBlock): void {
  const entry = joinLines(block, H_TE);
  if (entry === null || entry.valueLength == 0) return;
  if (!listsTrailers(entry.value, entry.valueLength)) {
    removeKnown(block, H_TE);
    return;
  }
  entry.value = TRAILERS;
  entry.valueLength = TRAILERS_LENGTH;
}

/** Parameters are not looked through, and case counts, as in Envoy. */
function listsTrailers(value: usize, length: i32): bool {
  let at = 0;
  while (at < length) {
    let from = at;
    while (at < length && load<u8>(value + at) != 44) at++;
    let end = at++;
    while (from < end && isBlank(load<u8>(value + from))) from++;
    while (end > from && isBlank(load<u8>(value + end - 1))) end--;
    if (end - from != TRAILERS_LENGTH) continue;
    if (load<u64>(value + from) == load<u64>(TRAILERS)) return true;
  }
  return false;
}

// @ts-ignore: decorator
@inline
function isBlank(byte: u32): bool {
  return byte == 32 || byte == 9;
}
