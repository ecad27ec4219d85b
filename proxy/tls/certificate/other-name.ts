import type { DerElement } from "./der.ts";

const BOOLEAN = 0x01;
const INTEGER = 0x02;
const ENUMERATED = 0x0a;
const UTF8_STRING = 0x0c;
/** OCTET STRING; PrintableString, T61String, IA5String, the times, and other strings of bytes. */
const BYTE_STRINGS: ReadonlySet<number> = new Set([0x04, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1a, 0x1b]);
/** More digits than anybody writes. */
const INTEGER_BYTES_MAX = 64;

/**
 * The value of an otherName as a text, as Envoy's `Utility::generalNameAsString` makes it, or null
 * for values that have none.
 */
export function toPlainText({ tag, content }: DerElement): string | null {
  if (tag === UTF8_STRING) return new TextDecoder().decode(content);
  if (BYTE_STRINGS.has(tag)) return Buffer.from(content).toString("latin1");
  if (tag === BOOLEAN && content.length === 1) return content[0] === 0 ? "false" : "true";
  if (tag === INTEGER || tag === ENUMERATED) return toDecimal(content);
  return null;
}

function toDecimal(content: Uint8Array): string | null {
  if (content.length === 0 || content.length > INTEGER_BYTES_MAX) return null;
  const bits = content.length * 8;
  const value = BigInt(`0x${Buffer.from(content).toString("hex")}`);
  return BigInt.asIntN(bits, value).toString();
}
