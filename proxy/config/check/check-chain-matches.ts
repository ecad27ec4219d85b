import { toBinary } from "@bufbuild/protobuf";
import type { CidrRange } from "../../../api/gen/envoy/config/core/v3/address_pb.js";
import {
  type FilterChain,
  type FilterChainMatch,
  FilterChainMatchSchema,
} from "../../../api/gen/envoy/config/listener/v3/listener_components_pb.js";
import type { Listener } from "../../../api/gen/envoy/config/listener/v3/listener_pb.js";
import { toAddressRange } from "../address/address-range.ts";
import type { FieldPath } from "../field-path.ts";
import type { Problems } from "../problems.ts";
import { checkRanges } from "./check-address.ts";

/**
 * Combinations of values that the chains of one listener may match. Envoy has no limit: it takes
 * memory for each.
 */
export const MATCH_COMBINATIONS_MAX = 1_000_000;

/** Checks what chooses among the filter chains of a listener, in Envoy's words. */
export function checkChainMatches(listener: Listener, path: FieldPath, problems: Problems): void {
  const chains = path.field("filter_chains");
  if (listener.filterChainMatcher === undefined) {
    checkMatches(listener.filterChains, chains, problems);
  } else checkNames(listener.filterChains, chains, problems);
}

/** A matcher finds chains by their names, and nothing else of them counts. */
function checkNames(chains: readonly FilterChain[], path: FieldPath, problems: Problems): void {
  const names = new Set<string>();
  for (const [index, { name, filterChainMatch }] of chains.entries()) {
    const at = path.item(index);
    if (name === "") {
      problems.add(at.field("name"), '"name" field is required when using a listener matcher');
    } else if (names.has(name)) {
      problems.add(at.field("name"), `"name" field is duplicated with value '${name}'`);
    }
    names.add(name);
    if (filterChainMatch === undefined) continue;
    const reason = "has no effect beside a filter_chain_matcher; leave it out";
    problems.add(at.field("filter_chain_match"), reason);
  }
}

function checkMatches(chains: readonly FilterChain[], path: FieldPath, problems: Problems): void {
  const whole = new Map<string, number>();
  const taken = new Set<string>();
  for (const [index, chain] of chains.entries()) {
    const at = path.item(index);
    const match = chain.filterChainMatch;
    const known = problems.list.length;
    if (match !== undefined) checkMatch(match, at.field("filter_chain_match"), problems);
    const key = matchKeyOf(match);
    const twin = whole.get(key);
    if (twin !== undefined) {
      problems.add(at, `has the same matching rules defined as filter_chains[${twin}]`);
      continue;
    }
    whole.set(key, index);
    // What is wrong in itself cannot be compared.
    if (problems.list.length > known) continue;
    const reason = takeCombinations(match, taken);
    if (reason !== null) problems.add(at, reason);
  }
}

function checkMatch(match: FilterChainMatch, path: FieldPath, problems: Problems): void {
  checkRanges(match.prefixRanges, path.field("prefix_ranges"), problems);
  checkRanges(match.sourcePrefixRanges, path.field("source_prefix_ranges"), problems);
  checkRanges(match.directSourcePrefixRanges, path.field("direct_source_prefix_ranges"), problems);
  for (const [index, name] of match.serverNames.entries()) {
    if (!name.includes("*") || name.startsWith("*.")) continue;
    const reason = 'partial wildcards are not supported in "server_names"';
    problems.add(path.field("server_names").item(index), reason);
  }
}

function matchKeyOf(match: FilterChainMatch | undefined): string {
  if (match === undefined) return "";
  return Buffer.from(toBinary(FilterChainMatchSchema, match)).toString("base64");
}

/** Adds all that a match takes; returns what is wrong where something of it is taken. */
function takeCombinations(match: FilterChainMatch | undefined, taken: Set<string>): string | null {
  const criteria: readonly (readonly unknown[])[] = [
    [match?.destinationPort ?? 0],
    toKeys(match?.prefixRanges ?? []),
    match?.serverNames.map((name) => name.toLowerCase()) ?? [],
    [match?.transportProtocol ?? ""],
    match?.applicationProtocols ?? [],
    toKeys(match?.directSourcePrefixRanges ?? []),
    [match?.sourceType ?? 0],
    toKeys(match?.sourcePrefixRanges ?? []),
    match?.sourcePorts ?? [],
  ];
  const count = criteria.reduce((product, values) => product * Math.max(values.length, 1), 1);
  if (taken.size + count > MATCH_COMBINATIONS_MAX) {
    return `the chains match more than ${MATCH_COMBINATIONS_MAX} combinations of values`;
  }
  let rows = [""];
  for (const values of criteria) {
    const options = values.length === 0 ? [""] : values;
    rows = rows.flatMap((row) => options.map((value) => `${row}\0${value}`));
  }
  const isTaken = rows.some((row) => taken.has(row)) || new Set(rows).size < rows.length;
  for (const row of rows) taken.add(row);
  return isTaken ? "multiple filter chains with overlapping matching rules are defined" : null;
}

/** Ranges as they count: without the bits behind the prefix. */
function toKeys(ranges: readonly CidrRange[]): readonly string[] {
  return ranges.map(({ addressPrefix, prefixLen = 0 }) => {
    const range = toAddressRange(`${addressPrefix}/${prefixLen}`);
    return range === null ? addressPrefix : `${range.width}/${range.value}/${range.bits}`;
  });
}
