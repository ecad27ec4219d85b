import assert from "node:assert/strict";

/** Bytes put behind a complete input, to see that a decoder stops where its value ends. */
const BYTES_BEHIND = [0xaa, 0x55];

/**
 * Checks a decoder the way bytes really arrive: the whole input gives `want`; each shorter prefix
 * gives `null`, since more bytes may come; two bytes behind the input change nothing.
 *
 * @param decode Decodes a value from the front of the bytes it has seen so far, or returns `null`.
 */
export function assertDecodes<Value>(
  decode: (seen: Uint8Array) => Value | null,
  bytes: Uint8Array,
  want: Value,
): void {
  assert.deepEqual(decode(bytes), want, "the whole input");
  for (let length = 0; length < bytes.length; length += 1) {
    assert.equal(decode(bytes.slice(0, length)), null, `only the first ${length} bytes`);
  }
  const longer = Uint8Array.from([...bytes, ...BYTES_BEHIND]);
  assert.deepEqual(decode(longer), want, "the input with two bytes behind it");
}

/**
 * Yields `bytes` cut into pieces in every way that makes one or two pieces, then byte by byte.
 * Feed each to a fresh codec: all of them must report the same events.
 */
export function* splitsOf(bytes: Uint8Array): Generator<Uint8Array[]> {
  yield [bytes];
  for (let cut = 1; cut < bytes.length; cut += 1) {
    yield [bytes.slice(0, cut), bytes.slice(cut)];
  }
  yield Array.from(bytes, (byte) => Uint8Array.of(byte));
}
