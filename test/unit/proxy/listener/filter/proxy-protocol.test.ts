import assert from "node:assert/strict";
import fc from "fast-check";
import {
  PROXY_PROTOCOL_COUNTERS,
  PROXY_PROTOCOL_LEGACY_COUNTERS,
} from "../../../../../api/engine/network/listener-filter-stats.ts";
import type { ProxyProtocolModel } from "../../../../../proxy/config/listener-model.ts";
import { ConnectionFacts } from "../../../../../proxy/listener/connection-facts.ts";
import { ProxyProtocol } from "../../../../../proxy/listener/filter/proxy-protocol.ts";
import { CountNotes, ENDS, feed } from "../counted-filter.ts";

const MODEL: ProxyProtocolModel = {
  kind: "proxy-protocol",
  statPrefix: "",
  allowsNone: false,
  disallowed: [],
  rules: [],
  passed: [],
};

function inspect(bytes: Uint8Array, model: Partial<ProxyProtocolModel> = {}, pieceBytes?: number) {
  const facts = new ConnectionFacts(ENDS);
  const notes = new CountNotes(PROXY_PROTOCOL_COUNTERS);
  const legacy = new CountNotes(PROXY_PROTOCOL_LEGACY_COUNTERS);
  const filter = new ProxyProtocol({ ...MODEL, ...model }, facts, notes, legacy);
  const verdict = feed(filter, bytes, pieceBytes);
  const { takenBytes } = filter;
  return { verdict, takenBytes, facts, counted: [...notes.counted, ...legacy.counted] };
}

const line = (text: string): Uint8Array => Buffer.from(`${text}\r\n`, "latin1");
const LINE = line("PROXY TCP4 192.0.2.1 198.51.100.7 8080 443");
const SIGNATURE = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10];
const IPV4 = [192, 0, 2, 1, 198, 51, 100, 7, 0x1f, 0x90, 0x01, 0xbb];
const binary = (command: number, family: number, rest: readonly number[]): Uint8Array =>
  Uint8Array.from([...SIGNATURE, command, family, rest.length >> 8, rest.length & 255, ...rest]);
const tlv = (type: number, value: string): number[] => [
  type,
  0,
  value.length,
  ...Buffer.from(value, "latin1"),
];

