/* Numbers of RFC 7541 §5.1: in the low bits of a byte, and behind it when there is no room. */
import { E_HPACK_INTEGER, E_HPACK_TRUNCATED } from "../../api/engine/http2.ts";

/** Where the bits of the fifth byte go: as many hold whatever fits into 32 bits. */
const LAST_SHIFT: u32 = 28;

/**
 * Reads the bytes behind a prefix whose bits are all ones. Returns the value, with the number of
 * bytes above 32 bits, or an error number below 0.
 */
export function readContinuation(bytes: usize, end: usize, prefix: u32): i64 {
  let value: u64 = prefix;
  let at = bytes;
  for (let shift: u32 = 0; shift <= LAST_SHIFT; shift += 7) {
    if (at == end) return -E_HPACK_TRUNCATED;
    const byte = <u32>load<u8>(at++);
    value += <u64>(byte & 127) << shift;
    if (byte < 128) {
      return value > 0x7fffffff ? -E_HPACK_INTEGER : <i64>(((<u64>(at - bytes)) << 32) | value);
    }
  }
  return -E_HPACK_INTEGER;
}

/** Writes a number behind the bits of `pattern`; `prefix` has a one for each bit it may use. */
export function writeNumber(target: usize, pattern: u32, prefix: u32, value: u32): usize {
  if (value < prefix) {
    store<u8>(target, <u8>(pattern | value));
    return target + 1;
  }
  store<u8>(target++, <u8>(pattern | prefix));
  let rest = value - prefix;
  for (; rest >= 128; rest >>= 7) store<u8>(target++, <u8>(rest | 128));
  store<u8>(target, <u8>rest);
  return target + 1;
}
