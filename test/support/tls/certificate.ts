import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** A certificate that a test made, and its key. PEM, and DER where told. */
export interface TestCertificate {
  readonly pem: string;
  readonly der: Buffer;
  readonly keyPem: string;
  readonly key: KeyObject;
  readonly name: Buffer;
  readonly publicKeyDer: Buffer;
}

/** What a certificate says. */
export interface CertificateSketch {
  /** Relative names in their order, such as `["CN", "a.test"]`. */
  readonly subject: readonly (readonly [type: keyof typeof NAME_TYPES, value: string])[];
  /** Who signs; nobody else unless told. */
  readonly issuer?: TestCertificate;
  readonly key?: "ec" | "rsa";
  readonly dns?: readonly string[];
  readonly uris?: readonly string[];
  readonly emails?: readonly string[];
  /** Four or sixteen bytes each. */
  readonly ips?: readonly Buffer[];
  /** Type and value of names of other kinds; the value as UTF8String. */
  readonly others?: readonly (readonly [objectId: string, value: string])[];
  readonly isAuthority?: boolean;
  /** Days from now, also negative. */
  readonly fromDays?: number;
  readonly toDays?: number;
  readonly serial?: number;
}

const NAME_TYPES = { C: "550406", O: "55040a", CN: "550403" } as const;
const ECDSA_SHA256 = "2a8648ce3d040302";
const RSA_SHA256 = "2a864886f70d01010b";
const BASIC_CONSTRAINTS = "551d13";
const ALTERNATIVE_NAMES = "551d11";
const DAY_MS = 86_400_000;

let serials = 0x1000;

/** Makes a certificate with a new key (RFC 5280 §4.1). */
export function makeCertificate(sketch: CertificateSketch): TestCertificate {
  const { issuer, key = "ec", isAuthority = false } = sketch;
  const pair =
    key === "ec"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : generateKeyPairSync("rsa", { modulusLength: 2048 });
  const publicKeyDer = pair.publicKey.export({ type: "spki", format: "der" });
  const name = sequence(...sketch.subject.map(([type, value]) => relativeName(type, value)));
  const signer = issuer?.key ?? pair.privateKey;
  const extensions = [
    extension(BASIC_CONSTRAINTS, isAuthority ? sequence(tlv(0x01, Buffer.of(255))) : sequence()),
    ...alternativeNames(sketch),
  ];
  const toBeSigned = sequence(
    tlv(0xa0, integer(2)),
    integer(sketch.serial ?? ++serials),
    algorithm(signer),
    issuer?.name ?? name,
    sequence(time(sketch.fromDays ?? -1), time(sketch.toDays ?? 30)),
    name,
    publicKeyDer,
    tlv(0xa3, sequence(...extensions)),
  );
  const der = signed(toBeSigned, signer);
  const keyPem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const pem = toPem("CERTIFICATE", der);
  return { pem, der, keyPem, key: pair.privateKey, name, publicKeyDer };
}

/** Makes a revocation list of an authority (RFC 5280 §5.1). */
export function makeRevocations(issuer: TestCertificate, serialNumbers: readonly number[]): string {
  const revoked = serialNumbers.map((serial) => sequence(integer(serial), time(-1)));
  const toBeSigned = sequence(
    integer(1),
    algorithm(issuer.key),
    issuer.name,
    time(-1),
    time(30),
    ...(revoked.length === 0 ? [] : [sequence(...revoked)]),
  );
  return toPem("X509 CRL", signed(toBeSigned, issuer.key));
}

/** SHA-256 as lower-case hexadecimal or base64. */
export function sha256(bytes: Uint8Array, encoding: "hex" | "base64"): string {
  return createHash("sha256").update(bytes).digest(encoding);
}

function signed(toBeSigned: Buffer, key: KeyObject): Buffer {
  const signature = sign("sha256", toBeSigned, key);
  return sequence(toBeSigned, algorithm(key), tlv(0x03, Buffer.of(0), signature));
}

function algorithm(key: KeyObject): Buffer {
  if (key.asymmetricKeyType === "ec") return sequence(objectId(ECDSA_SHA256));
  return sequence(objectId(RSA_SHA256), tlv(0x05));
}

function relativeName(type: keyof typeof NAME_TYPES, value: string): Buffer {
  return tlv(0x31, sequence(objectId(NAME_TYPES[type]), tlv(0x0c, Buffer.from(value))));
}

function alternativeNames(sketch: CertificateSketch): Buffer[] {
  const { dns = [], uris = [], emails = [], ips = [], others = [] } = sketch;
  const names = [
    ...uris.map((each) => tlv(0x86, Buffer.from(each, "latin1"))),
    ...dns.map((each) => tlv(0x82, Buffer.from(each, "latin1"))),
    ...emails.map((each) => tlv(0x81, Buffer.from(each, "latin1"))),
    ...ips.map((each) => tlv(0x87, each)),
    ...others.map(([id, value]) => {
      const wrapped = tlv(0xa0, tlv(0x0c, Buffer.from(value)));
      return tlv(0xa0, objectId(toObjectId(id)), wrapped);
    }),
  ];
  return names.length === 0 ? [] : [extension(ALTERNATIVE_NAMES, sequence(...names))];
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(objectId(id), tlv(0x04, value));
}

function objectId(hex: string): Buffer {
  return tlv(0x06, Buffer.from(hex, "hex"));
}

/** The content of an object identifier in hexadecimal (X.690 §8.19). */
function toObjectId(text: string): string {
  const [first, second, ...rest] = text.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((part) => {
    const digits = [part & 0x7f];
    for (let left = part >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return Buffer.from(bytes).toString("hex");
}

function integer(value: number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return bytes[0] < 0x80 ? tlv(0x02, bytes) : tlv(0x02, Buffer.of(0), bytes);
}

/** A GeneralizedTime so many days from now. */
function time(days: number): Buffer {
  const text = new Date(Date.now() + days * DAY_MS).toISOString();
  return tlv(0x18, Buffer.from(`${text.slice(0, 19).replaceAll(/[-:T]/g, "")}Z`));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, ...parts);
}

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 128) return Buffer.concat([Buffer.of(tag, length), content]);
  if (length < 256) return Buffer.concat([Buffer.of(tag, 0x81, length), content]);
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 255), content]);
}

function toPem(label: string, der: Buffer): string {
  const lines = der.toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
