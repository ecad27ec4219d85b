/* Headers that the Connection field names: they end at this hop. RFC 9110 §7.6.1. */
import { H_CONNECTION, H_TE } from "../../api/engine/header-names.ts";
import { HeaderBlock, entryAt, nextByName, removeName } from "../head/block.ts";
import { internName, nameBytes, nameLength } from "../head/names.ts";
import { lowerByte } from "../memory/bytes.ts";

/** Longest name that is looked at. */
const NAME_BYTES_MAX: i32 = 256;
const lowered: usize = memory.data(288);

/**
 * Removes every header that Connection names. The codec refused those that must stay. Not for
 * requests that ask for an upgrade: Connection goes on with them.
 */
export function removeConnectionNamed(block: HeaderBlock): void {
  const name = nameBytes(H_CONNECTION);
  const length = nameLength(H_CONNECTION);
  let at = nextByName(block, 0, H_CONNECTION, name, length);
  while (at >= 0) {
    const entry = entryAt(block, at);
    removeListed(block, entry.value, entry.valueLength);
    at = nextByName(block, at + 1, H_CONNECTION, name, length);
  }
}

function removeListed(block: HeaderBlock, value: usize, length: i32): void {
  let at = 0;
  while (at < length) {
    let size = 0;
    for (; at < length && load<u8>(value + at) != 44; at++) {
      const byte = <u32>load<u8>(value + at);
      if (byte == 32 || byte == 9 || size == NAME_BYTES_MAX) continue;
      store<u8>(lowered + size++, <u8>lowerByte(byte));
    }
    at++;
    if (size == 0) continue;
    const id = internName(lowered, size);
    // TE has rules of its own. Without Connection the walk would end; the caller removes it later.
    if (id != H_TE && id != H_CONNECTION) removeName(block, lowered, size);
  }
}
