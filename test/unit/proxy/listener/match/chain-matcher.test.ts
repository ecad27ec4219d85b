import assert from "node:assert/strict";
import type {
  ChainMatcherModel,
  MatchInput,
  MatchOutcome,
  MatchPredicate,
  MatchRule,
  TextMatch,
} from "../../../../../proxy/config/listener-model.ts";
import { ConnectionFacts } from "../../../../../proxy/listener/connection-facts.ts";
import { buildChainMatcher } from "../../../../../proxy/listener/match/chain-matcher.ts";

const NAME: MatchInput = { kind: "server-name" };
const IP: MatchInput = { kind: "destination-ip" };
const PORT: MatchInput = { kind: "destination-port" };

const to = (name: string): MatchOutcome => ({ kind: "chain", name });
const into = (rule: MatchRule, onNoMatch: MatchOutcome | null = null): MatchOutcome => ({
  kind: "matcher",
  matcher: { rule, onNoMatch },
});
const only = (port: string, name: string): MatchOutcome =>
  into({ kind: "exact", input: PORT, map: new Map([[port, to(name)]]) });

function find(matcher: ChainMatcherModel, serverName = "", localAddress = "", localPort = 80) {
  const ends = { localAddress, localPort, remoteAddress: "192.0.2.1", remotePort: 1 };
  const facts = new ConnectionFacts(ends);
  facts.serverName = serverName;
  return buildChainMatcher(matcher)(facts);
}

function holds(predicate: MatchPredicate, serverName = "", localAddress = ""): boolean {
  const rule: MatchRule = { kind: "list", matchers: [{ predicate, outcome: to("yes") }] };
  return find({ rule, onNoMatch: null }, serverName, localAddress) === "yes";
}

const text = (how: TextMatch["how"], value: string, ignoresCase = false): MatchPredicate => ({
  kind: "value",
  input: NAME,
  value: { how, value, ignoresCase },
});

describe("buildChainMatcher", () => {
  it("buildChainMatcher: without a rule there is what is for no match, or nothing", () => {
    assert.equal(find({ rule: null, onNoMatch: to("a") }), "a");
    assert.equal(find({ rule: null, onNoMatch: null }), null);
  });

  it("buildChainMatcher: an exact map; nothing to look up matches nothing", () => {
    const map = new Map([
      ["a", to("one")],
      ["", to("two")],
    ]);
    const matcher = { rule: { kind: "exact", input: NAME, map }, onNoMatch: to("none") } as const;
    assert.equal(find(matcher, "a"), "one");
    assert.equal(find(matcher, "b"), "none");
    assert.equal(find(matcher, ""), "none");
  });

  it("buildChainMatcher: the longest prefix wins, a shorter one where that has no match", () => {
    const map = new Map([
      ["a", to("short")],
      ["a.b", only("81", "long")],
    ]);
    const matcher = { rule: { kind: "prefix", input: NAME, map }, onNoMatch: null } as const;
    assert.equal(find(matcher, "a.b.c", "10.0.0.1", 81), "long");
    assert.equal(find(matcher, "a.b.c", "10.0.0.1", 80), "short");
    assert.equal(find(matcher, "b", "10.0.0.1", 80), null);
  });

  it("buildChainMatcher: of a list the first that matches, nested ones included", () => {
    const matchers = [
      { predicate: text("prefix", "a"), outcome: only("81", "nested") },
      { predicate: text("prefix", "a"), outcome: to("second") },
    ];
    const matcher = { rule: { kind: "list", matchers }, onNoMatch: null } as const;
    assert.equal(find(matcher, "a", "10.0.0.1", 81), "nested");
    assert.equal(find(matcher, "a", "10.0.0.1", 80), "second");
    assert.equal(find(matcher, "b"), null);
  });

  it("buildChainMatcher: the closest range, then others that are not exclusive, in order", () => {
    const ranges = (isExclusive: boolean): MatchRule => ({
      kind: "ranges",
      input: IP,
      ranges: [
        { ranges: ["0.0.0.0/0"], outcome: to("all"), isExclusive },
        { ranges: ["10.0.0.0/8", "11.0.0.0/8"], outcome: only("81", "near"), isExclusive: false },
        { ranges: ["10.0.0.0/8"], outcome: only("82", "same"), isExclusive: false },
      ],
    });
    const open = { rule: ranges(false), onNoMatch: to("none") };
    const closed = { rule: ranges(true), onNoMatch: to("none") };
    assert.equal(find(open, "", "11.0.0.1", 81), "near");
    assert.equal(find(open, "", "10.0.0.1", 82), "same");
    assert.equal(find(open, "", "10.0.0.1", 80), "all");
    assert.equal(find(closed, "", "10.0.0.1", 80), "none");
    assert.equal(find(closed, "", "12.0.0.1", 80), "all");
    assert.equal(find(open, "", "", 80), "none");
    assert.equal(find(open, "", "fd00::1", 80), "none");
  });

  it("buildChainMatcher: a nested matcher has its own answer for no match", () => {
    const map = new Map([["a", into({ kind: "list", matchers: [] }, to("inner"))]]);
    const matcher = { rule: { kind: "exact", input: NAME, map }, onNoMatch: to("outer") } as const;
    assert.equal(find(matcher, "a"), "inner");
  });

  const texts: readonly [predicate: MatchPredicate, name: string, want: boolean][] = [
    [text("exact", "a.test"), "a.test", true],
    [text("exact", "a.test"), "b.test", false],
    [text("exact", "a.test", true), "A.TEST", true],
    [text("prefix", "a."), "a.test", true],
    [text("suffix", ".test"), "a.test", true],
    [text("suffix", ".test"), "a.tests", false],
    [text("contains", "t.t"), "at.test", true],
    [text("regex", "a+"), "aaa", true],
    [text("regex", "a+"), "aab", false],
    [text("regex", "a|b"), "ab", false],
  ];
  for (const [predicate, name, want] of texts) {
    it(`buildChainMatcher: ${JSON.stringify(predicate)} of ${name} is ${want}`, () => {
      assert.equal(holds(predicate, name), want);
    });
  }

  it("buildChainMatcher: or, and, not, and a range", () => {
    const a = text("prefix", "a");
    const z = text("suffix", "z");
    const range = { kind: "range", input: IP, ranges: ["10.0.0.0/8"] } as const;
    const both = { kind: "and", predicates: [a, z] } as const;
    assert.equal(holds({ kind: "or", predicates: [a, z] }, "bz"), true);
    assert.equal(holds(both, "az"), true);
    assert.equal(holds(both, "ab"), false);
    assert.equal(holds({ kind: "not", predicate: both }, "ab"), true);
    assert.equal(holds(range, "", "10.0.0.1"), true);
    assert.equal(holds(range, "", "11.0.0.1"), false);
    assert.equal(holds(range), false);
  });
});
