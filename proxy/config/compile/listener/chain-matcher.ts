import type { Any } from "@bufbuild/protobuf/wkt";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import type {
  Matcher,
  Matcher_MatcherList_Predicate,
  Matcher_MatcherList_Predicate_PredicateList,
  Matcher_MatcherList_Predicate_SinglePredicate,
  Matcher_MatcherTree,
  Matcher_MatcherTree_MatchMap,
  Matcher_OnMatch,
} from "../../../../api/gen/xds/type/matcher/v3/matcher_pb.js";
import type { CidrRange } from "../../../../api/gen/xds/core/v3/cidr_pb.js";
import type { TypedExtensionConfig } from "../../../../api/gen/xds/core/v3/extension_pb.js";
import { IPMatcherSchema } from "../../../../api/gen/xds/type/matcher/v3/ip_pb.js";
import type { StringMatcher } from "../../../../api/gen/xds/type/matcher/v3/string_pb.js";
import { IpSchema } from "../../../../api/gen/envoy/extensions/matching/input_matchers/ip/v3/ip_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type {
  ChainMatcherModel,
  MatchOutcome,
  MatchPredicate,
  MatchRule,
  TextMatch,
} from "../../listener-model.ts";
import { unpackAny } from "../../message/any-registry.ts";
import { LinearRegex } from "../../regex/linear-regex.ts";
import { refuse } from "../route/route-setting.ts";
import { compileMatchInput } from "./match-input.ts";

/** Matchers in matchers, and predicates in predicates, that are followed. */
const MATCHER_DEPTH_MAX = 32;

/**
 * Turns a matcher that names filter chains into what workers run.
 *
 * @throws MeshError `CONFIG_INVALID` for what is not implemented.
 */
export function compileChainMatcher(matcher: Matcher, path: FieldPath): ChainMatcherModel {
  return toMatcher(matcher, path, 0);
}

function toMatcher(matcher: Matcher, path: FieldPath, depth: number): ChainMatcherModel {
  if (depth > MATCHER_DEPTH_MAX) refuse(path, `is deeper than ${MATCHER_DEPTH_MAX} matchers`);
  const { onNoMatch, matcherType } = matcher;
  return {
    rule: toRule(matcherType, path, depth),
    onNoMatch:
      onNoMatch === undefined ? null : toOutcome(onNoMatch, path.field("on_no_match"), depth),
  };
}

function toRule(type: Matcher["matcherType"], path: FieldPath, depth: number): MatchRule | null {
  switch (type.case) {
    case "matcherList": {
      const at = path.field("matcher_list").field("matchers");
      const matchers = type.value.matchers.map(({ predicate, onMatch }, index) => ({
        predicate: toPredicate(predicate, at.item(index).field("predicate"), depth),
        outcome: toOutcome(onMatch, at.item(index).field("on_match"), depth),
      }));
      return { kind: "list", matchers };
    }
    case "matcherTree":
      return toTree(type.value, path.field("matcher_tree"), depth);
    default:
      return null;
  }
}

function toTree(tree: Matcher_MatcherTree, path: FieldPath, depth: number): MatchRule {
  const input = compileMatchInput(tree.input, path.field("input"));
  const { case: kind, value } = tree.treeType;
  switch (kind) {
    case "exactMatchMap":
      return { kind: "exact", input, map: toMap(value, path.field("exact_match_map"), depth) };
    case "prefixMatchMap":
      return { kind: "prefix", input, map: toMap(value, path.field("prefix_match_map"), depth) };
    case "customMatch": {
      const at = path.field("custom_match").field("typed_config");
      const ranges = unpackAny(anyOf(value, at), IPMatcherSchema);
      if (ranges === null) return refuse(at, "only an xds.type.matcher.v3.IPMatcher may be here");
      const list = at.field("range_matchers");
      return {
        kind: "ranges",
        input,
        ranges: ranges.rangeMatchers.map(({ ranges: own, onMatch, exclusive }, index) => ({
          ranges: own.map((range) => toRange(range, list.item(index).field("ranges"))),
          outcome: toOutcome(onMatch, list.item(index).field("on_match"), depth),
          isExclusive: exclusive,
        })),
      };
    }
    default:
      return refuse(path, "value is required");
  }
}

function toMap(
  { map }: Matcher_MatcherTree_MatchMap,
  path: FieldPath,
  depth: number,
): ReadonlyMap<string, MatchOutcome> {
  const rows = Object.entries(map).map(([key, onMatch]) => {
    return [key, toOutcome(onMatch, path.field("map").key(key), depth)] as const;
  });
  return new Map(rows);
}

