/* RFC 9113 §8.2.3: HTTP/2 may send a cookie in crumbs; what is not HTTP/2 gets one line. */
import { H_COOKIE } from "../../../api/engine/header-names.ts";
import {
  HeaderBlock,
  addKnown,
  entryAt,
  findKnown,
  removeKnown,
  reserveArena,
} from "../../head/block.ts";
import { copyBytes } from "../../memory/bytes.ts";

/** "; " as a little-endian number. */
const SEPARATOR: u16 = 0x203b;

/**
 * Makes one header of all Cookie headers. As in Envoy, it is the last of the block, and an empty
 * crumb before all others leaves no trace.
 */
export function joinCookies(block: HeaderBlock): void {
  const first = findKnown(block, H_COOKIE);
  if (first === null) return;
  let value = first.value;
  let length = first.valueLength;
  const total = crumbBytes(block);
  if (total != length) {
    value = reserveArena(block, total);
    length = copyCrumbs(block, value);
  }
  removeKnown(block, H_COOKIE);
  if (length > 0) addKnown(block, H_COOKIE, value, length);
}

/** Bytes of all crumbs with their separators; more than the first has when there are others. */
function crumbBytes(block: HeaderBlock): i32 {
  let total = -2;
  for (let i = block.pseudoCount; i < block.count; i++) {
    const entry = entryAt(block, i);
    if (entry.id == H_COOKIE && entry.nameLength != 0) total += entry.valueLength + 2;
  }
  return total;
}

function copyCrumbs(block: HeaderBlock, target: usize): i32 {
  let length = 0;
  for (let i = block.pseudoCount; i < block.count; i++) {
    const entry = entryAt(block, i);
    if (entry.id != H_COOKIE || entry.nameLength == 0) continue;
    if (length > 0) {
      store<u16>(target + length, SEPARATOR);
      length += 2;
    }
    copyBytes(target + length, entry.value, entry.valueLength);
    length += entry.valueLength;
  }
  return length;
}
