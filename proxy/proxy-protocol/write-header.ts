import { toAddressBytes } from "../config/address/address-range.ts";
import {
  FIXED_BYTES,
  LOCAL,
  PROXIED,
  type ProxyEnd,
  type ProxyEnds,
  type ProxyTlv,
  SIGNATURE,
} from "./proxy-header.ts";

/** A header of version 2, and whether TLVs had to be left out of it. */
export interface BinaryHeader {
  readonly bytes: Uint8Array;
  readonly isCut: boolean;
}

/** Bytes of type and length before the value of a TLV. PROXY protocol §2.2.6. */
const TLV_FIXED_BYTES = 3;
/** What the length of a header may say: addresses and TLVs together. §2.2. */
const LENGTH_MAX = 0xffff;
/** ::ffff:0:0/96 holds the IPv4 addresses. RFC 4291 §2.5.5.2. */
const IPV4_IN_IPV6 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
const TCP4 = 0x11;
const TCP6 = 0x21;

/** A header of version 1: a line. Without ends it says UNKNOWN. */
export function writeProxyLine(ends: ProxyEnds | null): Uint8Array {
  return new TextEncoder().encode(ends === null ? "PROXY UNKNOWN\r\n" : toLine(ends));
}

function toLine(ends: ProxyEnds): string {
  const isV4 = isIpv4(ends);
  const [source, destination] = [ends.source, ends.destination].map(({ ip }) => {
    return isV4 || ip.includes(":") ? ip : `::ffff:${ip}`;
  });
  const ports = `${ends.source.port} ${ends.destination.port}`;
  return `PROXY ${isV4 ? "TCP4" : "TCP6"} ${source} ${destination} ${ports}\r\n`;
}

/**
 * A header of version 2. Without ends it says LOCAL, and has no TLVs. A TLV for which there is no
 * room is left out.
 */
export function writeProxyBinary(ends: ProxyEnds | null, tlvs: readonly ProxyTlv[]): BinaryHeader {
  if (ends === null) return { bytes: assemble(LOCAL, 0, []), isCut: false };
  const isV4 = isIpv4(ends);
  const width = isV4 ? 4 : 16;
  const { source, destination } = ends;
  const addresses = [...toBytes(source, width), ...toBytes(destination, width)];
  const parts = [...addresses, ...toPort(source), ...toPort(destination)];
  let isCut = false;
  for (const { type, value } of tlvs) {
    if (parts.length + TLV_FIXED_BYTES + value.length > LENGTH_MAX) isCut = true;
    else {
      parts.push(type, value.length >> 8, value.length & 0xff);
      for (const byte of value) parts.push(byte);
    }
  }
  return { bytes: assemble(PROXIED, isV4 ? TCP4 : TCP6, parts), isCut };
}

function assemble(command: number, family: number, rest: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(FIXED_BYTES + rest.length);
  bytes.set(SIGNATURE);
  bytes.set([command, family, rest.length >> 8, rest.length & 0xff], SIGNATURE.length);
  bytes.set(rest, FIXED_BYTES);
  return bytes;
}

/** A header has one family: where the ends differ, IPv4 is written as IPv6. */
function isIpv4({ source, destination }: ProxyEnds): boolean {
  return !source.ip.includes(":") && !destination.ip.includes(":");
}

function toBytes({ ip }: ProxyEnd, width: number): number[] {
  const bytes = toAddressBytes(ip);
  if (bytes === null) throw new Error(`${ip} is no address`);
  return bytes.length === width ? [...bytes] : [...IPV4_IN_IPV6, ...bytes];
}

function toPort({ port }: ProxyEnd): number[] {
  return [port >> 8, port & 0xff];
}
