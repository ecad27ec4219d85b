/** Bytes of a record's header: type, version, length. RFC 8446 §5.1. */
export const RECORD_HEADER_BYTES = 5;
/** Longest fragment of a record without encryption. RFC 8446 §5.1. */
const FRAGMENT_BYTES_MAX = 16_384;
/** Bytes of a handshake message's header: type, length. RFC 8446 §4. */
const MESSAGE_HEADER_BYTES = 4;
/** Longest handshake message that BoringSSL takes from a client. */
const MESSAGE_BYTES_MAX = 16_384;
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;

/** What the first bytes of a connection are, as far as they are there. */
export type FirstMessage =
  | { readonly kind: "more" }
  | { readonly kind: "other" }
  /** `bytes` of the connection have been used for it. */
  | { readonly kind: "hello"; readonly body: Uint8Array; readonly bytes: number };

const MORE: FirstMessage = { kind: "more" };
const OTHER: FirstMessage = { kind: "other" };

/**
 * Puts together the body of the ClientHello that a TLS connection begins with, out of one or more
 * records. As in BoringSSL nothing is decided before five bytes are there.
 */
export function readFirstMessage(bytes: Uint8Array): FirstMessage {
  const fragments: Uint8Array[] = [];
  let length = 0;
  let wanted = MESSAGE_HEADER_BYTES;
  for (let at = 0; ; ) {
    if (bytes.length - at < RECORD_HEADER_BYTES) return MORE;
    const size = (bytes[at + 3] << 8) | bytes[at + 4];
    const isHandshake = bytes[at] === HANDSHAKE && bytes[at + 1] === 3;
    if (!isHandshake || size === 0 || size > FRAGMENT_BYTES_MAX) return OTHER;
    const from = at + RECORD_HEADER_BYTES;
    const fragment = bytes.subarray(from, from + size);
    fragments.push(fragment);
    length += fragment.length;
    if (length >= MESSAGE_HEADER_BYTES) {
      const header = firstOf(fragments, MESSAGE_HEADER_BYTES);
      const bodyBytes = (header[1] << 16) | (header[2] << 8) | header[3];
      if (header[0] !== CLIENT_HELLO || bodyBytes > MESSAGE_BYTES_MAX) return OTHER;
      wanted = MESSAGE_HEADER_BYTES + bodyBytes;
    }
    if (fragment.length < size) return MORE;
    at = from + size;
    // A record that holds more than the message is no way to begin.
    if (length > wanted) return OTHER;
    if (length < wanted || length < MESSAGE_HEADER_BYTES) continue;
    const body = firstOf(fragments, wanted).subarray(MESSAGE_HEADER_BYTES);
    return { kind: "hello", body, bytes: at };
  }
}

function firstOf(fragments: readonly Uint8Array[], length: number): Uint8Array {
  if (fragments[0].length >= length) return fragments[0].subarray(0, length);
  const whole = new Uint8Array(length);
  let at = 0;
  for (const fragment of fragments) {
    if (at >= length) break;
    whole.set(fragment.subarray(0, length - at), at);
    at += fragment.length;
  }
  return whole;
}
