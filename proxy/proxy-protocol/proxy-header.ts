import { MeshError } from "../../api/errors.ts";

/** One end of a connection, as a PROXY header gives it. */
export interface ProxyEnd {
  /** IPv4 in dotted form, or IPv6 in its short form (RFC 5952). */
  readonly ip: string;
  readonly port: number;
}

/** A type-length-value vector of version 2. */
export interface ProxyTlv {
  readonly type: number;
  readonly value: Uint8Array;
}

/** Who connected and to whom. */
export interface ProxyEnds {
  readonly source: ProxyEnd;
  readonly destination: ProxyEnd;
}

/** What a PROXY header says. */
export interface ProxyHeader {
  readonly version: 1 | 2;
  /** Null when the connection is the proxy's own (LOCAL, UNKNOWN). */
  readonly ends: ProxyEnds | null;
  /** In their order, fillers left out. */
  readonly tlvs: readonly ProxyTlv[];
  /** Length of the header; what follows is the connection's own. */
  readonly bytes: number;
}

/** Longest header of version 1, line end included. PROXY protocol §2.1. */
export const PROXY_LINE_BYTES_MAX = 107;
/** Bytes before the addresses in version 2. §2.2. */
export const FIXED_BYTES = 16;
/** What version 2 begins with: CR LF CR LF NUL CR LF "QUIT" LF. */
export const SIGNATURE: Uint8Array = Uint8Array.of(13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10);
const LINE_START = new TextEncoder().encode("PROXY ");
/** Version 2, of a connection of the proxy's own. */
export const LOCAL = 0x20;
/** Version 2, of a connection on behalf of another. */
export const PROXIED = 0x21;
/** Family and transport that are understood: bytes of both addresses and both ports. */
const ADDRESS_BYTES = new Map([
  [0x11, 12],
  [0x21, 36],
]);
const TLV_CRC32C = 3;
const TLV_NOOP = 4;

/**
 * Reads a PROXY header from the front of `bytes`, or returns `null` when it is not all there yet.
 * Does no I/O and keeps no reference to `bytes`.
 *
 * @throws MeshError `PROXY_HEADER` for anything else, as soon as that is clear.
 */
export function readProxyHeader(bytes: Uint8Array): ProxyHeader | null {
  if (bytes.length === 0) return null;
  if (bytes[0] === SIGNATURE[0]) return readBinary(bytes);
  return readLine(bytes);
}

/** Which version the front of `bytes` begins, `null` for none, or `more` when that is not clear. */
export function findProxyVersion(bytes: Uint8Array): 1 | 2 | null | "more" {
  const [first] = bytes;
  if (first === undefined) return "more";
  const start = first === SIGNATURE[0] ? SIGNATURE : LINE_START;
  const length = Math.min(bytes.length, start.length);
  if (start.subarray(0, length).some((byte, at) => byte !== bytes[at])) return null;
  if (length < start.length) return "more";
  return start === SIGNATURE ? 2 : 1;
}

function readLine(bytes: Uint8Array): ProxyHeader | null {
  expectStart(bytes, LINE_START);
  const end = bytes.subarray(0, PROXY_LINE_BYTES_MAX).indexOf(10);
  if (end < 0) {
    if (bytes.length >= PROXY_LINE_BYTES_MAX) fail("the line has no end");
    return null;
  }
  if (bytes[end - 1] !== 13) fail("the line ends without CR");
  const words = new TextDecoder("latin1").decode(bytes.subarray(0, end - 1)).split(" ");
  const header = { version: 1, tlvs: [], bytes: end + 1 } as const;
  // Whatever follows UNKNOWN is to be ignored.
  if (words[1] === "UNKNOWN") return { ...header, ends: null };
  const [, family, source, destination, sourcePort, destinationPort, ...rest] = words;
  if (rest.length > 0 || destinationPort === undefined) fail("the line has not six words");
  const toIp = family === "TCP4" ? toIpv4 : family === "TCP6" ? toIpv6 : null;
  if (toIp === null) fail("the family is neither TCP4, TCP6 nor UNKNOWN");
  return {
    ...header,
    ends: {
      source: { ip: toIp(source), port: toPort(sourcePort) },
      destination: { ip: toIp(destination), port: toPort(destinationPort) },
    },
  };
}