describe("ProxyProtocol", () => {
  for (const [version, bytes] of [
    [1, LINE],
    [2, binary(0x21, 0x11, IPV4)],
  ] as const) {
    it(`ProxyProtocol: the ends of version ${version} are those of the connection`, () => {
      const { verdict, takenBytes, facts, counted } = inspect(
        Buffer.concat([bytes, Buffer.from("and more")]),
      );
      assert.deepEqual([verdict, takenBytes], ["next", bytes.length]);
      assert.deepEqual(facts.ends, {
        localAddress: "198.51.100.7",
        localPort: 443,
        remoteAddress: "192.0.2.1",
        remotePort: 8080,
      });
      assert.ok(facts.isLocalRestored);
      assert.deepEqual(facts.direct, ENDS);
      assert.deepEqual(counted, [`versions.v${version}.found`]);
    });
  }

  for (const bytes of [line("PROXY UNKNOWN"), binary(0x20, 0x11, IPV4), binary(0x20, 0, [])]) {
    it(`ProxyProtocol: ${bytes.length} bytes that say nothing leave the ends alone`, () => {
      const { verdict, facts } = inspect(bytes);
      assert.equal(verdict, "next");
      assert.deepEqual(facts.ends, ENDS);
      assert.equal(facts.isLocalRestored, false);
    });
  }

  it("ProxyProtocol: the same destination is not a restored one", () => {
    const { facts } = inspect(line("PROXY TCP4 192.0.2.1 127.0.0.1 8080 80"));
    assert.equal(facts.isLocalRestored, false);
    assert.equal(facts.ends.remoteAddress, "192.0.2.1");
  });

  const refused: readonly [name: string, bytes: Uint8Array, counter: string][] = [
    ["no header", line("GET / HTTP/1.1"), "not_found_disallowed"],
    ["a broken line", line("PROXY TCP4 192.0.2.1"), "versions.v1.error"],
    ["a broken header", binary(0x21, 0x31, IPV4), "versions.v2.error"],
    ["no address", line("PROXY TCP4 0.0.0.0 198.51.100.7 1 2"), "versions.v1.error"],
    ["a broadcast", line("PROXY TCP4 255.255.255.255 198.51.100.7 1 2"), "versions.v1.error"],
    ["a group", line("PROXY TCP4 192.0.2.1 224.0.0.1 1 2"), "versions.v1.error"],
    ["a group of IPv6", line("PROXY TCP6 ff02::1 2001:db8::1 1 2"), "versions.v1.error"],
    ["no IPv6 address", line("PROXY TCP6 2001:db8::1 :: 1 2"), "versions.v1.error"],
  ];
  for (const [name, bytes, counter] of refused) {
    it(`ProxyProtocol: ${name} is closed and counted`, () => {
      const { verdict, counted } = inspect(bytes);
      assert.equal(verdict, "close");
      assert.deepEqual(counted, [counter, "downstream_cx_proxy_proto_error"]);
    });
  }

  it("ProxyProtocol: a version that is not allowed is closed, or goes on as it is", () => {
    const model = { disallowed: [2] };
    const bytes = binary(0x21, 0x11, IPV4);
    const closed = inspect(bytes, model);
    assert.equal(closed.verdict, "close");
    assert.deepEqual(closed.counted, ["versions.v2.found", "versions.v2.disallowed"]);
    const passed = inspect(bytes, { ...model, allowsNone: true });
    assert.deepEqual([passed.verdict, passed.takenBytes], ["next", 0]);
    assert.deepEqual(passed.counted, ["not_found_allowed"]);
    assert.equal(inspect(LINE, model).verdict, "next");
  });

  it("ProxyProtocol: without a header a connection goes on, if it may", () => {
    const { verdict, takenBytes, counted } = inspect(line("GET / HTTP/1.1"), { allowsNone: true });
    assert.deepEqual([verdict, takenBytes, counted], ["next", 0, ["not_found_allowed"]]);
    assert.equal(inspect(Buffer.from("PROX"), { allowsNone: true }).verdict, "more");
  });

  it("ProxyProtocol: TLVs become metadata by the rules, and are kept to be passed on", () => {
    const rest = [...IPV4, ...tlv(1, "h2"), ...tlv(0xea, "a\xff"), ...tlv(2, "host")];
    const rules = [
      { type: 0xea, namespace: "n", key: "raw", encoding: "utf8" },
      { type: 0xea, namespace: "n", key: "coded", encoding: "base64" },
      { type: 2, namespace: "m", key: "host", encoding: "utf8" },
    ] as const;
    const { facts } = inspect(binary(0x21, 0x11, rest), { rules, passed: [1] });
    assert.deepEqual(Object.fromEntries(facts.metadata.get("n") ?? []), {
      raw: "a!",
      coded: "Yf8=",
    });
    assert.deepEqual(Object.fromEntries(facts.metadata.get("m") ?? []), { host: "host" });
    assert.deepEqual(
      facts.tlvs.map(({ type }) => type),
      [1],
    );
    const all = inspect(binary(0x21, 0x11, rest), { passed: "all" });
    assert.equal(all.facts.tlvs.length, 3);
  });

  it("ProxyProtocol: how the bytes are split does not matter", () => {
    const samples = [LINE, binary(0x21, 0x11, [...IPV4, ...tlv(2, "a")]), line("PROXY TCP4 x")];
    const property = fc.property(
      fc.oneof(
        fc.constantFrom(...samples),
        fc.uint8Array({ minLength: 1, maxLength: 60 }),
        fc.uint8Array({ maxLength: 60 }).map((rest) => Uint8Array.from([...SIGNATURE, ...rest])),
      ),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      (bytes, pieceBytes, allowsNone) => {
        const model = { allowsNone, passed: "all" as const };
        const [split, whole] = [inspect(bytes, model, pieceBytes), inspect(bytes, model)];
        const facts = ({ facts: { filterState: _, ...rest } }: typeof whole) => rest;
        assert.deepEqual({ ...split, facts: facts(split) }, { ...whole, facts: facts(whole) });
      },
    );
    fc.assert(property, { numRuns: 1000 });
  });
});
