import assert from "node:assert/strict";
import { create, fromJson } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Cluster } from "../../../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import { ClusterSchema } from "../../../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import { SocketAddressSchema } from "../../../../../api/gen/envoy/config/core/v3/address_pb.js";
import { MetadataSchema } from "../../../../../api/gen/envoy/config/core/v3/base_pb.js";
import { VirtualHostSchema } from "../../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import {
  BytesRulesSchema,
  Int32RulesSchema,
  KnownRegex,
  StringRulesSchema,
  TimestampRulesSchema,
} from "../../../../../api/gen/validate/validate_pb.js";
import { FieldPath } from "../../../../../proxy/config/field-path.ts";
import { checkByteString } from "../../../../../proxy/config/rules/bytes-rules.ts";
import { checkRules } from "../../../../../proxy/config/rules/check-rules.ts";
import { checkNumber } from "../../../../../proxy/config/rules/number-rules.ts";
import { rulesOf } from "../../../../../proxy/config/rules/read-rules.ts";
import { checkString } from "../../../../../proxy/config/rules/string-rules.ts";
import { checkTimestamp } from "../../../../../proxy/config/rules/time-rules.ts";

interface Row<Rules, Value> {
  readonly rules: Rules;
  readonly good: readonly Value[];
  readonly bad: readonly Value[];
  readonly reason: string;
}

type StringInit = Parameters<typeof create<typeof StringRulesSchema>>[1];
type BytesInit = Parameters<typeof create<typeof BytesRulesSchema>>[1];
type IntInit = Parameters<typeof create<typeof Int32RulesSchema>>[1];

const numbers: Row<IntInit, number>[] = [
  { rules: { const: 0 }, good: [0], bad: [1], reason: "value must equal 0" },
  { rules: { gt: 0 }, good: [1], bad: [0, -1], reason: "value must be greater than 0" },
  { rules: { gte: 0 }, good: [0], bad: [-1], reason: "value must be greater than or equal to 0" },
  { rules: { lt: 5 }, good: [4], bad: [5], reason: "value must be less than 5" },
  { rules: { lte: 5 }, good: [5], bad: [6], reason: "value must be less than or equal to 5" },
  {
    rules: { gte: 200, lt: 600 },
    good: [200, 599],
    bad: [199, 600],
    reason: "value must be inside range [200, 600)",
  },
  {
    rules: { gt: 10, lte: 5 },
    good: [5, 11],
    bad: [6, 10],
    reason: "value must be outside range (10, 5]",
  },
  { rules: { in: [1, 3] }, good: [1, 3], bad: [2], reason: "value must be in list [1, 3]" },
  { rules: { notIn: [2] }, good: [1], bad: [2], reason: "value must not be in list [2]" },
  {
    rules: { gt: 3, ignoreEmpty: true },
    good: [0, 4],
    bad: [3],
    reason: "value must be greater than 3",
  },
];

