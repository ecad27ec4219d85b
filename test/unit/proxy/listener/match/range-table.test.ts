import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type AddressNumber,
  holdsAddress,
  toAddressNumber,
} from "../../../../../proxy/config/address/address-range.ts";
import { RangeTable, toRanges } from "../../../../../proxy/listener/match/range-table.ts";

function tableOf(...texts: string[]): RangeTable<string> {
  const table = new RangeTable<string>();
  for (const text of texts) for (const range of toRanges([text])) table.at(range, () => text);
  return table;
}

function numberOf(text: string): AddressNumber {
  const number = toAddressNumber(text);
  assert.ok(number !== null);
  return number;
}

describe("RangeTable", () => {
  it("all: closest first, whatever the order they came in", () => {
    const table = tableOf("10.0.0.0/8", "0.0.0.0/0", "10.0.0.0/30", "10.0.0.0/16", "::/0");
    const want = ["10.0.0.0/30", "10.0.0.0/16", "10.0.0.0/8", "0.0.0.0/0"];
    assert.deepEqual([...table.all(numberOf("10.0.0.1"))], want);
    assert.equal(table.closest(numberOf("10.1.0.1")), "10.0.0.0/8");
    assert.equal(table.closest(numberOf("::1")), "::/0");
  });

  it("at: a range that is there keeps its value", () => {
    const table = tableOf("10.0.0.0/8");
    const [range] = toRanges(["10.9.9.9/8"]);
    assert.equal(table.at(range, assert.fail), "10.0.0.0/8");
  });

  it("closest: nothing where no range holds the address", () => {
    assert.equal(tableOf("10.0.0.0/8").closest(numberOf("11.0.0.1")), undefined);
  });

  it("all: finds what looking at every range finds", () => {
    const octet = fc.integer({ min: 0, max: 3 });
    const address = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join("."));
    const range = fc.tuple(address, fc.integer({ min: 0, max: 32 })).map((each) => each.join("/"));
    const property = fc.property(fc.array(range, { maxLength: 20 }), address, (texts, wanted) => {
      const number = numberOf(wanted);
      const found = new Set([...tableOf(...texts).all(number)].flatMap((text) => toRanges([text])));
      const holding = toRanges(texts).filter((each) => holdsAddress(each, number));
      const keys = (ranges: Iterable<{ bits: number; value: bigint }>) =>
        new Set(Array.from(ranges, ({ bits, value }) => `${value}/${bits}`));
      assert.deepEqual(keys(found).size, keys(holding).size);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
