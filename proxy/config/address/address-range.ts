import { isIPv4, isIPv6 } from "node:net";

/** An address as a number. */
export interface AddressNumber {
  /** Bits of the family: 32 or 128. */
  readonly width: number;
  readonly value: bigint;
}

/** A range of addresses: those whose first bits are the same. */
export interface AddressRange extends AddressNumber {
  readonly bits: number;
}

/** Turns an address into a number; null for what is none. */
export function toAddressNumber(address: string): AddressNumber | null {
  if (isIPv4(address)) return { width: 32, value: toNumber(address.split("."), 10, 8n) };
  const [plain] = address.split("%");
  if (!isIPv6(plain)) return null;
  const text = withoutDots(plain);
  const [front, back] = text.split("::");
  const head = front === "" ? [] : front.split(":");
  const tail = back === undefined || back === "" ? [] : back.split(":");
  const gap: string[] = new Array(8 - head.length - tail.length).fill("0");
  return { width: 128, value: toNumber([...head, ...gap, ...tail], 16, 16n) };
}

/** The bytes of an address as networks have them: 4 or 16; null for what is none. */
export function toAddressBytes(address: string): Uint8Array | null {
  const number = toAddressNumber(address);
  if (number === null) return null;
  const { width, value } = number;
  return Uint8Array.from({ length: width / 8 }, (_, place) => {
    return Number((value >> BigInt(width - 8 * (place + 1))) & 0xffn);
  });
}

/** Turns `address/bits` into a range, without the bits that do not count; null for what is none. */
export function toAddressRange(text: string): AddressRange | null {
  const slash = text.lastIndexOf("/");
  const address = toAddressNumber(text.slice(0, slash));
  if (address === null) return null;
  const { width, value } = address;
  const bits = Math.min(Number(text.slice(slash + 1)), width);
  return { width, bits, value: trim(value, width, bits) };
}

/** Whether a range holds an address. */
export function holdsAddress(range: AddressRange, address: AddressNumber): boolean {
  if (range.width !== address.width) return false;
  return trim(address.value, range.width, range.bits) === range.value;
}

function trim(value: bigint, width: number, bits: number): bigint {
  const rest = BigInt(width - bits);
  return (value >> rest) << rest;
}

function toNumber(parts: readonly string[], radix: number, partBits: bigint): bigint {
  return parts.reduce((sum, part) => (sum << partBits) | BigInt(Number.parseInt(part, radix)), 0n);
}

/** IPv6 may end in an IPv4 address. */
function withoutDots(address: string): string {
  const colon = address.lastIndexOf(":");
  const tail = address.slice(colon + 1);
  if (!tail.includes(".")) return address;
  const value = Number(toNumber(tail.split("."), 10, 8n));
  const words = [value >>> 16, value & 0xffff].map((word) => word.toString(16));
  return `${address.slice(0, colon + 1)}${words.join(":")}`;
}
