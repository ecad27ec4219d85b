import { ByteCursor } from "./byte-cursor.ts";

/** What a ClientHello says, as far as listeners ask. RFC 8446 §4.1.2. */
export interface ClientHello {
  /** `legacy_version`. */
  readonly version: number;
  readonly cipherSuites: readonly number[];
  /** Types of the extensions, in their order. */
  readonly extensions: readonly number[];
  /** Host name of SNI (RFC 6066 §3) in lower case, or empty. */
  readonly serverName: string;
  /** Names of ALPN (RFC 7301 §3.1), or null when there is no such list that makes sense. */
  readonly protocols: readonly string[] | null;
  readonly groups: readonly number[];
  readonly pointFormats: readonly number[];
}

const RANDOM_BYTES = 32;
const SESSION_BYTES_MAX = 32;
const NAME_BYTES_MAX = 255;
const SERVER_NAME = 0;
const SUPPORTED_GROUPS = 10;
const POINT_FORMATS = 11;
const PROTOCOLS = 16;
const SUPPORTED_VERSIONS = 43;
const TLS_1_0 = 0x0301;
const TLS_1_3 = 0x0304;

/** Reads the body of a ClientHello; null for what is none that TLS 1.0 to 1.3 could take. */
export function readClientHello(body: Uint8Array): ClientHello | null {
  const cursor = new ByteCursor(body);
  const version = cursor.number(2);
  cursor.take(RANDOM_BYTES);
  const session = cursor.vector(1);
  const cipherSuites = cursor.vector(2);
  const compression = cursor.vector(1);
  const block = cursor.isAtEnd ? new Uint8Array(0) : cursor.vector(2);
  if (cursor.isBroken || !cursor.isAtEnd || session.length > SESSION_BYTES_MAX) return null;
  if (cipherSuites.length < 2 || cipherSuites.length % 2 !== 0) return null;
  if (compression.length === 0) return null;
  const extensions = readExtensions(block);
  if (extensions === null || !isVersionKnown(version, extensions)) return null;
  const serverName = readServerName(extensions.get(SERVER_NAME));
  if (serverName === null) return null;
  return {
    version,
    cipherSuites: toWords(cipherSuites),
    extensions: [...extensions.keys()],
    serverName,
    protocols: readProtocols(extensions.get(PROTOCOLS)),
    groups: toWords(new ByteCursor(extensions.get(SUPPORTED_GROUPS) ?? NOTHING).vector(2)),
    pointFormats: [...new ByteCursor(extensions.get(POINT_FORMATS) ?? NOTHING).vector(1)],
  };
}

const NOTHING = new Uint8Array(0);

/** By their types; null when they are cut off or one comes twice. */
function readExtensions(block: Uint8Array): ReadonlyMap<number, Uint8Array> | null {
  const cursor = new ByteCursor(block);
  const extensions = new Map<number, Uint8Array>();
  while (!cursor.isAtEnd) {
    const type = cursor.number(2);
    const content = cursor.vector(2);
    if (cursor.isBroken || extensions.has(type)) return null;
    extensions.set(type, content);
  }
  return extensions;
}

/** Whether a version is offered that is spoken here. RFC 8446 §4.2.1. */
function isVersionKnown(version: number, extensions: ReadonlyMap<number, Uint8Array>): boolean {
  const offered = extensions.get(SUPPORTED_VERSIONS);
  if (offered === undefined) return version >= TLS_1_0;
  const cursor = new ByteCursor(offered);
  const versions = cursor.vector(1);
  if (cursor.isBroken || !cursor.isAtEnd || versions.length % 2 !== 0) return false;
  return toWords(versions).some((each) => each >= TLS_1_0 && each <= TLS_1_3);
}

/** The host name, or empty without the extension; null when it is malformed. */
function readServerName(content: Uint8Array | undefined): string | null {
  if (content === undefined) return "";
  const outer = new ByteCursor(content);
  const cursor = new ByteCursor(outer.vector(2));
  const type = cursor.number(1);
  const name = cursor.vector(2);
  const isWhole = !outer.isBroken && outer.isAtEnd && !cursor.isBroken && cursor.isAtEnd;
  const hasName = type === 0 && name.length > 0 && name.length <= NAME_BYTES_MAX;
  if (!isWhole || !hasName || name.includes(0)) return null;
  return Buffer.from(name)
    .toString("latin1")
    .replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function readProtocols(content: Uint8Array | undefined): readonly string[] | null {
  if (content === undefined) return null;
  const outer = new ByteCursor(content);
  const list = outer.vector(2);
  if (outer.isBroken || !outer.isAtEnd || list.length < 2) return null;
  const cursor = new ByteCursor(list);
  const protocols: string[] = [];
  while (!cursor.isAtEnd) {
    const name = cursor.vector(1);
    if (cursor.isBroken || name.length === 0) return null;
    protocols.push(Buffer.from(name).toString("latin1"));
  }
  return protocols;
}

function toWords(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length >> 1 }, (_, place) => {
    return (bytes[place * 2] << 8) | bytes[place * 2 + 1];
  });
}
