import { REGEX_ASSERT } from "../../../../api/engine/regex-layout.ts";
import { hasByte } from "./byte-set.ts";
import { BYTE_KIND_COUNT, byteKind } from "./byte-kind.ts";
import type { RegexProgram } from "./program.ts";

/**
 * Bytes that no instruction of a program tells apart form a class. A DFA has one column for each
 * class instead of 256.
 */
export interface ByteClasses {
  /** Byte → class. */
  readonly classOf: Uint8Array;
  readonly count: number;
  /** Set index → the classes in it. */
  readonly ofSet: readonly (readonly number[])[];
  /** Class → what an assertion sees in its bytes; all 0 in a program without assertions. */
  readonly kindOf: Uint8Array;
  /** The kinds that occur. */
  readonly kinds: readonly number[];
}

/** Finds the byte classes of a program. */
export function buildByteClasses({ instructions, sets }: RegexProgram): ByteClasses {
  const hasAssertion = instructions.some(({ operation }) => operation === REGEX_ASSERT);
  const kindOfByte = (byte: number) => (hasAssertion ? byteKind(byte) : 0);
  let classOf = refine(new Uint8Array(256), kindOfByte);
  for (const set of sets) classOf = refine(classOf, (byte) => (hasByte(set, byte) ? 1 : 0));
  const count = Math.max(...classOf) + 1;
  const examples = Array.from({ length: count }, (_, index) => classOf.indexOf(index));
  const ofSet = sets.map((set) => [...examples.keys()].filter((at) => hasByte(set, examples[at])));
  const kindOf = Uint8Array.from(examples, kindOfByte);
  return { classOf, count, ofSet, kindOf, kinds: [...new Set(kindOf)] };
}

/** Splits classes so that `trait` is the same for all bytes of each. */
function refine(classOf: Uint8Array, trait: (byte: number) => number): Uint8Array {
  const numbers = new Int16Array(256 * BYTE_KIND_COUNT).fill(-1);
  let count = 0;
  return classOf.map((old, byte) => {
    const key = old * BYTE_KIND_COUNT + trait(byte);
    if (numbers[key] < 0) numbers[key] = count++;
    return numbers[key];
  });
}
