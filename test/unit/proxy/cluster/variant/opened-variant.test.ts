import assert from "node:assert/strict";
import { FLAG_HEADER_V1, FLAG_HEADER_V2, FLAG_RAW } from "../../../../../api/engine/layout.ts";
import type { DownstreamOrigin } from "../../../../../proxy/cluster/variant/downstream-origin.ts";
import { variantOf } from "../../../../../proxy/cluster/variant/opened-variant.ts";
import { PLAIN_VARIANT, RAW_VARIANT } from "../../../../../proxy/cluster/variant/pool-variant.ts";

const ENDS = { localAddress: "10.0.0.1", localPort: 80, remoteAddress: "10.0.0.2", remotePort: 9 };
const ORIGIN: DownstreamOrigin = {
  ends: ENDS,
  source: null,
  // Envoy passes none on here.
  tlvs: [{ type: 0xe0, value: Uint8Array.of(1) }],
};
const NOWHERE = { localAddress: "", localPort: 0, remoteAddress: "", remotePort: 0 };

const openings: readonly [name: string, flag: number, origin: DownstreamOrigin, want: string][] = [
  ["version 1", FLAG_HEADER_V1, ORIGIN, "PROXY TCP4 10.0.0.2 10.0.0.1 9 80\r\n"],
  [
    "version 2",
    FLAG_HEADER_V2,
    ORIGIN,
    "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\n\0\0\x02\n\0\0\x01\0\x09\0\x50",
  ],
  [
    "version 1 without addresses",
    FLAG_HEADER_V1,
    { ends: NOWHERE, source: null, tlvs: [] },
    "PROXY UNKNOWN\r\n",
  ],
  [
    "version 2 without addresses",
    FLAG_HEADER_V2,
    { ends: NOWHERE, source: null, tlvs: [] },
    "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0",
  ],
];

describe("opened-variant", () => {
  it("variantOf: in HTTP, and without, as they always are", () => {
    assert.equal(variantOf(0, ORIGIN), PLAIN_VARIANT);
    assert.equal(variantOf(FLAG_RAW, ORIGIN), RAW_VARIANT);
  });

  for (const [name, flag, origin, want] of openings) {
    it(`variantOf: behind a header of ${name}`, () => {
      const { opening, isRaw, key } = variantOf(FLAG_RAW | flag, origin);
      assert.equal(Buffer.from(opening ?? []).toString("latin1"), want);
      assert.equal(isRaw, true);
      assert.notEqual(key, RAW_VARIANT.key);
    });
  }

  it("variantOf: another header is for other connections", () => {
    const other = { ...ORIGIN, ends: { ...ENDS, remotePort: 10 } };
    const keys = [ORIGIN, other, ORIGIN].map((each) => {
      return variantOf(FLAG_RAW | FLAG_HEADER_V1, each).key;
    });
    assert.notEqual(keys[0], keys[1]);
    assert.equal(keys[0], keys[2]);
  });
});