const strings: Row<StringInit, string>[] = [
  { rules: { const: "a" }, good: ["a"], bad: ["", "b"], reason: "value must equal a" },
  {
    rules: { len: 2n },
    good: ["ab", "😀😀"],
    bad: ["a"],
    reason: "value length must be 2 characters",
  },
  {
    rules: { minLen: 1n },
    good: ["a"],
    bad: [""],
    reason: "value length must be at least 1 characters",
  },
  {
    rules: { maxLen: 2n },
    good: ["", "😀😀"],
    bad: ["abc"],
    reason: "value length must be at most 2 characters",
  },
  {
    rules: { minLen: 1n, maxLen: 2n },
    good: ["a", "ab"],
    bad: ["", "abc"],
    reason: "value length must be between 1 and 2 characters, inclusive",
  },
  { rules: { lenBytes: 4n }, good: ["😀"], bad: ["a"], reason: "value length must be 4 bytes" },
  {
    rules: { minBytes: 2n },
    good: ["é"],
    bad: ["e"],
    reason: "value length must be at least 2 bytes",
  },
  {
    rules: { maxBytes: 3n },
    good: ["abc"],
    bad: ["😀"],
    reason: "value length must be at most 3 bytes",
  },
  {
    rules: { pattern: "^[^?#]+[^?#/]$" },
    good: ["/a"],
    bad: ["/a/", "/a?b"],
    reason: 'value does not match regex pattern "^[^?#]+[^?#/]$"',
  },
  { rules: { prefix: "ab" }, good: ["abc"], bad: ["a"], reason: 'value does not have prefix "ab"' },
  { rules: { suffix: "c" }, good: ["abc"], bad: ["ab"], reason: 'value does not have suffix "c"' },
  {
    rules: { contains: "b" },
    good: ["abc"],
    bad: ["ac"],
    reason: 'value does not contain substring "b"',
  },
  {
    rules: { notContains: "b" },
    good: ["ac"],
    bad: ["abc"],
    reason: 'value contains substring "b"',
  },
  {
    rules: { in: ["http", "https"] },
    good: ["http"],
    bad: ["ftp", ""],
    reason: "value must be in list [http, https]",
  },
  { rules: { notIn: ["x"] }, good: ["y"], bad: ["x"], reason: "value must not be in list [x]" },
  {
    rules: { minLen: 3n, ignoreEmpty: true },
    good: ["", "abc"],
    bad: ["a"],
    reason: "value length must be at least 3 characters",
  },
  {
    rules: { wellKnown: { case: "hostname", value: true } },
    good: ["a.example.com", "localhost", "xn--a-b.c."],
    bad: ["", "a_b", "-a.b", "a..b", `${"a".repeat(64)}.b`],
    reason: "value must be a valid hostname",
  },
  {
    rules: { wellKnown: { case: "ip", value: true } },
    good: ["10.0.0.1", "::1"],
    bad: ["10.0.0", "localhost", "[::1]"],
    reason: "value must be a valid IP address",
  },
  {
    rules: { wellKnown: { case: "ipv4", value: true } },
    good: ["10.0.0.1"],
    bad: ["::1"],
    reason: "value must be a valid IPv4 address",
  },
  {
    rules: { wellKnown: { case: "ipv6", value: true } },
    good: ["::1"],
    bad: ["10.0.0.1"],
    reason: "value must be a valid IPv6 address",
  },
  {
    rules: { wellKnown: { case: "address", value: true } },
    good: ["10.0.0.1", "::1", "a.b"],
    bad: ["a_b"],
    reason: "value must be a valid hostname, or ip address",
  },
  {
    rules: { wellKnown: { case: "uri", value: true } },
    good: ["http://a/b?c#d", "urn:x"],
    bad: ["/a", "http://a b", "1a:b"],
    reason: "value must be a valid URI",
  },
  {
    rules: { wellKnown: { case: "uriRef", value: true } },
    good: ["/a", "", "?a=%20"],
    bad: ["/a b", "%2"],
    reason: "value must be a valid URI",
  },
  {
    rules: { wellKnown: { case: "email", value: true } },
    good: ["a.b@example.com"],
    bad: ["@example.com", "a@", "a b@c"],
    reason: "value must be a valid email address",
  },
  {
    rules: { wellKnown: { case: "uuid", value: true } },
    good: ["123e4567-e89b-12d3-a456-426614174000"],
    bad: ["123e4567"],
    reason: "value must be a valid UUID",
  },
  {
    rules: { wellKnown: { case: "wellKnownRegex", value: KnownRegex.HTTP_HEADER_NAME } },
    good: [":path", "x-a"],
    bad: ["", "x a", "x:a", "::a"],
    reason: `value does not match regex pattern "^:?[0-9a-zA-Z!#$%&'*+-.^_|~\\x60]+$"`,
  },
  {
    rules: { wellKnown: { case: "wellKnownRegex", value: KnownRegex.HTTP_HEADER_VALUE } },
    good: ["", "a\tb", "ü"],
    bad: ["a\nb", "\u007f"],
    reason: 'value does not match regex pattern "^[^\\u0000-\\u0008\\u000A-\\u001F\\u007F]*$"',
  },
  {
    rules: {
      wellKnown: { case: "wellKnownRegex", value: KnownRegex.HTTP_HEADER_NAME },
      strict: false,
    },
    good: ["", "x a"],
    bad: ["a\r", "a\n", "\0"],
    reason: 'value does not match regex pattern "^[^\\u0000\\u000A\\u000D]*$"',
  },
];

