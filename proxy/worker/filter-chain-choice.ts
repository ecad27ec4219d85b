import { BlockList, isIPv6 } from "node:net";
import type { FilterChainMatchModel, FilterChainModel } from "../config/model.ts";
import type { ConnectionEnds } from "../engine/ends.ts";

/**
 * Chooses among filter chains by Envoy's precedence: each criterion in turn keeps the chains that
 * match it most closely, and a chain that does not name a criterion matches it least closely.
 */
export class FilterChainChoice {
  readonly #chains: readonly FilterChainModel[];
  readonly #fallback: FilterChainModel | null;
  readonly #isPlain: boolean;

  constructor(chains: readonly FilterChainModel[], fallback: FilterChainModel | null) {
    this.#chains = chains;
    this.#fallback = fallback;
    this.#isPlain = chains.length === 1 && chains[0].match === null;
  }

  /** The chain for a connection, or `null` when none takes it. */
  choose(readEnds: () => ConnectionEnds): FilterChainModel | null {
    if (this.#isPlain) return this.#chains[0];
    const ends = readEnds();
    let left = this.#chains;
    for (const criterion of CRITERIA) left = keepClosest(left, criterion, ends);
    return left[0] ?? this.#fallback;
  }
}

/** How closely a chain matches: larger is closer, 0 is "not named", below 0 is no match. */
type Criterion = (match: FilterChainMatchModel, ends: ConnectionEnds) => number;

/** In Envoy's order: `FilterChainMatch` in listener_components.proto. */
const CRITERIA: readonly Criterion[] = [
  (match, ends) => {
    if (match.destinationPort === 0) return 0;
    return match.destinationPort === ends.localPort ? 1 : -1;
  },
  (match, ends) => prefixLength(match.prefixRanges, ends.localAddress),
  (match, ends) => prefixLength(match.directSourcePrefixRanges, ends.remoteAddress),
  (match, ends) => sourceType(match, ends),
  (match, ends) => prefixLength(match.sourcePrefixRanges, ends.remoteAddress),
  (match, ends) => {
    if (match.sourcePorts.length === 0) return 0;
    return match.sourcePorts.includes(ends.remotePort) ? 1 : -1;
  },
];

function keepClosest(
  chains: readonly FilterChainModel[],
  criterion: Criterion,
  ends: ConnectionEnds,
): readonly FilterChainModel[] {
  const scores = chains.map((chain) => (chain.match === null ? 0 : criterion(chain.match, ends)));
  const best = Math.max(...scores);
  return best < 0 ? [] : chains.filter((_, index) => scores[index] === best);
}

function sourceType(match: FilterChainMatchModel, ends: ConnectionEnds): number {
  if (match.sourceType === "any") return 0;
  const isLocal =
    ends.remoteAddress === ends.localAddress ||
    ends.remoteAddress === "::1" ||
    ends.remoteAddress.startsWith("127.");
  return isLocal === (match.sourceType === "same-ip-or-loopback") ? 1 : -1;
}

/** One more than the bits of the longest range that holds the address. */
function prefixLength(ranges: readonly string[], address: string): number {
  if (ranges.length === 0) return 0;
  const lengths = ranges.map((range) => {
    const [prefix, bits] = range.split("/");
    const family = isIPv6(prefix) ? "ipv6" : "ipv4";
    if (isIPv6(address) !== (family === "ipv6")) return -1;
    const list = new BlockList();
    list.addSubnet(prefix, Number(bits), family);
    return list.check(address, family) ? Number(bits) + 1 : -1;
  });
  return Math.max(...lengths);
}
