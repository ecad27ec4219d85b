/* The wire format of Protobuf, as much as a `google.protobuf.Struct` needs: no groups. */

/** A field: its number, and its bytes where it has a length. Those of the last `readField`. */
export let fieldNumber: i32 = 0;
export let fieldBytes: usize = 0;
/** -1 for a number, which nobody asks for. */
export let fieldLength: i32 = 0;

const VARINT: i32 = 0;
const FIXED64: i32 = 1;
const LENGTH: i32 = 2;
const FIXED32: i32 = 5;

let varint: u64 = 0;

/** Reads the field at `at`. Returns where the next one is, or 0 for what is no message. */
export function readField(at: usize, end: usize): usize {
  const behind = readVarint(at, end);
  if (behind == 0 || varint > <u64>u32.MAX_VALUE || varint >> 3 == 0) return 0;
  fieldNumber = <i32>(varint >> 3);
  fieldLength = -1;
  switch (<i32>(varint & 7)) {
    case VARINT: return readVarint(behind, end);
    case FIXED64: return skip(behind, end, 8);
    case FIXED32: return skip(behind, end, 4);
    case LENGTH: return readBytes(behind, end);
    default: return 0;
  }
}

function readBytes(at: usize, end: usize): usize {
  const bytes = readVarint(at, end);
  if (bytes == 0 || varint > <u64>(end - bytes)) return 0;
  fieldBytes = bytes;
  fieldLength = <i32>varint;
  return bytes + <usize>varint;
}

function skip(at: usize, end: usize, length: usize): usize {
  return end - at < length ? 0 : at + length;
}

/** Seven bits a byte, the lowest first: ten bytes at most. */
function readVarint(at: usize, end: usize): usize {
  varint = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    if (at >= end) return 0;
    const byte = load<u8>(at++);
    varint |= <u64>(byte & 127) << shift;
    if (byte < 128) return at;
  }
  return 0;
}
