import { RUNE_MAX, type RuneSet } from "../syntax/syntax-tree.ts";

/** A range of byte values, both ends included. */
export type ByteRange = readonly [low: number, high: number];

/**
 * The UTF-8 of a set of code points, byte by byte. Edges of one trie accept different bytes. Equal
 * parts are the same object.
 */
export interface ByteTrie {
  /** A null target is the end of the character. */
  readonly edges: readonly { readonly bytes: ByteRange[]; readonly target: ByteTrie | null }[];
}

/** Turns a set of code points into the bytes that encode them. */
export function toByteTrie(set: RuneSet): ByteTrie {
  const sequences: ByteRange[][] = [];
  for (const [low, high] of set) addSequences(low, high, sequences);
  return buildTrie(sequences, new Map());
}

/** The last code point that fits in one, two and three bytes. */
const LENGTH_ENDS = [0x7f, 0x7ff, 0xffff];

/**
 * Everything outside ASCII. Like RE2, this takes overlong forms and values over U+10FFFF too when a
 * set holds all of it: on well-formed text that makes no difference, and the automaton is smaller.
 */
const ALL_MULTIBYTE: readonly ByteRange[][] = [
  [[0xc2, 0xdf], ...continuations(1)],
  [[0xe0, 0xef], ...continuations(2)],
  [[0xf0, 0xf4], ...continuations(3)],
];

function continuations(count: number): ByteRange[] {
  return Array.from({ length: count }, () => [0x80, 0xbf]);
}

/** Splits a range of code points until each byte of each piece has a range of its own. */
function addSequences(low: number, high: number, sequences: ByteRange[][]): void {
  if (low === 0x80 && high === RUNE_MAX) {
    sequences.push(...ALL_MULTIBYTE);
    return;
  }
  const end = LENGTH_ENDS.find((last) => low <= last && last < high);
  if (end !== undefined) {
    addSequences(low, end, sequences);
    addSequences(end + 1, high, sequences);
    return;
  }
  const first = encodeRune(low);
  for (let count = 1; count < first.length; count++) {
    const mask = (1 << (6 * count)) - 1;
    // A continuation byte may only range over all its values once the bytes before it do differ.
    if (low >> (6 * count) === high >> (6 * count)) break;
    if ((low & mask) !== 0) {
      addSequences(low, low | mask, sequences);
      addSequences((low | mask) + 1, high, sequences);
      return;
    }
    if ((high & mask) !== mask) {
      addSequences(low, (high & ~mask) - 1, sequences);
      addSequences(high & ~mask, high, sequences);
      return;
    }
  }
  const last = encodeRune(high);
  sequences.push(first.map((byte, index) => [byte, last[index]]));
}

/** UTF-8, for surrogates too: they have no place in a text, but a class may name them. */
function encodeRune(rune: number): number[] {
  if (rune <= 0x7f) return [rune];
  const tail = (shift: number) => 0x80 | ((rune >> shift) & 0x3f);
  if (rune <= 0x7ff) return [0xc0 | (rune >> 6), tail(0)];
  if (rune <= 0xffff) return [0xe0 | (rune >> 12), tail(6), tail(0)];
  return [0xf0 | (rune >> 18), tail(12), tail(6), tail(0)];
}

function buildTrie(sequences: readonly ByteRange[][], known: Map<string, ByteTrie>): ByteTrie {
  const key = sequences.map((sequence) => sequence.join("-")).join(" ");
  const seen = known.get(key);
  if (seen !== undefined) return seen;
  const tails = new Map<string, { lead: ByteRange; rest: ByteRange[][] }>();
  for (const [lead, ...rest] of sequences) {
    const group = tails.get(`${lead} ${rest.length > 0}`);
    if (group === undefined) tails.set(`${lead} ${rest.length > 0}`, { lead, rest: [rest] });
    else group.rest.push(rest);
  }
  const edges = new Map<ByteTrie | null, ByteRange[]>();
  for (const { lead, rest } of tails.values()) {
    const target = rest[0].length === 0 ? null : buildTrie(rest, known);
    const bytes = edges.get(target);
    if (bytes === undefined) edges.set(target, [lead]);
    else bytes.push(lead);
  }
  const trie = { edges: [...edges].map(([target, bytes]) => ({ bytes, target })) };
  known.set(key, trie);
  return trie;
}
