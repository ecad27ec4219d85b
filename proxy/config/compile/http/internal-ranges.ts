import {
  RANGE_ADDRESS,
  RANGE_BITS,
  RANGE_BYTES,
  RANGE_IS_V6,
} from "../../../../api/engine/image.ts";
import type { CidrRange } from "../../../../api/gen/envoy/config/core/v3/address_pb.js";
import type { HttpConnectionManager_InternalAddressConfig as InternalAddressConfig } from "../../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import type { ImageWriter } from "../../image/image-writer.ts";

/** What an `internal_address_config` without ranges means: RFC 1918, RFC 4193 and loopback. */
const PRIVATE_RANGES: readonly Range[] = [
  { address: "10.0.0.0", bits: 8 },
  { address: "172.16.0.0", bits: 12 },
  { address: "192.168.0.0", bits: 16 },
  { address: "127.0.0.1", bits: 32 },
  { address: "fd00::", bits: 8 },
  { address: "::1", bits: 128 },
];

/** Addresses that begin with the same bits. */
export interface Range {
  /** An IP address. */
  readonly address: string;
  readonly bits: number;
}

/** Whose requests are internal: nobody's, unless that is configured. As in Envoy since 1.36. */
export function internalRanges(config: InternalAddressConfig | undefined): readonly Range[] {
  if (config === undefined) return [];
  return config.cidrRanges.length === 0 ? PRIVATE_RANGES : config.cidrRanges.map(toRange);
}

/** Writes ranges and the reference to their list at `field`. */
export function writeRanges(writer: ImageWriter, field: number, ranges: readonly Range[]): void {
  const list = writer.reserve(ranges.length * RANGE_BYTES);
  ranges.forEach(({ address, bits }, index) => {
    const record = list + index * RANGE_BYTES;
    writer.setUint32(record + RANGE_IS_V6, isV6(address) ? 1 : 0);
    writer.setUint32(record + RANGE_BITS, bits);
    writer.setBytes(record + RANGE_ADDRESS, addressBytes(address));
  });
  writer.setList(field, list, ranges.length);
}

function toRange({ addressPrefix, prefixLen = 0 }: CidrRange): Range {
  const bitsMax = isV6(addressPrefix) ? 128 : 32;
  return { address: addressPrefix, bits: Math.min(prefixLen, bitsMax) };
}

function isV6(address: string): boolean {
  return address.includes(":");
}

/** The 4 or 16 bytes of an address. */
function addressBytes(address: string): Uint8Array {
  if (!isV6(address)) return Uint8Array.from(address.split("."), Number);
  // A zone says where an address is reached, not what it is.
  const [text] = address.split("%");
  const [head, tail] = text.split("::").map(groupsOf);
  if (tail === undefined) return Uint8Array.from(head);
  return Uint8Array.from([
    ...head,
    ...Array<number>(16 - head.length - tail.length).fill(0),
    ...tail,
  ]);
}

/** The bytes of a part of an IPv6 address: groups of hexadecimal digits, the last may be IPv4. */
function groupsOf(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}
