import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { toMs } from "../../../../../proxy/config/compile/duration.ts";

const rows: readonly { seconds: bigint; nanos: number; want: number }[] = [
  { seconds: 0n, nanos: 0, want: 0 },
  { seconds: 0n, nanos: 1, want: 1 },
  { seconds: 0n, nanos: 1_000_000, want: 1 },
  { seconds: 0n, nanos: 1_000_001, want: 2 },
  { seconds: 1n, nanos: 500_000_000, want: 1_500 },
  { seconds: 3_600n, nanos: 0, want: 3_600_000 },
];

describe("duration", () => {
  for (const { seconds, nanos, want } of rows) {
    it(`toMs: ${seconds} s and ${nanos} ns are ${want} ms, rounded up`, () => {
      assert.equal(toMs(create(DurationSchema, { seconds, nanos }), 7), want);
    });
  }

  it("toMs: what is not set has the default", () => {
    assert.equal(toMs(undefined, 7), 7);
  });
});