const bytes: Row<BytesInit, number[]>[] = [
  { rules: { len: 1n }, good: [[1]], bad: [[]], reason: "value length must be 1 bytes" },
  {
    rules: { minLen: 1n },
    good: [[1]],
    bad: [[]],
    reason: "value length must be at least 1 bytes",
  },
  {
    rules: { maxLen: 1n },
    good: [[1]],
    bad: [[1, 2]],
    reason: "value length must be at most 1 bytes",
  },
  { rules: { const: Uint8Array.of(7) }, good: [[7]], bad: [[8]], reason: "value must equal 0x07" },
  {
    rules: { prefix: Uint8Array.of(1) },
    good: [[1, 2]],
    bad: [[2, 1], []],
    reason: "value does not have prefix 0x01",
  },
  {
    rules: { suffix: Uint8Array.of(1) },
    good: [[2, 1]],
    bad: [[1, 2], []],
    reason: "value does not have suffix 0x01",
  },
  {
    rules: { contains: Uint8Array.of(2, 3) },
    good: [[1, 2, 3, 4]],
    bad: [[3, 2]],
    reason: "value does not contain 0x0203",
  },
  {
    rules: { in: [Uint8Array.of(1), Uint8Array.of(2)] },
    good: [[2]],
    bad: [[3]],
    reason: "value must be in list [0x01, 0x02]",
  },
  {
    rules: { notIn: [Uint8Array.of(1)] },
    good: [[2]],
    bad: [[1]],
    reason: "value must not be in list [0x01]",
  },
  {
    rules: { pattern: "^a+$" },
    good: [[97, 97]],
    bad: [[98]],
    reason: 'value does not match regex pattern "^a+$"',
  },
  {
    rules: { wellKnown: { case: "ip", value: true } },
    good: [[1, 2, 3, 4], Array(16).fill(0)],
    bad: [[1]],
    reason: "value must be a valid IP address",
  },
];

describe("rules", () => {
  for (const { rules, good, bad, reason } of numbers) {
    it(`checkNumber: ${reason}`, () => {
      const message = create(Int32RulesSchema, rules);
      const check = (value: number | bigint) =>
        checkNumber(value, message, (name) => Object.hasOwn(message, name));
      for (const value of good) assert.equal(check(value), null, String(value));
      for (const value of bad) assert.equal(check(value), reason, String(value));
      for (const value of bad) assert.equal(check(BigInt(value)), reason, `${value}n`);
    });
  }

  for (const { rules, good, bad, reason } of strings) {
    it(`checkString: ${reason}`, () => {
      const message = create(StringRulesSchema, rules);
      for (const value of good) assert.equal(checkString(value, message), null, value);
      for (const value of bad) assert.equal(checkString(value, message), reason, value);
    });
  }

  for (const { rules, good, bad, reason } of bytes) {
    it(`checkByteString: ${reason}`, () => {
      const message = create(BytesRulesSchema, rules);
      const check = (value: number[]) => checkByteString(Uint8Array.from(value), message);
      for (const value of good) assert.equal(check(value), null, String(value));
      for (const value of bad) assert.equal(check(value), reason, String(value));
    });
  }

  it("checkTimestamp: before now, after now and near now are told apart", () => {
    const nowMs = 1_000_000;
    const check = (rules: Parameters<typeof create<typeof TimestampRulesSchema>>[1], ms: number) =>
      checkTimestamp(timestampFromMs(ms), create(TimestampRulesSchema, rules), nowMs);
    assert.equal(check({ ltNow: true }, nowMs - 1), null);
    assert.equal(check({ ltNow: true }, nowMs), "value must be less than now");
    assert.equal(check({ gtNow: true }, nowMs + 1), null);
    assert.equal(check({ gtNow: true }, nowMs), "value must be greater than now");
    assert.equal(check({ within: { seconds: 2n } }, nowMs - 2000), null);
    assert.equal(
      check({ within: { seconds: 2n } }, nowMs + 2001),
      "value must be within 2s of now",
    );
  });
});

