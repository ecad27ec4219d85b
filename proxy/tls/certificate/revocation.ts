import type { KeyObject, X509Certificate } from "node:crypto";
import { nodeCrypto } from "../../engine/node-tls.ts";
import {
  DER_INTEGER,
  DER_OBJECT_ID,
  DER_SEQUENCE,
  type DerElement,
  readElements,
  readTime,
  toObjectIdText,
} from "./der.ts";
import { REVOCATION_LABELS, splitPem } from "./pem.ts";

/** `[0]`: the extensions of a list. */
const EXTENSIONS = 0xa0;
const BIT_STRING = 0x03;
const BOOLEAN = 0x01;
/** The digest of each algorithm that lists are signed with; null where the key says it. */
const DIGESTS: ReadonlyMap<string, string | null> = new Map([
  ["1.2.840.113549.1.1.11", "sha256"],
  ["1.2.840.113549.1.1.12", "sha384"],
  ["1.2.840.113549.1.1.13", "sha512"],
  ["1.2.840.10045.4.3.2", "sha256"],
  ["1.2.840.10045.4.3.3", "sha384"],
  ["1.2.840.10045.4.3.4", "sha512"],
  ["1.3.101.112", null],
]);
/** Keys for which it is remembered whether they signed a list. */
const KEYS_MAX = 64;

/** What a list of revoked certificates says (RFC 5280 §5.1). */
interface ListContent {
  readonly signedBytes: Uint8Array;
  readonly digest: string | null;
  readonly signature: Uint8Array;
  /** The name of the authority in hexadecimal. */
  readonly issuer: string;
  readonly from: Date;
  /** Null for a list that does not end. */
  readonly to: Date | null;
  /** Serial numbers in hexadecimal. */
  readonly serials: ReadonlySet<string>;
  /** It has something in it that must be understood, and is not. */
  readonly isUnclear: boolean;
}

/** One list of revoked certificates. */
export class RevocationList {
  readonly #content: ListContent;
  /** By the fingerprint of the authority. */
  readonly #signers = new Map<string, boolean>();

  constructor(content: ListContent) {
    this.#content = content;
  }

  get issuer(): string {
    return this.#content.issuer;
  }

  /** What is wrong with the list, as a code of OpenSSL, or whether it has the serial number. */
  faultOf(serial: string, authority: X509Certificate, now: Date): string | null {
    const { from, to, serials, isUnclear } = this.#content;
    if (!this.#isSignedBy(authority)) return "CRL_SIGNATURE_FAILURE";
    if (now < from) return "CRL_NOT_YET_VALID";
    if (to !== null && now > to) return "CRL_HAS_EXPIRED";
    if (isUnclear) return "UNHANDLED_CRITICAL_CRL_EXTENSION";
    return serials.has(serial) ? "CERT_REVOKED" : null;
  }

  #isSignedBy({ fingerprint256, publicKey }: X509Certificate): boolean {
    const known = this.#signers.get(fingerprint256);
    if (known !== undefined) return known;
    if (this.#signers.size >= KEYS_MAX) this.#signers.clear();
    const isSigned = this.#verify(publicKey);
    this.#signers.set(fingerprint256, isSigned);
    return isSigned;
  }

  #verify(key: KeyObject): boolean {
    const { digest, signedBytes, signature } = this.#content;
    try {
      return nodeCrypto().verify(digest, signedBytes, key, signature);
    } catch {
      // A key of another kind than the signature.
      return false;
    }
  }
}

/** The lists of a PEM text, or null when one cannot be read. */
export function readRevocations(text: string): readonly RevocationList[] | null {
  const lists: RevocationList[] = [];
  for (const block of splitPem(text, REVOCATION_LABELS)) {
    const content = readList(Buffer.from(block.replaceAll(/-----[^-]+-----/g, ""), "base64"));
    if (content === null) return null;
    lists.push(new RevocationList(content));
  }
  return lists;
}

/**
 * Whether a certificate was revoked by its authority: a code of OpenSSL, or null. Without a list of
 * the authority nobody knows, which is a fault.
 */
