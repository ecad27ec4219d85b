import type { FilterChainMatchModel } from "../../config/model.ts";
import { type AddressNumber, toAddressNumber } from "../../config/address/address-range.ts";
import { type ConnectionFacts, RAW_BUFFER } from "../connection-facts.ts";
import { RangeTable, toRanges } from "./range-table.ts";
import { isLocal } from "./source-type.ts";

/** One level of the index: for each value of a criterion the levels below. */
interface Level {
  /** Adds a chain under all of its values; returns the levels below. */
  enter(match: FilterChainMatchModel): readonly Entry[];
  /** The one level below that a connection belongs to. */
  find(facts: ConnectionFacts): Entry | undefined;
}

/** A place in the index: the next level, and what is kept where there is none. */
interface Entry {
  level: Level | null;
  value: number;
}

/** What stands for peers without an IP address, as in Envoy. */
const NO_ADDRESS: AddressNumber = { width: 32, value: 0xffff_ffffn };

const NO_MATCH: FilterChainMatchModel = {
  destinationPort: 0,
  prefixRanges: [],
  serverNames: [],
  transportProtocol: "",
  applicationProtocols: [],
  directSourcePrefixRanges: [],
  sourceType: "any",
  sourcePrefixRanges: [],
  sourcePorts: [],
};

/**
 * Filter chains by their matches, level by level in the order of Envoy's `FilterChainMatch`. On
 * each level the value that matches most closely decides for good: levels below are not left again.
 */
export class ChainIndex {
  readonly #top: Entry = { level: null, value: -1 };

  /** @param matches Those of the chains, in their order; null takes every connection. */
  constructor(matches: readonly (FilterChainMatchModel | null)[]) {
    for (const [place, match] of matches.entries()) this.#add(match ?? NO_MATCH, place);
  }

  /** The place of the chain for a connection, or -1. */
  find(facts: ConnectionFacts): number {
    let entry: Entry | undefined = this.#top;
    while (entry !== undefined && entry.level !== null) entry = entry.level.find(facts);
    return entry === undefined ? -1 : entry.value;
  }

  #add(match: FilterChainMatchModel, place: number): void {
    let entries: readonly Entry[] = [this.#top];
    for (const makeLevel of LEVELS) {
      entries = entries.flatMap((entry) => {
        entry.level ??= makeLevel();
        return entry.level.enter(match);
      });
    }
    for (const entry of entries) if (entry.value < 0) entry.value = place;
  }
}

/** A level whose values are texts; the empty one is that of chains that name none. */
function textLevel(
  valuesOf: (match: FilterChainMatchModel) => readonly string[],
  candidatesOf: (facts: ConnectionFacts) => Iterable<string>,
): Level {
  const entries = new Map<string, Entry>();
  return {
    enter(match) {
      const values = valuesOf(match);
      return [...new Set(values.length === 0 ? [""] : values)].map((value) => {
        const entry = entries.get(value) ?? newEntry();
        entries.set(value, entry);
        return entry;
      });
    },
    find(facts) {
      if (entries.size > 1 || !entries.has("")) {
        for (const candidate of candidatesOf(facts)) {
          const entry = entries.get(candidate);
          if (entry !== undefined) return entry;
        }
      }
      return entries.get("");
    },
  };
}

/** A level whose values are ranges of addresses. */
function rangeLevel(
  rangesOf: (match: FilterChainMatchModel) => readonly string[],
  addressOf: (facts: ConnectionFacts) => string,
): Level {
  const table = new RangeTable<Entry>();
  let count = 0;
  const any = newEntry();
  let hasAny = false;
  return {
    enter(match) {
      const ranges = rangesOf(match);
      if (ranges.length === 0) {
        hasAny = true;
        return [any];
      }
      count++;
      return [...new Set(toRanges(ranges).map((range) => table.at(range, newEntry)))];
    },
    find(facts) {
      const closest =
        count === 0 ? undefined : table.closest(toAddressNumber(addressOf(facts)) ?? NO_ADDRESS);
      return closest ?? (hasAny ? any : undefined);
    },
  };
}

const LEVELS: readonly (() => Level)[] = [
  () =>
    textLevel(
      ({ destinationPort }) => (destinationPort === 0 ? [] : [`${destinationPort}`]),
      ({ ends }) => [`${ends.localPort}`],
    ),
  () =>
    rangeLevel(
      ({ prefixRanges }) => prefixRanges,
      ({ ends }) => ends.localAddress,
    ),
  () => textLevel(({ serverNames }) => serverNames.map(toNameKey), nameKeys),
  () =>
    textLevel(
      ({ transportProtocol }) => (transportProtocol === "" ? [] : [transportProtocol]),
      ({ transportProtocol }) => [transportProtocol || RAW_BUFFER],
    ),
  () =>
    textLevel(
      ({ applicationProtocols }) => applicationProtocols,
      (facts) => facts.applicationProtocols,
    ),
  () =>
    rangeLevel(
      ({ directSourcePrefixRanges }) => directSourcePrefixRanges,
      ({ direct }) => direct.remoteAddress,
    ),
  () =>
    textLevel(
      ({ sourceType }) => (sourceType === "any" ? [] : [sourceType]),
      ({ ends }) => [isLocal(ends) ? "same-ip-or-loopback" : "external"],
    ),
  () =>
    rangeLevel(
      ({ sourcePrefixRanges }) => sourcePrefixRanges,
      ({ ends }) => ends.remoteAddress,
    ),
  () =>
    textLevel(
      ({ sourcePorts }) => sourcePorts.map(String),
      ({ ends }) => [`${ends.remotePort}`],
    ),
];

function newEntry(): Entry {
  return { level: null, value: -1 };
}

/** `*.example.com` is kept as `.example.com`. */
function toNameKey(name: string): string {
  return name.startsWith("*") ? name.slice(1) : name;
}

/** A name, then what is behind each of its dots, the longest first. */
function* nameKeys({ serverName }: ConnectionFacts): Iterable<string> {
  if (serverName === "") return;
  yield serverName;
  const last = serverName.length - 1;
  for (let at = serverName.indexOf(".", 1); at > 0 && at < last; ) {
    yield serverName.slice(at);
    at = serverName.indexOf(".", at + 1);
  }
}