function toOutcome(
  onMatch: Matcher_OnMatch | undefined,
  path: FieldPath,
  depth: number,
): MatchOutcome {
  const { case: kind, value } = onMatch?.onMatch ?? { case: undefined };
  switch (kind) {
    case "matcher":
      return { kind: "matcher", matcher: toMatcher(value, path.field("matcher"), depth + 1) };
    case "action": {
      const at = path.field("action").field("typed_config");
      const name = unpackAny(anyOf(value, at), StringValueSchema);
      if (name === null) return refuse(at, "only a google.protobuf.StringValue names a chain");
      return { kind: "chain", name: name.value };
    }
    default:
      return refuse(path, "value is required");
  }
}

function toPredicate(
  predicate: Matcher_MatcherList_Predicate | undefined,
  path: FieldPath,
  depth: number,
): MatchPredicate {
  if (depth > MATCHER_DEPTH_MAX) refuse(path, `is deeper than ${MATCHER_DEPTH_MAX} predicates`);
  const { case: kind, value } = predicate?.matchType ?? { case: undefined };
  const toAll = (list: Matcher_MatcherList_Predicate_PredicateList, at: FieldPath) =>
    list.predicate.map((each, index) =>
      toPredicate(each, at.field("predicate").item(index), depth + 1),
    );
  switch (kind) {
    case "singlePredicate":
      return toSingle(value, path.field("single_predicate"));
    case "orMatcher":
      return { kind: "or", predicates: toAll(value, path.field("or_matcher")) };
    case "andMatcher":
      return { kind: "and", predicates: toAll(value, path.field("and_matcher")) };
    case "notMatcher": {
      const at = path.field("not_matcher");
      return { kind: "not", predicate: toPredicate(value, at, depth + 1) };
    }
    default:
      return refuse(path, "value is required");
  }
}

function toSingle(
  single: Matcher_MatcherList_Predicate_SinglePredicate,
  path: FieldPath,
): MatchPredicate {
  const input = compileMatchInput(single.input, path.field("input"));
  const { case: kind, value } = single.matcher;
  switch (kind) {
    case "valueMatch":
      return { kind: "value", input, value: toText(value, path.field("value_match")) };
    case "customMatch": {
      const at = path.field("custom_match").field("typed_config");
      const ip = unpackAny(anyOf(value, at), IpSchema);
      if (ip === null) return refuse(at, "only an Ip of envoy.matching.matchers.ip may be here");
      const ranges = ip.cidrRanges.map((range) => toRange(range, at.field("cidr_ranges")));
      return { kind: "range", input, ranges };
    }
    default:
      return refuse(path, "value is required");
  }
}

function toText({ matchPattern, ignoreCase }: StringMatcher, path: FieldPath): TextMatch {
  switch (matchPattern.case) {
    case "exact":
    case "prefix":
    case "suffix":
    case "contains": {
      const { value } = matchPattern;
      const folded = ignoreCase ? value.toLowerCase() : value;
      return { how: matchPattern.case, value: folded, ignoresCase: ignoreCase };
    }
    case "safeRegex": {
      const { regex } = matchPattern.value;
      checkRegex(regex, path.field("safe_regex").field("regex"));
      return { how: "regex", value: regex, ignoresCase: false };
    }
    default:
      return refuse(path, "has no kind of match that is implemented");
  }
}

function checkRegex(pattern: string, path: FieldPath): void {
  try {
    new LinearRegex(pattern);
  } catch (error) {
    refuse(path, error instanceof Error ? error.message : String(error));
  }
}

function anyOf(config: TypedExtensionConfig, path: FieldPath): Any {
  return config.typedConfig ?? refuse(path, "value is required");
}

/** A range of either of the two messages that there are for ranges. */
function toRange(
  { addressPrefix, prefixLen = 0 }: Pick<CidrRange, "addressPrefix" | "prefixLen">,
  path: FieldPath,
): string {
  const bits = addressPrefix.includes(":") ? 128 : 32;
  const isAddress = addressPrefix.includes(":") || /^\d+(?:\.\d+){3}$/.test(addressPrefix);
  if (!isAddress || prefixLen > bits) {
    const format = "format is <ip>/<# mask bits>";
    refuse(path, `invalid ip/mask combo '${addressPrefix}/${prefixLen}' (${format})`);
  }
  return `${addressPrefix}/${prefixLen}`;
}
