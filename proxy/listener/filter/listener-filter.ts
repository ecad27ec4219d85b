/** What comes of looking at a connection: the next filter's turn, a wait for bytes, or the end. */
export type FilterVerdict = "next" | "more" | "close";

/** One listener filter at work on one connection. Does no I/O. */
export interface ListenerFilter {
  /** Looks at a connection that was just accepted; `more` to see its first bytes. */
  onAccept(): FilterVerdict;
  /**
   * Looks at all bytes that there are, not only at new ones. After `next` it is not asked again.
   * It bounds how many it waits for.
   */
  onBytes(bytes: Uint8Array): FilterVerdict;
  /** Bytes at the front that are not the connection's own, once the verdict is `next`. */
  readonly takenBytes: number;
}

/** Where a filter counts. */
export interface FilterCounter {
  /** Adds one to a counter. */
  count(counter: number): void;
  /** Records a value in a histogram. */
  record(histogram: number, value: number): void;
}
