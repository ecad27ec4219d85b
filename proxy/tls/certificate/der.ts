/** One element of DER (X.690 §10): its tag, and its content as bytes. */
export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** Tags that certificates use. */
export const DER_INTEGER = 0x02;
export const DER_OCTETS = 0x04;
export const DER_OBJECT_ID = 0x06;
export const DER_SEQUENCE = 0x30;

/** Bytes that the length of an element may take. 4 GiB is more than any certificate. */
const LENGTH_BYTES_MAX = 4;

/**
 * The elements that stand one behind the other, or null when the bytes are no DER. Tags of more
 * than one byte do not occur in certificates and count as malformed.
 */
export function readElements(bytes: Uint8Array): readonly DerElement[] | null {
  const elements: DerElement[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at];
    if ((tag & 0x1f) === 0x1f || at + 1 >= bytes.length) return null;
    const first = bytes[at + 1];
    const extra = first < 0x80 ? 0 : first & 0x7f;
    // 0x80 is the indefinite length, which DER does not have.
    if (first === 0x80 || extra > LENGTH_BYTES_MAX || at + 2 + extra > bytes.length) return null;
    let length = extra === 0 ? first : 0;
    for (let i = 0; i < extra; i++) length = length * 256 + bytes[at + 2 + i];
    const start = at + 2 + extra;
    if (length > bytes.length - start) return null;
    elements.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}

/** Bytes of an object identifier; those in use have a dozen. */
const OBJECT_ID_BYTES_MAX = 64;

/** An object identifier with dots (X.690 §8.19), or null when it is malformed. */
export function toObjectIdText(content: Uint8Array): string | null {
  if (content.length > OBJECT_ID_BYTES_MAX) return null;
  const parts: bigint[] = [];
  let value = 0n;
  for (const [index, byte] of content.entries()) {
    value = value * 128n + BigInt(byte & 0x7f);
    if (byte >= 0x80) {
      if (index === content.length - 1) return null;
      continue;
    }
    parts.push(value);
    value = 0n;
  }
  if (parts.length === 0) return null;
  // The first two parts are one number.
  const first = parts[0] < 80n ? parts[0] / 40n : 2n;
  return [first, parts[0] - first * 40n, ...parts.slice(1)].join(".");
}

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const TIME = /^(\d{2,4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/** A time in the forms that RFC 5280 §4.1.2.5 has, or null. */
export function readTime({ tag, content }: DerElement): Date | null {
  const digits = tag === UTC_TIME ? 2 : tag === GENERALIZED_TIME ? 4 : 0;
  const match = TIME.exec(Buffer.from(content).toString("latin1"));
  if (match === null || match[1].length !== digits) return null;
  const [year, month, ...rest] = match.slice(1).map(Number);
  const century = digits === 4 ? 0 : year < 50 ? 2000 : 1900;
  return new Date(Date.UTC(century + year, month - 1, ...rest));
}
