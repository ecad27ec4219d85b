import assert from "node:assert/strict";
import type { RbacCondition } from "../../../../../proxy/config/network-filter-model.ts";
import { AccessRules } from "../../../../../proxy/tcp/filter/access-rules.ts";
import type { FilteredConnection } from "../../../../../proxy/tcp/filter/connection-filter.ts";

const CONNECTION: FilteredConnection = {
  ends: { localAddress: "10.0.0.1", localPort: 443, remoteAddress: "192.168.1.2", remotePort: 5 },
  direct: { localAddress: "10.0.0.1", localPort: 443, remoteAddress: "10.9.9.9", remotePort: 6 },
  serverName: "a.test",
  principals: ["spiffe://td/one", "one.test", "CN=one"],
};
const NOWHERE = { localAddress: "", localPort: 0, remoteAddress: "", remotePort: 0 };
const UNIX: FilteredConnection = {
  ends: NOWHERE,
  direct: NOWHERE,
  serverName: "",
  principals: null,
};
const ANY: RbacCondition = { kind: "any" };
const NONE: RbacCondition = { kind: "not", condition: ANY };
const text = (how: "exact" | "prefix" | "suffix" | "contains" | "regex", value: string) => {
  return { how, value, ignoresCase: false };
};

/** What is true of the connection above. */
const CONDITIONS: readonly (readonly [name: string, condition: RbacCondition, isMet: boolean])[] = [
  ["any", ANY, true],
  ["not", NONE, false],
  ["all of none", { kind: "all-of", conditions: [] }, true],
  ["all of, one false", { kind: "all-of", conditions: [ANY, NONE] }, false],
  ["one of none", { kind: "one-of", conditions: [] }, false],
  ["one of, one true", { kind: "one-of", conditions: [NONE, ANY] }, true],
  ["remote address in the range", { kind: "remote-ip", prefix: "192.168.0.0", bits: 16 }, true],
  ["remote address outside", { kind: "remote-ip", prefix: "192.168.0.0", bits: 24 }, false],
  ["the socket's own address", { kind: "direct-remote-ip", prefix: "10.9.0.0", bits: 16 }, true],
  ["not the socket's own", { kind: "direct-remote-ip", prefix: "192.168.0.0", bits: 16 }, false],
  ["another family", { kind: "remote-ip", prefix: "::", bits: 0 }, false],
  ["every address of the family", { kind: "remote-ip", prefix: "0.0.0.0", bits: 0 }, true],
  ["local address in the range", { kind: "local-ip", prefix: "10.0.0.1", bits: 32 }, true],
  ["local address outside", { kind: "local-ip", prefix: "10.0.0.2", bits: 32 }, false],
  ["first port of the range", { kind: "local-port", start: 443, end: 444 }, true],
  ["port at the end of the range", { kind: "local-port", start: 80, end: 443 }, false],
  ["server name", { kind: "server-name", text: text("exact", "a.test") }, true],
  ["another server name", { kind: "server-name", text: text("exact", "A.test") }, false],
  [
    "server name in any case",
    {
      kind: "server-name",
      text: { how: "prefix", value: "a.", ignoresCase: true },
    },
    true,
  ],
  ["regex: the whole name", { kind: "server-name", text: text("regex", "a") }, false],
  ["regex", { kind: "server-name", text: text("regex", "[ab]\\.test") }, true],
  ["any certificate", { kind: "principal", text: null }, true],
  ["name in a URI", { kind: "principal", text: text("prefix", "spiffe://td/") }, true],
  ["name in DNS", { kind: "principal", text: text("exact", "one.test") }, true],
  ["subject", { kind: "principal", text: text("contains", "CN=") }, true],
  ["no such name", { kind: "principal", text: text("exact", "two.test") }, false],
];

describe("AccessRules", () => {
  for (const [name, condition, isMet] of CONDITIONS) {
    it(`condition, ${name}: ${isMet}`, () => {
      const policy = { name: "one", permissions: [condition], principals: [ANY] };
      const rules = new AccessRules({ action: "allow", policies: [policy] });
      assert.deepEqual(rules.judge(CONNECTION), { isAllowed: isMet, policy: isMet ? "one" : null });
    });
  }

  it("a Unix socket: is in no range, has no name and no certificate", () => {
    for (const condition of [
      { kind: "remote-ip", prefix: "0.0.0.0", bits: 0 },
      { kind: "local-ip", prefix: "::", bits: 0 },
      { kind: "principal", text: null },
    ] as const) {
      const policy = { name: "one", permissions: [ANY], principals: [condition] };
      const rules = new AccessRules({ action: "allow", policies: [policy] });
      assert.ok(!rules.judge(UNIX).isAllowed);
    }
  });

  for (const [action, isMatch, isAllowed] of [
    ["allow", true, true],
    ["allow", false, false],
    ["deny", true, false],
    ["deny", false, true],
    ["log", true, true],
    ["log", false, true],
  ] as const) {
    const found = isMatch ? "a match" : "no match";
    it(`rules to ${action}, ${found}: ${isAllowed}`, () => {
      const principals = [isMatch ? ANY : NONE];
      const policies = [{ name: "one", permissions: [ANY], principals }];
      assert.equal(new AccessRules({ action, policies }).judge(CONNECTION).isAllowed, isAllowed);
    });
  }

  it("policies: both lists must match, and the first policy that does is told", () => {
    const rules = new AccessRules({
      action: "deny",
      policies: [
        { name: "a", permissions: [NONE], principals: [ANY] },
        { name: "b", permissions: [ANY], principals: [NONE] },
        { name: "c", permissions: [NONE, ANY], principals: [NONE, ANY] },
        { name: "d", permissions: [ANY], principals: [ANY] },
      ],
    });
    assert.deepEqual(rules.judge(CONNECTION), { isAllowed: false, policy: "c" });
  });
});
