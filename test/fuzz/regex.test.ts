import fc from "fast-check";
import { RegexEngine } from "../unit/filters/regex/engine.ts";
import { fuzzRegex } from "./regex.ts";

/** Pieces that patterns are made of, and bytes that are no UTF-8. */
const PIECES = [
  ...["a", "b", "é", "(", ")", "(?:", "(?i)", "(?m)", "(?P<n>", "|", "*", "+", "?", "{2}", "{1,3}"],
  ...["{", "}", "[", "]", "[^", "-", "\\", "\\b", "\\B", "\\d", "\\W", "\\Q", "\\E", "^", "$", "."],
  ...["[:alpha:]", "\\x", "41", "\\pZ", "\\C", ":", "<", ">"],
].map((piece) => Buffer.from(piece));
const BYTES = [
  ...["a", "b", "é", " ", "_", "\n", "日"].map((text) => Buffer.from(text)),
  ...[[0xff], [0x80], [0xc3], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0]].map((bytes) =>
    Buffer.from(bytes),
  ),
];

const input = fc
  .tuple(
    fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }),
    fc.array(fc.constantFrom(...BYTES), { maxLength: 10 }),
  )
  .map(([pattern, text]) => Buffer.concat([...pattern, Buffer.from("\n"), ...text]));

describe("fuzz regex", () => {
  let engine: RegexEngine;
  before(async function () {
    this.timeout(60_000);
    engine = await RegexEngine.open();
  });

  it("fuzzRegex: no pattern and no bytes crash it or make it disagree with itself", () => {
    fc.assert(
      fc.property(input, (bytes) => fuzzRegex(engine, bytes)),
      { numRuns: 5000, seed: 3 },
    );
  });
});
