/** Something that takes any bytes and must never fail. */
export interface FuzzTarget {
  readonly name: string;
  /** Words that its inputs are made of, as Latin-1. */
  readonly words: readonly string[];
  /** Makes it ready. What it returns runs one input, and throws when a promise is broken. */
  open(): Promise<(input: Buffer) => void>;
}
