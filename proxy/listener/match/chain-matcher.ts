import type {
  ChainMatcherModel,
  FieldMatch,
  MatchInput,
  MatchOutcome,
  MatchPredicate,
  MatchRule,
  RangeMatch,
  TextMatch,
} from "../../config/listener-model.ts";
import { LinearRegex } from "../../config/regex/linear-regex.ts";
import { holdsAddress, toAddressNumber } from "../../config/address/address-range.ts";
import type { ConnectionFacts } from "../connection-facts.ts";
import { readInput } from "./match-input.ts";
import { RangeTable, toRanges } from "./range-table.ts";

/** Finds the name of a filter chain for a connection; null when there is none. */
type Find = (facts: ConnectionFacts) => string | null;
type Test = (facts: ConnectionFacts) => boolean;

/**
 * Makes a function of a matcher. As in Envoy a matcher that is nested and finds nothing counts as
 * no match, and the search goes on behind it.
 */
export function buildChainMatcher({ rule, onNoMatch }: ChainMatcherModel): Find {
  const find = rule === null ? null : buildRule(rule);
  const otherwise = onNoMatch === null ? null : buildOutcome(onNoMatch);
  return (facts) => find?.(facts) ?? otherwise?.(facts) ?? null;
}

function buildOutcome(outcome: MatchOutcome): Find {
  if (outcome.kind === "matcher") return buildChainMatcher(outcome.matcher);
  const { name } = outcome;
  return () => name;
}

function buildRule(rule: MatchRule): Find {
  switch (rule.kind) {
    case "list":
      return buildList(rule.matchers);
    case "exact": {
      const map = buildMap(rule.map);
      return (facts) => {
        const value = readInput(rule.input, facts);
        return value === null ? null : (map.get(value)?.(facts) ?? null);
      };
    }
    case "prefix":
      return buildPrefixes(rule.input, buildMap(rule.map));
    default:
      return buildRanges(rule.input, rule.ranges);
  }
}

function buildMap(map: ReadonlyMap<string, MatchOutcome>): ReadonlyMap<string, Find> {
  return new Map(Array.from(map, ([key, outcome]) => [key, buildOutcome(outcome)]));
}

function buildList(matchers: readonly FieldMatch[]): Find {
  const rows = matchers.map(({ predicate, outcome }) => ({
    test: buildPredicate(predicate),
    find: buildOutcome(outcome),
  }));
  return (facts) => {
    for (const { test, find } of rows) {
      const name = test(facts) ? find(facts) : null;
      if (name !== null) return name;
    }
    return null;
  };
}

/** The longest prefix first; a shorter one where that finds nothing. */
function buildPrefixes(input: MatchInput, map: ReadonlyMap<string, Find>): Find {
  const lengths = [...new Set(Array.from(map.keys(), (key) => key.length))].sort((a, b) => b - a);
  return (facts) => {
    const value = readInput(input, facts);
    if (value === null) return null;
    for (const length of lengths) {
      if (length > value.length) continue;
      const name = map.get(value.slice(0, length))?.(facts) ?? null;
      if (name !== null) return name;
    }
    return null;
  };
}

/** The closest range first, then the order of declaration: xDS `IPMatcher`. */
function buildRanges(input: MatchInput, matches: readonly RangeMatch[]): Find {
  const table = new RangeTable<{ find: Find; isExclusive: boolean }[]>();
  for (const { ranges, outcome, isExclusive } of matches) {
    const find = buildOutcome(outcome);
    for (const range of toRanges(ranges)) table.at(range, () => []).push({ find, isExclusive });
  }
  return (facts) => {
    const address = toAddressNumber(readInput(input, facts) ?? "");
    if (address === null) return null;
    let isFirst = true;
    for (const rows of table.all(address)) {
      for (const { find, isExclusive } of rows) {
        const name = isExclusive && !isFirst ? null : find(facts);
        if (name !== null) return name;
        isFirst = false;
      }
    }
    return null;
  };
}

function buildPredicate(predicate: MatchPredicate): Test {
  switch (predicate.kind) {
    case "or": {
      const tests = predicate.predicates.map(buildPredicate);
      return (facts) => tests.some((test) => test(facts));
    }
    case "and": {
      const tests = predicate.predicates.map(buildPredicate);
      return (facts) => tests.every((test) => test(facts));
    }
    case "not": {
      const test = buildPredicate(predicate.predicate);
      return (facts) => !test(facts);
    }
    case "value": {
      const matches = buildText(predicate.value);
      return (facts) => {
        const value = readInput(predicate.input, facts);
        return value !== null && matches(value);
      };
    }
    default: {
      const ranges = toRanges(predicate.ranges);
      return (facts) => {
        const address = toAddressNumber(readInput(predicate.input, facts) ?? "");
        return address !== null && ranges.some((range) => holdsAddress(range, address));
      };
    }
  }
}

function buildText({ how, value, ignoresCase }: TextMatch): (text: string) => boolean {
  if (how === "regex") {
    const regex = new LinearRegex(`^(?:${value})$`);
    return (text) => regex.isIn(text);
  }
  const fold = (text: string): string => (ignoresCase ? text.toLowerCase() : text);
  switch (how) {
    case "exact":
      return (text) => fold(text) === value;
    case "prefix":
      return (text) => fold(text).startsWith(value);
    case "suffix":
      return (text) => fold(text).endsWith(value);
    default:
      return (text) => fold(text).includes(value);
  }
}
