import assert from "node:assert/strict";
import {
  holdsAddress,
  toAddressBytes,
  toAddressNumber,
  toAddressRange,
} from "../../../../../proxy/config/address/address-range.ts";

describe("address ranges", () => {
  const numbers: readonly [text: string, want: { width: number; value: bigint } | null][] = [
    ["0.0.0.0", { width: 32, value: 0n }],
    ["1.2.3.4", { width: 32, value: 0x01020304n }],
    ["255.255.255.255", { width: 32, value: 0xffffffffn }],
    ["::", { width: 128, value: 0n }],
    ["::1", { width: 128, value: 1n }],
    ["2001:db8::1", { width: 128, value: 0x20010db8_00000000_00000000_00000001n }],
    ["1:2:3:4:5:6:7:8", { width: 128, value: 0x00010002_00030004_00050006_00070008n }],
    ["fe80::1%eth0", { width: 128, value: 0xfe800000_00000000_00000000_00000001n }],
    ["::ffff:1.2.3.4", { width: 128, value: 0xffff_01020304n }],
    ["", null],
    ["1.2.3", null],
    ["a.test", null],
  ];
  for (const [text, want] of numbers) {
    it(`toAddressNumber: "${text}"`, () => assert.deepEqual(toAddressNumber(text), want));
  }

  it("toAddressBytes: in the order of the network", () => {
    assert.deepEqual(toAddressBytes("1.2.3.255"), Uint8Array.of(1, 2, 3, 255));
    const ipv6 = Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2);
    assert.deepEqual(toAddressBytes("2001:db8::102"), ipv6);
    assert.equal(toAddressBytes("a.test"), null);
  });

  it("toAddressRange: bits that do not count are dropped, and there are no more than fit", () => {
    assert.deepEqual(toAddressRange("10.1.2.3/8"), { width: 32, bits: 8, value: 0x0a000000n });
    assert.deepEqual(toAddressRange("10.1.2.3/99"), { width: 32, bits: 32, value: 0x0a010203n });
    assert.deepEqual(toAddressRange("::1/0"), { width: 128, bits: 0, value: 0n });
    assert.equal(toAddressRange("nobody/8"), null);
  });

  const held: readonly [range: string, address: string, want: boolean][] = [
    ["10.0.0.0/8", "10.255.255.255", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["0.0.0.0/0", "203.0.113.1", true],
    ["0.0.0.0/0", "::1", false],
    ["::/0", "203.0.113.1", false],
    ["2001:db8::/33", "2001:db8:8000::", false],
    ["2001:db8::/33", "2001:db8:7fff:ffff::", true],
    ["192.0.2.1/32", "192.0.2.1", true],
  ];
  for (const [range, address, want] of held) {
    it(`holdsAddress: ${range} ${want ? "holds" : "does not hold"} ${address}`, () => {
      const parsed = toAddressRange(range);
      const number = toAddressNumber(address);
      assert.ok(parsed !== null && number !== null);
      assert.equal(holdsAddress(parsed, number), want);
    });
  }
});
