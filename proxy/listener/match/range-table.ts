import {
  type AddressNumber,
  type AddressRange,
  toAddressRange,
} from "../../config/address/address-range.ts";

/** Values by ranges of addresses, of which the closest ones are found first. */
export class RangeTable<Value> {
  /** By the first bits of addresses, for each width and number of bits. */
  readonly #levels = new Map<string, Map<bigint, Value>>();
  /** Numbers of bits in use, for each width, the most first. */
  readonly #lengths = new Map<number, number[]>();

  /** The value of a range, which is made when there is none. */
  at(range: AddressRange, make: () => Value): Value {
    const { width, bits, value } = range;
    const key = `${width}/${bits}`;
    let level = this.#levels.get(key);
    if (level === undefined) {
      level = new Map();
      this.#levels.set(key, level);
      const lengths = [...(this.#lengths.get(width) ?? []), bits];
      this.#lengths.set(
        width,
        lengths.sort((a, b) => b - a),
      );
    }
    let found = level.get(value);
    if (found === undefined) {
      found = make();
      level.set(value, found);
    }
    return found;
  }

  /** The values of all ranges that hold an address, closest first. */
  *all(address: AddressNumber): Iterable<Value> {
    const { width, value } = address;
    for (const bits of this.#lengths.get(width) ?? []) {
      const rest = BigInt(width - bits);
      const found = this.#levels.get(`${width}/${bits}`)?.get((value >> rest) << rest);
      if (found !== undefined) yield found;
    }
  }

  /** The value of the closest range that holds an address. */
  closest(address: AddressNumber): Value | undefined {
    for (const value of this.all(address)) return value;
    return undefined;
  }
}

/** Parses ranges that were checked before. */
export function toRanges(texts: readonly string[]): readonly AddressRange[] {
  return texts.flatMap((text) => toAddressRange(text) ?? []);
}