/** The rules of a cluster that are broken, as `field: reason`. */
function brokenOf(init: Parameters<typeof create<typeof ClusterSchema>>[1]): string[] {
  return brokenIn(ClusterSchema, create(ClusterSchema, init));
}

function brokenIn(desc: Parameters<typeof reflect>[0], message: Parameters<typeof reflect>[1]) {
  const broken: string[] = [];
  for (const field of desc.fields) {
    const rules = rulesOf(field);
    if (rules === null) continue;
    const at = FieldPath.root.field(field.name);
    checkRules(reflect(desc, message), field, rules, at, (path, reason) => {
      broken.push(`${path}: ${reason}`);
    });
  }
  return broken;
}

describe("rules of Envoy's .proto files", () => {
  it("checkRules: a message that keeps the rules breaks none", () => {
    assert.deepEqual(brokenOf({ name: "a" }), []);
  });

  it("checkRules: a scalar without presence is checked even where it is not set", () => {
    assert.deepEqual(brokenOf({}), ["name: value length must be at least 1 characters"]);
  });

  it("checkRules: a duration is compared to the nanosecond", () => {
    const connectTimeout: Cluster["connectTimeout"] = create(ClusterSchema, {
      connectTimeout: { seconds: 0n, nanos: 0 },
    }).connectTimeout;
    assert.deepEqual(brokenOf({ name: "a", connectTimeout }), [
      "connect_timeout: value must be greater than 0s",
    ]);
    const oneNano = { seconds: 0n, nanos: 1 };
    assert.deepEqual(brokenOf({ name: "a", connectTimeout: oneNano }), []);
    const refresh = { seconds: 0n, nanos: 1_000_000 };
    assert.deepEqual(brokenOf({ name: "a", dnsRefreshRate: refresh }), [
      "dns_refresh_rate: value must be greater than 0.001s",
    ]);
  });

  it("checkRules: an enum value needs a name where the rule says so", () => {
    assert.deepEqual(brokenIn(ClusterSchema, fromJson(ClusterSchema, { name: "a", lbPolicy: 4 })), [
      "lb_policy: value must be one of the defined enum values",
    ]);
  });

  it("checkRules: a wrapped number is checked as the number in it, if it is set", () => {
    const circuit = create(ClusterSchema, { name: "a", perConnectionBufferLimitBytes: 0 });
    assert.deepEqual(brokenIn(ClusterSchema, circuit), []);
    const port = create(SocketAddressSchema, {
      address: "::1",
      portSpecifier: { case: "portValue", value: 65_536 },
    });
    assert.deepEqual(brokenIn(SocketAddressSchema, port), [
      "port_value: value must be less than or equal to 65535",
    ]);
  });

  it("checkRules: items of a list are checked one by one, and counted", () => {
    const none = create(VirtualHostSchema, { name: "a" });
    assert.deepEqual(brokenIn(VirtualHostSchema, none), [
      "domains: value must contain at least 1 item(s)",
    ]);
    const one = create(VirtualHostSchema, { name: "a", domains: ["a", "b\n"] });
    assert.equal(brokenIn(VirtualHostSchema, one).length, 1);
    assert.match(brokenIn(VirtualHostSchema, one)[0], /^domains\[1\]: value does not match/);
  });

  it("checkRules: keys of a map are checked", () => {
    const metadata = create(MetadataSchema, { filterMetadata: { "": {} } });
    assert.deepEqual(brokenIn(MetadataSchema, metadata), [
      'filter_metadata[""]: the key: value length must be at least 1 characters',
    ]);
  });
});
