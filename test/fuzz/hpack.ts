import assert from "node:assert/strict";
import { type Decoded, type HeadKind, Hpack } from "../unit/filters/hpack/hpack.ts";
import {
  type Field,
  PlainDecoder,
  PlainError,
  toLine,
} from "../unit/filters/hpack/reference/plain-hpack.ts";
import { Random } from "./random.ts";
import type { FuzzTarget } from "./target.ts";

/** Parts the header blocks of one connection. */
const SEPARATOR = 0x1e;

const KINDS: readonly HeadKind[] = ["trailers", "request", "response"];

const WORDS = [
  ...[
    "\x82",
    "\x84",
    "\x88",
    "\xbe",
    "\xbf",
    "\xc1",
    "\x80",
    "\xff",
    "\x1e",
    "\x20",
    "\x3f\xe1\x1f",
  ],
  ...[
    "\x40\x01a\x01b",
    "\x00\x01a\x01b",
    "\x10\x01a\x01b",
    "\x41\x03a.b",
    "\x0f\x2f\x01x",
    "\x7e\x01x",
  ],
  ...[
    "\x40\x82\x1c\x64\x82\x08\x99",
    "\x83",
    "\x85\xff\xff\xff\xff\xff",
    "\x7f\x80\x80\x01",
    "\x0f\x0d",
  ],
  ...[
    "\x5f\x00",
    "\x00\x00\x00",
    "\x00\x01A\x01b",
    "te",
    "connection",
    ":path",
    "\x3f\x01",
    "\x0d\x0a",
  ],
];

/**
 * One input of the fuzzer: header blocks of one connection. The engine reads them as the plain
 * decoder does, whatever kinds of messages they are and however low its limits; and what it read,
 * it writes so that the plain decoder reads it again.
 */
function fuzzHpack(hpack: Hpack, input: Buffer): void {
  const before = hpack.exports.bytesInUse();
  const seed = input.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 1);
  const random = new Random(seed);
  const blocks = splitBlocks(input);
  for (const kind of KINDS) {
    checkDecoder(hpack, kind, blocks, 65_536, 1000);
    checkDecoder(hpack, kind, blocks, random.below(300), random.below(10));
  }
  checkEncoder(hpack, blocks, random);
  assert.equal(hpack.exports.bytesInUse(), before, "all memory is given back");
}

function splitBlocks(input: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  let from = 0;
  for (let end = 0; from <= input.length; from = end + 1) {
    end = input.indexOf(SEPARATOR, from);
    if (end < 0) end = input.length;
    blocks.push(input.subarray(from, end));
  }
  return blocks;
}

function checkDecoder(
  hpack: Hpack,
  kind: HeadKind,
  blocks: readonly Buffer[],
  headBytesMax: number,
  headerCountMax: number,
): void {
  const decoder = hpack.decoder(kind, { headBytesMax, headerCountMax, allowsProtocol: true });
  const plain = new PlainDecoder();
  for (const block of blocks) {
    const want = decodeOrError(plain, block);
    const decoded = decoder.decode(block);
    assert.equal(decoded.error, typeof want === "string" ? want : null);
    if (typeof want === "string") break;
    assert.deepEqual(decoder.table(), plain.table.fields);
    assert.equal(decoder.tableSize, plain.table.size);
    const bytes = decoded.fields.reduce((sum, line) => sum + line.length - ": ".length, 0);
    assert.ok(bytes <= headBytesMax && decoded.fields.length <= headerCountMax, "limits");
    if (kind === "trailers") checkFields(decoded, want);
  }
  decoder.close();
}

/** Everything that was decoded was sent; and all of it, when nothing was wrong. */
function checkFields(decoded: Decoded, want: readonly Field[]): void {
  const lines = want.map(toLine);
  if (decoded.headError === null && decoded.overflow === "FITS") {
    assert.deepEqual(decoded.fields, lines);
    return;
  }
  let from = 0;
  for (const line of decoded.fields) {
    from = lines.indexOf(line, from) + 1;
    assert.ok(from > 0, `${line} was sent`);
  }
}

function checkEncoder(hpack: Hpack, blocks: readonly Buffer[], random: Random): void {
  const source = new PlainDecoder();
  const target = new PlainDecoder();
  target.limit = 65_536;
  const encoder = hpack.encoder(65_536);
  // Twice, since fields are added when they come again.
  const heads = blocks.map((block) => decodeOrError(source, block));
  for (const head of [...heads, ...heads]) {
    if (typeof head === "string") continue;
    // Names that decode may be empty, and a removed entry has no name.
    const fields = head.filter(([name]) => name !== "" && name !== ":protocol");
    if (random.oneIn(3)) encoder.limit(random.pick([0, 40, 100, 300, 4096, 65_536]));
    assert.deepEqual(target.decode(encoder.encode("trailers", fields)), fields);
    assert.deepEqual(encoder.table(), target.table.fields);
  }
  encoder.close();
}

function decodeOrError(decoder: PlainDecoder, block: Buffer): Field[] | string {
  try {
    return decoder.decode(block);
  } catch (error) {
    if (error instanceof PlainError) return error.message;
    throw error;
  }
}

/** Header blocks of HTTP/2: see `fuzzHpack`. */
export const HPACK_TARGET: FuzzTarget = {
  name: "hpack",
  words: WORDS,
  async open() {
    const hpack = await Hpack.open();
    return (input) => fuzzHpack(hpack, input);
  },
};
