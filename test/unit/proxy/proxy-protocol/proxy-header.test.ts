import assert from "node:assert/strict";
import fc from "fast-check";
import { MeshError } from "../../../../api/errors.ts";
import {
  crc32c,
  PROXY_LINE_BYTES_MAX,
  type ProxyHeader,
  readProxyHeader,
} from "../../../../proxy/proxy-protocol/proxy-header.ts";
import { assertDecodes } from "../../../support/feed.ts";

const SIGNATURE = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10];
const IPV4 = [192, 0, 2, 1, 198, 51, 100, 7, 0x1f, 0x90, 0x01, 0xbb];
const IPV4_ENDS = {
  source: { ip: "192.0.2.1", port: 8080 },
  destination: { ip: "198.51.100.7", port: 443 },
};

const line = (text: string): Uint8Array => new TextEncoder().encode(text);

function binary(command: number, family: number, rest: readonly number[]): Uint8Array {
  return Uint8Array.from([
    ...SIGNATURE,
    command,
    family,
    rest.length >> 8,
    rest.length & 255,
    ...rest,
  ]);
}

const first = (bytes: Uint8Array, ends: ProxyHeader["ends"]): ProxyHeader => {
  return { version: 1, ends, tlvs: [], bytes: bytes.length };
};
const second = (
  bytes: Uint8Array,
  ends: ProxyHeader["ends"],
  tlvs: ProxyHeader["tlvs"] = [],
): ProxyHeader => ({ version: 2, ends, tlvs, bytes: bytes.length });

