import type { NameKind } from "../../config/tls-model.ts";
import { DER_OBJECT_ID, DER_OCTETS, DER_SEQUENCE, readElements, toObjectIdText } from "./der.ts";
import { toPlainText } from "./other-name.ts";

/** One of the subject alternative names of a certificate. */
export interface AlternativeName {
  readonly kind: NameKind;
  /** Of `other`: the type of the name. */
  readonly objectId?: string;
  readonly value: string;
}

/** 2.5.29.17, subjectAltName. */
const OBJECT_ID = "2.5.29.17";
/** `[3]`, where a certificate has its extensions. */
const EXTENSIONS = 0xa3;
/** `[0]`: an otherName, and the value inside of one. */
const OTHER_NAME = 0xa0;

const KINDS: ReadonlyMap<number, NameKind> = new Map([
  [0x81, "email"],
  [0x82, "dns"],
  [0x86, "uri"],
  [0x87, "ip"],
]);

/**
 * The subject alternative names of a certificate (RFC 5280 §4.2.1.6), in their order; those of
 * other kinds are left out. They are read from the certificate itself, since the text that node
 * makes of them must be parsed with care: names may contain its separators (CVE-2021-44532).
 *
 * @param certificate DER. What is no certificate has no names.
 */
export function readAlternativeNames(certificate: Uint8Array): readonly AlternativeName[] {
  const toBeSigned = inside(inside(certificate, DER_SEQUENCE), DER_SEQUENCE);
  const wrapper = toBeSigned && readElements(toBeSigned)?.find(({ tag }) => tag === EXTENSIONS);
  const list = inside(wrapper?.content ?? null, DER_SEQUENCE);
  const extensions = list === null ? null : readElements(list);
  for (const extension of extensions ?? []) {
    const parts = readElements(extension.content) ?? [];
    const isWanted =
      parts[0]?.tag === DER_OBJECT_ID && toObjectIdText(parts[0].content) === OBJECT_ID;
    const octets = parts.at(-1);
    if (!isWanted || octets?.tag !== DER_OCTETS) continue;
    const names = inside(octets.content, DER_SEQUENCE);
    return (names === null ? null : readElements(names))?.flatMap(toName) ?? [];
  }
  return [];
}

/** The content of the first element, if it has the tag. */
function inside(bytes: Uint8Array | null, tag: number): Uint8Array | null {
  const first = bytes === null ? undefined : readElements(bytes)?.[0];
  return first?.tag === tag ? first.content : null;
}

function toName({ tag, content }: { tag: number; content: Uint8Array }): AlternativeName[] {
  if (tag === OTHER_NAME) return toOtherName(content);
  const kind = KINDS.get(tag);
  if (kind === undefined) return [];
  if (kind !== "ip") return [{ kind, value: Buffer.from(content).toString("latin1") }];
  const value = toIpText(content);
  return value === null ? [] : [{ kind, value }];
}

function toOtherName(content: Uint8Array): AlternativeName[] {
  const [type, wrapper] = readElements(content) ?? [];
  if (type?.tag !== DER_OBJECT_ID || wrapper?.tag !== OTHER_NAME) return [];
  const objectId = toObjectIdText(type.content);
  const inner = readElements(wrapper.content)?.[0];
  const value = inner === undefined ? null : toPlainText(inner);
  return objectId === null || value === null ? [] : [{ kind: "other", objectId, value }];
}

/** An IP address as OpenSSL and Envoy write it: IPv6 with its longest run of zeros left out. */
function toIpText(bytes: Uint8Array): string | null {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) return null;
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i] << 8) | bytes[2 * i + 1]).toString(16),
  );
  // The parser of URLs writes IPv6 in the form of RFC 5952.
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
