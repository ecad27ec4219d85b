/**
 * Filter state: what `set_filter_state` compiles to, and how entries lie in the engine's memory.
 * Conventions are those of `image.ts`. Untyped constants only, since AssemblyScript reads this file
 * too.
 */

/** One value that is set. Text: the key. */
export const STATE_SET_KEY = 0;
/** Reference to the format program of the value. */
export const STATE_SET_PROGRAM = 8;
/** `STATE_*` bits. */
export const STATE_SET_FLAGS = 12;
export const STATE_SET_BYTES = 16;

/** A list of those: what the filter's record is. */
export const STATE_SETS = 0;
export const STATE_SETS_BYTES = 8;

/** Upstream connections get it, and pass it on no further. */
export const STATE_SHARED_ONCE = 1;
/** Upstream connections get it, and pass it on. */
export const STATE_SHARED_ALWAYS = 2;
/** Nothing is set where the value is empty. */
export const STATE_SKIP_EMPTY = 4;
/** Nothing is set where the value is no IP address with a port. */
export const STATE_IS_ADDRESS = 8;
/** Connections that carry different values are not shared. */
export const STATE_IS_HASHED = 16;
/** The value is JSON, not a text. */
export const STATE_IS_JSON = 32;
/** The value is what is known of a workload: see `peer-image.ts`. */
export const STATE_IS_PEER = 64;

/** An entry in the engine's memory; key and value follow. */
export const STATE_ENTRY_NEXT = 0;
export const STATE_ENTRY_FLAGS = 4;
export const STATE_ENTRY_KEY_LENGTH = 8;
export const STATE_ENTRY_VALUE_LENGTH = 12;
export const STATE_ENTRY_BYTES = 16;
