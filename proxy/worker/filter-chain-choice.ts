import type { FilterChainModel, ListenerModel } from "../config/model.ts";
import type { ConnectionFacts } from "../listener/connection-facts.ts";
import { ChainIndex } from "../listener/match/chain-index.ts";
import { buildChainMatcher } from "../listener/match/chain-matcher.ts";

/** What a listener chooses among, and by what. */
export type ChainChoices = Pick<
  ListenerModel,
  "filterChains" | "defaultFilterChain" | "chainMatcher"
>;

/** Chooses the filter chain of a connection: by the matches of the chains, or by a matcher. */
export class FilterChainChoice {
  readonly #find: (readFacts: () => ConnectionFacts) => FilterChainModel | null;

  constructor(choices: ChainChoices) {
    this.#find = buildFind(choices);
  }

  /** The chain for a connection, or `null` when none takes it. */
  choose(readFacts: () => ConnectionFacts): FilterChainModel | null {
    return this.#find(readFacts);
  }
}

function buildFind({
  filterChains,
  defaultFilterChain,
  chainMatcher,
}: ChainChoices): (readFacts: () => ConnectionFacts) => FilterChainModel | null {
  if (chainMatcher !== null) {
    const find = buildChainMatcher(chainMatcher);
    const byName = new Map(filterChains.map((chain) => [chain.name, chain]));
    return (readFacts) => {
      const name = find(readFacts());
      // As in Envoy the default is for connections that match nothing, not for wrong names.
      return name === null ? defaultFilterChain : (byName.get(name) ?? null);
    };
  }
  if (filterChains.length === 1 && filterChains[0].match === null) {
    const [only] = filterChains;
    return () => only;
  }
  const index = new ChainIndex(filterChains.map(({ match }) => match));
  return (readFacts) => {
    const place = index.find(readFacts());
    return place < 0 ? defaultFilterChain : filterChains[place];
  };
}
