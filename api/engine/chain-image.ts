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
/** envoy.filters.http.grpc_stats. */
export const FILTER_GRPC_STATS = 3;
/** envoy.filters.http.grpc_web. */
export const FILTER_GRPC_WEB = 4;
/** io.istio.http.peer_metadata: its record is that of `peer-image.ts`. */
export const FILTER_PEER_METADATA = 5;

/** Settings of header_mutation, for the filter or a route: two lists of references to mutations. */
export const HEADER_MUTATION_REQUEST = 0;
export const HEADER_MUTATION_RESPONSE = 8;
/** 1: the settings of the most specific level are applied last, and so win. */
export const HEADER_MUTATION_SPECIFIC_WINS = 16;
export const HEADER_MUTATION_BYTES = 24;

/** Settings of grpc_stats: `GRPC_STATS_FLAG_*` bits. */
export const GRPC_STATS_FLAGS = 0;
/** Reference to a hash table of LISTED_METHOD records, and its slots less one; or 0. */
export const GRPC_STATS_METHODS = 4;
export const GRPC_STATS_METHODS_MASK = 8;
export const GRPC_STATS_BYTES = 16;

/** Bits of GRPC_STATS_FLAGS. */
export const GRPC_STATS_FLAG_ALL_METHODS = 1;
export const GRPC_STATS_FLAG_REPLACE_DOTS = 2;
export const GRPC_STATS_FLAG_UPSTREAM = 4;
/** The numbers of messages are filter state. */
export const GRPC_STATS_FLAG_FILTER_STATE = 8;

/** A method that counts by itself. Text: `service/method`; an empty slot has none. */
export const LISTED_METHOD_HASH = 0;
export const LISTED_METHOD_TEXT = 4;
export const LISTED_METHOD_BYTES = 16;
