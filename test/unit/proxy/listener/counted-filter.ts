import type { ConnectionEnds } from "../../../../proxy/engine/ends.ts";
import type {
  FilterCounter,
  FilterVerdict,
  ListenerFilter,
} from "../../../../proxy/listener/filter/listener-filter.ts";

/** Ends of a connection on which nothing depends. */
export const ENDS: ConnectionEnds = {
  localAddress: "127.0.0.1",
  localPort: 80,
  remoteAddress: "127.0.0.1",
  remotePort: 5_000,
};

/** Remembers what a filter has counted, by the names of the counters. */
export class CountNotes implements FilterCounter {
  readonly counted: string[] = [];
  readonly recorded: number[] = [];
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  count(counter: number): void {
    this.counted.push(this.#names[counter]);
  }

  record(_histogram: number, value: number): void {
    this.recorded.push(value);
  }
}

/** Gives a filter bytes in pieces until it has a verdict; `more` when it still waits. */
export function feed(
  filter: ListenerFilter,
  bytes: Uint8Array,
  pieceBytes: number = bytes.length,
): FilterVerdict {
  const verdict = filter.onAccept();
  if (verdict !== "more") return verdict;
  for (let end = pieceBytes; ; end += pieceBytes) {
    const seen = bytes.subarray(0, Math.min(end, bytes.length));
    const next = filter.onBytes(seen);
    if (next !== "more" || end >= bytes.length) return next;
  }
}
