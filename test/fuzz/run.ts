import { readCorpus } from "./corpus.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import type { FuzzTarget } from "./target.ts";

/** An input that broke a promise. */
export interface FuzzFailure {
  readonly input: Buffer;
  readonly error: unknown;
}

/** What a run came to. */
export interface FuzzOutcome {
  readonly runs: number;
  readonly failure: FuzzFailure | null;
}

/** Tries to make a failing input shorter, so that a person can read it. */
function shorten(run: (input: Buffer) => void, { input, error }: FuzzFailure): FuzzFailure {
  let best: FuzzFailure = { input, error };
  for (let length = best.input.length >> 1; length > 0; length >>= 1) {
    for (let at = 0; at < best.input.length; ) {
      const rest = [best.input.subarray(0, at), best.input.subarray(at + length)];
      const failure = failureOf(run, Buffer.concat(rest));
      if (failure === null) at += length;
      else best = failure;
    }
  }
  return best;
}

function failureOf(run: (input: Buffer) => void, input: Buffer): FuzzFailure | null {
  try {
    run(input);
    return null;
  } catch (error) {
    return { input, error };
  }
}

/**
 * Runs the corpus of a target, then variants of it, until one fails or `isOver` says so. The same
 * seed makes the same inputs.
 */
export async function fuzz(
  target: FuzzTarget,
  seed: number,
  isOver: (runs: number) => boolean,
): Promise<FuzzOutcome> {
  const run = await target.open();
  const random = new Random(seed);
  const words = target.words.map((word) => Buffer.from(word, "latin1"));
  const corpus = readCorpus(target.name);
  const material = { random, corpus: corpus.length > 0 ? corpus : words, dictionary: words };
  let runs = 0;
  for (; !isOver(runs); runs++) {
    const failure = failureOf(run, runs < corpus.length ? corpus[runs] : mutate(material));
    // A guest that trapped is of no use any more, so each try to shorten gets a fresh one.
    if (failure !== null) return { runs: runs + 1, failure: shorten(await target.open(), failure) };
  }
  return { runs, failure: null };
}
