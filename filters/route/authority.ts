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

/**
 * Length of a host whose port is to go: always, or when it is `plainPort` (0 is none). Envoy
 * `processRequestHost`.
 */
export function strippedHostLength(
  host: usize,
  length: i32,
  isAlways: bool,
  plainPort: i32,
): i32 {
  const colon = portStart(host, length);
  if (colon < 0) return length;
  return isAlways || isPort(host + colon + 1, length - colon - 1, plainPort) ? colon : length;
}

function isPort(digits: usize, length: i32, port: i32): bool {
  if (port == 443) return length == 3 && (load<u32>(digits) & 0xffffff) == 0x333434;
  return port == 80 && length == 2 && load<u16>(digits) == 0x3038;
}