const valid: { name: string; bytes: Uint8Array; want: (bytes: Uint8Array) => ProxyHeader }[] = [
  {
    name: "version 1 with IPv4",
    bytes: line("PROXY TCP4 192.0.2.1 198.51.100.7 8080 443\r\n"),
    want: (bytes) => first(bytes, IPV4_ENDS),
  },
  {
    name: "version 1 with IPv6, which is shortened",
    bytes: line("PROXY TCP6 2001:DB8:0:0:0:0:0:1 ::ffff:192.0.2.1 1 65535\r\n"),
    want: (bytes) =>
      first(bytes, {
        source: { ip: "2001:db8::1", port: 1 },
        destination: { ip: "::ffff:c000:201", port: 65_535 },
      }),
  },
  {
    name: "version 1 that knows nothing",
    bytes: line("PROXY UNKNOWN\r\n"),
    want: (bytes) => first(bytes, null),
  },
  {
    name: "version 1 that knows nothing but says something",
    bytes: line("PROXY UNKNOWN ffff::1 ffff::2 1 2 and so on\r\n"),
    want: (bytes) => first(bytes, null),
  },
  {
    name: "version 2 with IPv4",
    bytes: binary(0x21, 0x11, IPV4),
    want: (bytes) => second(bytes, IPV4_ENDS),
  },
  {
    name: "version 2 with IPv6",
    bytes: binary(0x21, 0x21, [
      ...[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
      ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
      ...[0, 1, 0xff, 0xff],
    ]),
    want: (bytes) =>
      second(bytes, {
        source: { ip: "2001:db8::1", port: 1 },
        destination: { ip: "::1", port: 65_535 },
      }),
  },
  {
    name: "version 2 of the proxy itself, whose addresses do not count",
    bytes: binary(0x20, 0x11, IPV4),
    want: (bytes) => second(bytes, null),
  },
  {
    name: "version 2 of the proxy itself with nothing else",
    bytes: binary(0x20, 0, []),
    want: (bytes) => second(bytes, null),
  },
  {
    name: "TLVs in their order, without fillers",
    bytes: binary(0x21, 0x11, [...IPV4, 1, 0, 2, 104, 50, 4, 0, 1, 0, 0xea, 0, 0, 1, 0, 0]),
    want: (bytes) =>
      second(bytes, IPV4_ENDS, [
        { type: 1, value: Uint8Array.of(104, 50) },
        { type: 0xea, value: Uint8Array.of() },
        { type: 1, value: Uint8Array.of() },
      ]),
  },
];

const invalid: [name: string, bytes: Uint8Array, reason: RegExp][] = [
  ["something else", line("GET / HTTP/1.1\r\n"), /no PROXY header/],
  ["lower case", line("proxy TCP4"), /no PROXY header/],
  ["a bad signature", Uint8Array.from([...SIGNATURE.slice(0, 5), 0]), /no PROXY header/],
  ["a line without CR", line("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n"), /without CR/],
  ["a line without end", line("PROXY ".padEnd(PROXY_LINE_BYTES_MAX, "x")), /no end/],
  ["too few words", line("PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n"), /six words/],
  ["too many words", line("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n"), /six words/],
  ["two spaces", line("PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n"), /six words/],
  ["an unknown family", line("PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n"), /family/],
  ["IPv6 as IPv4", line("PROXY TCP4 ::1 192.0.2.2 1 2\r\n"), /no IPv4/],
  ["an octet with a zero before it", line("PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n"), /no IPv4/],
  ["an octet that is too great", line("PROXY TCP4 192.0.2.256 192.0.2.2 1 2\r\n"), /no IPv4/],
  ["IPv4 as IPv6", line("PROXY TCP6 192.0.2.1 ::1 1 2\r\n"), /no IPv6/],
  ["a broken IPv6 address", line("PROXY TCP6 1::2::3 ::1 1 2\r\n"), /no IPv6/],
  ["a scope", line("PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n"), /no IPv6/],
  ["a port that is too great", line("PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n"), /port/],
  ["a port with a sign", line("PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n"), /port/],
  ["version 3", binary(0x31, 0x11, IPV4), /version/],
  ["an unknown command", binary(0x22, 0x11, IPV4), /command/],
  ["a Unix socket", binary(0x21, 0x31, new Array(216).fill(0)), /family/],
  ["UDP", binary(0x21, 0x12, IPV4), /family/],
  ["no family", binary(0x21, 0, []), /family/],
  ["addresses that are cut off", binary(0x21, 0x11, IPV4.slice(1)), /cut off/],
  ["a TLV that is cut off", binary(0x21, 0x11, [...IPV4, 1, 0]), /TLV is cut/],
  ["a TLV that is too long", binary(0x21, 0x11, [...IPV4, 1, 0, 2, 1]), /longer/],
  ["a checksum of three bytes", binary(0x21, 0x11, [...IPV4, 3, 0, 3, 1, 2, 3]), /four bytes/],
  ["a wrong checksum", binary(0x21, 0x11, [...IPV4, 3, 0, 4, 1, 2, 3, 4]), /wrong/],
];

describe("readProxyHeader", () => {
  for (const { name, bytes, want } of valid) {
    it(`readProxyHeader: ${name}`, () => assertDecodes(readProxyHeader, bytes, want(bytes)));
  }

  for (const [name, bytes, reason] of invalid) {
    it(`readProxyHeader: ${name} is refused`, () => {
      assert.throws(
        () => readProxyHeader(bytes),
        (error) => {
          assert.ok(error instanceof MeshError);
          assert.equal(error.code, "PROXY_HEADER");
          assert.match(error.message, reason);
          return true;
        },
      );
    });
  }

  it("readProxyHeader: the longest line is taken, one byte more is not", () => {
    const longest = `PROXY UNKNOWN ${"x".repeat(PROXY_LINE_BYTES_MAX - 16)}\r\n`;
    assert.equal(readProxyHeader(line(longest))?.bytes, PROXY_LINE_BYTES_MAX);
    assert.throws(() => readProxyHeader(line(`PROXY UNKNOWN x${longest.slice(14)}`)), /no end/);
  });

  it("readProxyHeader: a right checksum is taken", () => {
    const bytes = binary(0x21, 0x11, [...IPV4, 3, 0, 4, 0, 0, 0, 0]);
    new DataView(bytes.buffer).setUint32(bytes.length - 4, crc32c(bytes));
    assert.deepEqual(readProxyHeader(bytes)?.ends, IPV4_ENDS);
  });

  it("crc32c: the check value of the algorithm", () => {
    assert.equal(crc32c(line("123456789")), 0xe306_9283);
  });

  it("readProxyHeader: no input does anything but be read, wait or be refused", () => {
    const starts = [Uint8Array.of(), line("PROXY "), Uint8Array.from(SIGNATURE)];
    const property = fc.property(
      fc.constantFrom(...starts),
      fc.uint8Array({ maxLength: 200 }),
      (start, rest) => {
        try {
          const header = readProxyHeader(Uint8Array.from([...start, ...rest]));
          assert.ok(header === null || header.bytes <= start.length + rest.length);
        } catch (error) {
          assert.ok(error instanceof MeshError);
        }
      },
    );
    fc.assert(property, { numRuns: 2000 });
  });
});