export function findRevocation(
  leaf: X509Certificate,
  authority: X509Certificate | undefined,
  lists: readonly RevocationList[],
  now: Date,
): string | null {
  const identity = readIdentity(leaf.raw);
  const own = lists.filter(({ issuer }) => issuer === identity?.issuer);
  if (identity === null || authority === undefined || own.length === 0) return "UNABLE_TO_GET_CRL";
  const faults = own.map((list) => list.faultOf(identity.serial, authority, now));
  // A list that says it was revoked counts before another that is fine, or cannot be used.
  if (faults.includes("CERT_REVOKED")) return "CERT_REVOKED";
  return faults.includes(null) ? null : faults[0];
}

/** The authority's name and the serial number of a certificate (RFC 5280 §4.1). */
function readIdentity(certificate: Uint8Array): { issuer: string; serial: string } | null {
  const outer = readElements(certificate)?.[0];
  const inner = outer && readElements(outer.content)?.[0];
  const fields = inner && readElements(inner.content);
  if (!fields) return null;
  // The version, which comes first, is left out where it is 1.
  const [serial, , issuer] = fields[0]?.tag === 0xa0 ? fields.slice(1) : fields;
  if (serial?.tag !== DER_INTEGER || issuer?.tag !== DER_SEQUENCE) return null;
  return { issuer: toHex(issuer.content), serial: toHex(serial.content) };
}

function readList(bytes: Uint8Array): ListContent | null {
  const outer = readElements(bytes)?.[0];
  const parts = outer?.tag === DER_SEQUENCE ? readElements(outer.content) : null;
  if (!outer || parts?.length !== 3) return null;
  const [inner, algorithm, signature] = parts;
  const digest = digestOf(algorithm);
  const fields = inner.tag === DER_SEQUENCE ? readElements(inner.content) : null;
  const isBits = signature.tag === BIT_STRING && signature.content[0] === 0;
  if (fields === null || digest === undefined || !isBits) return null;
  // The version comes first, where it is said.
  const [own, issuer, from, ...rest] = fields[0]?.tag === DER_INTEGER ? fields.slice(1) : fields;
  const start = from === undefined ? null : readTime(from);
  if (own === undefined || digestOf(own) !== digest || issuer?.tag !== DER_SEQUENCE) return null;
  if (start === null) return null;
  const to = rest[0] === undefined ? null : readTime(rest[0]);
  if (to !== null) rest.shift();
  const revoked = rest[0]?.tag === DER_SEQUENCE ? readRevoked(rest.shift()) : NOBODY;
  const wrapper = rest[0]?.tag === EXTENSIONS ? rest.shift() : undefined;
  const extensions = wrapper && readElements(wrapper.content);
  if (revoked === null || rest.length > 0) return null;
  const length = inner.content.byteOffset - outer.content.byteOffset + inner.content.length;
  return {
    signedBytes: outer.content.subarray(0, length),
    digest,
    signature: signature.content.subarray(1),
    issuer: toHex(issuer.content),
    from: start,
    to,
    serials: revoked.serials,
    isUnclear: revoked.isUnclear || extensions === null || isCritical(extensions?.[0]),
  };
}

type Revoked = Pick<ListContent, "serials" | "isUnclear">;

const NOBODY: Revoked = { serials: new Set(), isUnclear: false };

function readRevoked(list: DerElement | undefined): Revoked | null {
  const serials = new Set<string>();
  let isUnclear = false;
  const entries = list === undefined ? null : readElements(list.content);
  if (entries === null) return null;
  for (const entry of entries) {
    const [serial, , extensions] = readElements(entry.content) ?? [];
    if (serial?.tag !== DER_INTEGER) return null;
    serials.add(toHex(serial.content));
    isUnclear ||= isCritical(extensions);
  }
  return { serials, isUnclear };
}

/** Whether one of some extensions is critical: none is understood here. */
function isCritical(extensions: DerElement | undefined): boolean {
  const list = extensions === undefined ? [] : readElements(extensions.content);
  if (list === null) return true;
  return list.some(({ content }) => {
    const parts = readElements(content);
    return parts === null || (parts[1]?.tag === BOOLEAN && parts[1].content[0] !== 0);
  });
}

/** Undefined for an algorithm that is not known. */
function digestOf({ tag, content }: DerElement): string | null | undefined {
  const id = tag === DER_SEQUENCE ? readElements(content)?.[0] : undefined;
  return id?.tag === DER_OBJECT_ID ? DIGESTS.get(toObjectIdText(id.content) ?? "") : undefined;
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
