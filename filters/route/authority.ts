/* Parts of an authority and of a path. */

/** Index of the colon before the port, or -1. A colon within `[…]` does not count. */
export function portStart(host: usize, length: i32): i32 {
  for (let i = length - 1; i >= 0; i--) {
    const byte = load<u8>(host + i);
    if (byte == 58) return i;
    if (byte == 93) return -1;
  }
  return -1;
}

/** Length of a path without its query and fragment. */
export function pathEnd(path: usize, length: i32): i32 {
  for (let i = 0; i < length; i++) {
    const byte = load<u8>(path + i);
    if (byte == 63 || byte == 35) return i;
  }
  return length;
}