function readBinary(bytes: Uint8Array): ProxyHeader | null {
  expectStart(bytes, SIGNATURE);
  if (bytes.length < FIXED_BYTES) return null;
  const command = bytes[12];
  if (command !== LOCAL && command !== PROXIED) fail("the version or the command is unknown");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const total = FIXED_BYTES + view.getUint16(14);
  const addressBytes = ADDRESS_BYTES.get(bytes[13]) ?? 0;
  // Known before the rest is waited for.
  if (command === PROXIED && addressBytes === 0) fail("the address family is not supported");
  if (command === PROXIED && total < FIXED_BYTES + addressBytes) fail("the addresses are cut off");
  if (bytes.length < total) return null;
  if (command === LOCAL) return { version: 2, ends: null, tlvs: [], bytes: total };
  const ends = bytes[13] === 0x11 ? readEnds(view, 4, readIpv4) : readEnds(view, 16, readIpv6);
  const tlvs = readTlvs(bytes.subarray(0, total), FIXED_BYTES + addressBytes);
  return { version: 2, ends, tlvs, bytes: total };
}

function readEnds(
  view: DataView,
  size: number,
  readIp: (view: DataView, at: number) => string,
): ProxyEnds {
  const ports = FIXED_BYTES + 2 * size;
  return {
    source: { ip: readIp(view, FIXED_BYTES), port: view.getUint16(ports) },
    destination: { ip: readIp(view, FIXED_BYTES + size), port: view.getUint16(ports + 2) },
  };
}

function readIpv4(view: DataView, at: number): string {
  return [0, 1, 2, 3].map((place) => view.getUint8(at + place)).join(".");
}

function readIpv6(view: DataView, at: number): string {
  const groups = Array.from({ length: 8 }, (_, place) => view.getUint16(at + place * 2));
  return toIpv6(groups.map((group) => group.toString(16)).join(":"));
}

function readTlvs(header: Uint8Array, from: number): readonly ProxyTlv[] {
  const tlvs: ProxyTlv[] = [];
  for (let at = from; at < header.length; ) {
    if (at + 3 > header.length) fail("a TLV is cut off");
    const type = header[at];
    const end = at + 3 + ((header[at + 1] << 8) | header[at + 2]);
    if (end > header.length) fail("a TLV is longer than the header");
    if (type === TLV_CRC32C) checkSum(header, at + 3, end);
    if (type !== TLV_NOOP) tlvs.push({ type, value: header.slice(at + 3, end) });
    at = end;
  }
  return tlvs;
}

/** §2.2.5: the sum over the whole header, with zeros where it stands. */
function checkSum(header: Uint8Array, from: number, end: number): void {
  if (end - from !== 4) fail("the checksum is not of four bytes");
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const zeroed = header.slice();
  zeroed.fill(0, from, end);
  if (crc32c(zeroed) !== view.getUint32(from)) fail("the checksum is wrong");
}

/** CRC-32C, Castagnoli. RFC 3720 appendix B.4. */
export function crc32c(bytes: Uint8Array): number {
  let sum = 0xffff_ffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (0x82f6_3b78 & -(sum & 1));
  }
  return (sum ^ 0xffff_ffff) >>> 0;
}

function expectStart(bytes: Uint8Array, start: Uint8Array): void {
  const length = Math.min(bytes.length, start.length);
  for (let at = 0; at < length; at++) {
    if (bytes[at] !== start[at]) fail("it is no PROXY header");
  }
}

function toIpv4(text: string): string {
  const parts = text.split(".");
  const isNumber = (part: string) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256;
  if (parts.length !== 4 || !parts.every(isNumber)) fail("an address is no IPv4 address");
  return text;
}

function toIpv6(text: string): string {
  const isPlain = /^[0-9a-fA-F:.]{2,45}$/.test(text) && text.includes(":");
  const url = isPlain ? URL.parse(`http://[${text}]/`) : null;
  if (url === null) fail("an address is no IPv6 address");
  return url.hostname.slice(1, -1);
}

function toPort(text: string): number {
  if (!/^(0|[1-9]\d{0,4})$/.test(text) || Number(text) > 65_535) fail("a port is no number");
  return Number(text);
}

function fail(why: string): never {
  throw new MeshError("PROXY_HEADER", `PROXY protocol: ${why}`);
}
