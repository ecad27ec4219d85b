import assert from "node:assert/strict";
import { assertDecodes, splitsOf } from "./feed.ts";

/** A length byte and as many bytes as it says. */
const RECORD = Uint8Array.of(2, 7, 9);

function readRecord(seen: Uint8Array): number[] | null {
  if (seen.length === 0 || seen.length < 1 + seen[0]) return null;
  return Array.from(seen.subarray(1, 1 + seen[0]));
}

const broken: { fault: string; decode: (seen: Uint8Array) => number[] | null }[] = [
  { fault: "gives a wrong value", decode: (seen) => readRecord(seen)?.toReversed() ?? null },
  { fault: "answers before it has all", decode: (seen) => Array.from(seen.subarray(1, 3)) },
  {
    fault: "reads past its value",
    decode: (seen) => (seen.length < 3 ? null : Array.from(seen.subarray(1))),
  },
];

describe("feed", () => {
  it("assertDecodes: a decoder that reads exactly its value passes", () => {
    assertDecodes(readRecord, RECORD, [7, 9]);
  });

  for (const { fault, decode } of broken) {
    it(`assertDecodes: a decoder that ${fault} is caught`, () => {
      assert.throws(() => assertDecodes(decode, RECORD, [7, 9]), assert.AssertionError);
    });
  }

  it("splitsOf: whole, every cut in two, and byte by byte", () => {
    const splits = [...splitsOf(RECORD)].map((pieces) => pieces.map((piece) => [...piece]));
    assert.deepEqual(splits, [[[2, 7, 9]], [[2], [7, 9]], [[2, 7], [9]], [[2], [7], [9]]]);
  });
});
