import assert from "node:assert/strict";
import fc from "fast-check";
import { type ProxyEnds, readProxyHeader } from "../../../../proxy/proxy-protocol/proxy-header.ts";
import { writeProxyBinary, writeProxyLine } from "../../../../proxy/proxy-protocol/write-header.ts";

const SIGNATURE = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10];

function ends(source: string, destination: string, ports = [8080, 443]): ProxyEnds {
  return {
    source: { ip: source, port: ports[0] },
    destination: { ip: destination, port: ports[1] },
  };
}

const V4 = ends("192.0.2.1", "198.51.100.7");
const V4_BYTES = [192, 0, 2, 1, 198, 51, 100, 7, 0x1f, 0x90, 0x01, 0xbb];
const V6 = ends("2001:db8::1", "fd00::2");
const zeros = (count: number): number[] => new Array<number>(count).fill(0);
const V6_BYTES = [
  ...[0x20, 0x01, 0x0d, 0xb8, ...zeros(11), 1],
  ...[0xfd, 0, ...zeros(13), 2],
  ...[0x1f, 0x90, 0x01, 0xbb],
];
const MIXED = ends("192.0.2.1", "fd00::2");

const lines: readonly [name: string, ends: ProxyEnds | null, want: string][] = [
  ["IPv4", V4, "PROXY TCP4 192.0.2.1 198.51.100.7 8080 443\r\n"],
  ["IPv6", V6, "PROXY TCP6 2001:db8::1 fd00::2 8080 443\r\n"],
  ["both families", MIXED, "PROXY TCP6 ::ffff:192.0.2.1 fd00::2 8080 443\r\n"],
  ["no ends", null, "PROXY UNKNOWN\r\n"],
];

const binaries: readonly [name: string, ends: ProxyEnds | null, want: readonly number[]][] = [
  ["IPv4", V4, [0x21, 0x11, 0, 12, ...V4_BYTES]],
  ["IPv6", V6, [0x21, 0x21, 0, 36, ...V6_BYTES]],
  [
    "both families",
    MIXED,
    [0x21, 0x21, 0, 36, ...zeros(10), 255, 255, 192, 0, 2, 1, ...V6_BYTES.slice(16)],
  ],
  ["no ends", null, [0x20, 0, 0, 0]],
];

describe("write-header", () => {
  for (const [name, given, want] of lines) {
    it(`writeProxyLine: ${name}`, () =>
      assert.equal(new TextDecoder().decode(writeProxyLine(given)), want));
  }

  for (const [name, given, want] of binaries) {
    it(`writeProxyBinary: ${name}`, () => {
      const { bytes, isCut } = writeProxyBinary(given, []);
      assert.deepEqual([...bytes], [...SIGNATURE, ...want]);
      assert.equal(isCut, false);
    });
  }

  it("writeProxyBinary: TLVs stand behind the addresses, in their order", () => {
    const tlvs = [
      { type: 0xe0, value: Uint8Array.of(1, 2) },
      { type: 2, value: new Uint8Array(0) },
      { type: 0xe0, value: Uint8Array.of(3) },
    ];
    const { bytes } = writeProxyBinary(V4, tlvs);
    const want = [0xe0, 0, 2, 1, 2, 2, 0, 0, 0xe0, 0, 1, 3];
    assert.deepEqual([...bytes], [...SIGNATURE, 0x21, 0x11, 0, 24, ...V4_BYTES, ...want]);
  });

  it("writeProxyBinary: without ends there are no TLVs", () => {
    const { bytes } = writeProxyBinary(null, [{ type: 1, value: Uint8Array.of(1) }]);
    assert.deepEqual([...bytes], [...SIGNATURE, 0x20, 0, 0, 0]);
  });

  for (const [name, given, room] of [
    ["IPv4", V4, 65_535 - 12 - 3],
    ["IPv6", V6, 65_535 - 36 - 3],
  ] as const) {
    it(`writeProxyBinary: ${name}: a TLV for which there is just room is there`, () => {
      const { bytes, isCut } = writeProxyBinary(given, [{ type: 1, value: new Uint8Array(room) }]);
      assert.equal(isCut, false);
      assert.equal(bytes.length, 16 + 65_535);
      assert.equal(readProxyHeader(bytes)?.tlvs[0].value.length, room);
    });

    it(`writeProxyBinary: ${name}: a TLV of one byte more is left out, alone`, () => {
      const small = { type: 2, value: Uint8Array.of(7) };
      const large = { type: 1, value: new Uint8Array(room + 1) };
      const { bytes, isCut } = writeProxyBinary(given, [large, small]);
      assert.equal(isCut, true);
      assert.deepEqual(readProxyHeader(bytes)?.tlvs, [small]);
    });
  }

  it("writeProxyBinary: what is written is what is read", () => {
    const port = fc.integer({ min: 0, max: 65_535 });
    const side = fc.oneof(fc.tuple(fc.ipV4(), fc.ipV4()), fc.tuple(fc.ipV6(), fc.ipV6()));
    const fields = {
      // NOOP and CRC32C mean something to who reads.
      type: fc.integer({ min: 5, max: 255 }),
      value: fc.uint8Array({ maxLength: 40 }),
    };
    const tlv = fc.record(fields, { noNullPrototype: true });
    fc.assert(
      fc.property(side, port, port, fc.array(tlv), ([source, destination], from, to, tlvs) => {
        const { bytes } = writeProxyBinary(ends(source, destination, [from, to]), tlvs);
        const read = readProxyHeader(bytes);
        assert.equal(read?.bytes, bytes.length);
        assert.deepEqual(read.tlvs, tlvs);
        assert.deepEqual([read.ends?.source.port, read.ends?.destination.port], [from, to]);
        const again = writeProxyBinary(read.ends, read.tlvs);
        assert.deepEqual(again.bytes, bytes);
        const line = readProxyHeader(writeProxyLine(read.ends));
        assert.deepEqual(line?.ends, read.ends);
      }),
    );
  });
});
