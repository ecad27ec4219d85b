import type { Random } from "./random.ts";

const STEPS_MAX = 6;
/** Inputs are kept short: bugs do not need long ones, and short ones run fast. */
const INPUT_BYTES_MAX = 4096;

/** What a mutation works with. */
interface Material {
  readonly random: Random;
  readonly corpus: readonly Buffer[];
  /** Pieces that mean something to what is fuzzed. */
  readonly dictionary: readonly Buffer[];
}

type Mutation = (input: Buffer, material: Material) => Buffer;

function replace(input: Buffer, from: number, length: number, by: Uint8Array): Buffer {
  return Buffer.concat([input.subarray(0, from), by, input.subarray(from + length)]);
}

const MUTATIONS: readonly Mutation[] = [
  function flipBit(input, { random }) {
    const at = random.below(input.length);
    return replace(input, at, 1, Uint8Array.of(input[at] ^ (1 << random.below(8))));
  },
  function setByte(input, { random }) {
    const at = random.below(input.length);
    return replace(input, at, 1, Uint8Array.of(random.below(256)));
  },
  function removeRange(input, { random }) {
    return replace(input, random.below(input.length), 1 + random.below(12), Buffer.alloc(0));
  },
  function repeatRange(input, { random }) {
    const from = random.below(input.length);
    const range = input.subarray(from, from + 1 + random.below(60));
    return replace(input, random.below(input.length), 0, range);
  },
  function insertWord(input, { random, dictionary }) {
    return replace(input, random.below(input.length + 1), 0, random.pick(dictionary));
  },
  function overwriteByWord(input, { random, dictionary }) {
    const word = random.pick(dictionary);
    return replace(input, random.below(input.length + 1), word.length, word);
  },
  function changeDigit(input, { random }) {
    const digits = [...input.keys()].filter((at) => input[at] >= 0x30 && input[at] <= 0x39);
    if (digits.length === 0) return input;
    return replace(input, random.pick(digits), 1, Uint8Array.of(0x30 + random.below(10)));
  },
  function splice(input, { random, corpus }) {
    const other = random.pick(corpus);
    const tail = other.subarray(random.below(other.length + 1));
    return Buffer.concat([input.subarray(0, random.below(input.length + 1)), tail]);
  },
];

/** A variant of an input of the corpus. */
export function mutate(material: Material): Buffer {
  const { random, corpus } = material;
  let input = random.pick(corpus);
  for (let steps = 1 + random.below(STEPS_MAX); steps > 0; steps--) {
    // Every mutation needs at least one byte.
    if (input.length === 0) input = random.pick(material.dictionary);
    input = random.pick(MUTATIONS)(input, material);
  }
  return input.subarray(0, INPUT_BYTES_MAX);
}
