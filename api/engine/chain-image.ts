/**
 * The HTTP filter chain in the engine image. Conventions are those of `image.ts`. Untyped constants
 * only, since AssemblyScript reads this file too.
 */

/** One filter of a chain. `CHAIN_KIND` is a `FILTER_*` number. */
export const CHAIN_KIND = 0;
/** Reference to the filter's record, whose form depends on the kind. */
export const CHAIN_CONFIG = 4;
/** 1 when the filter is off unless a route turns it on. */
export const CHAIN_DISABLED = 8;
export const CHAIN_BYTES = 16;

/** envoy.filters.http.header_mutation. */
export const FILTER_HEADER_MUTATION = 1;
/** envoy.filters.http.set_filter_state: its record is that of `state-image.ts`. */
export const FILTER_SET_FILTER_STATE = 2;

/** Settings of header_mutation, for the filter or a route: two lists of references to mutations. */
export const HEADER_MUTATION_REQUEST = 0;
export const HEADER_MUTATION_RESPONSE = 8;
/** 1: the settings of the most specific level are applied last, and so win. */
export const HEADER_MUTATION_SPECIFIC_WINS = 16;
export const HEADER_MUTATION_BYTES = 24;
