import assert from "node:assert/strict";
import { foldRuneSet } from "../../../../../../proxy/config/regex/syntax/case-fold.ts";

/** Characters that are equal under Unicode simple case folding (CaseFolding.txt, C and S). */
const orbits = [
  ...["aA", "kK\u212a", "sS\u017f", "éÉ", "σΣς", "\u00b5μΜ", "ǆǅǄ", "ßẞ", "θΘϑϴ", "\ufb05\ufb06"],
  ...["ꭰᎠ", "𐐨𐐀"],
];

describe("foldRuneSet", () => {
  for (const orbit of orbits) {
    it(`foldRuneSet: each of ${orbit} brings the others and nothing else`, () => {
      const runes = [...orbit].map((character) => character.codePointAt(0) ?? 0);
      for (const rune of runes) {
        const folded = foldRuneSet([[rune, rune]]).flatMap(([low, high]) => {
          return Array.from({ length: high - low + 1 }, (_, index) => low + index);
        });
        assert.deepEqual(new Set(folded), new Set(runes));
      }
    });
  }

  for (const character of ["1", "_", "日", "ı", "İ", "ŉ"]) {
    it(`foldRuneSet: ${character} folds with nothing`, () => {
      const rune = character.codePointAt(0) ?? 0;
      assert.deepEqual(foldRuneSet([[rune, rune]]), [[rune, rune]]);
    });
  }

  it("foldRuneSet: a range brings what its members bring", () => {
    assert.deepEqual(foldRuneSet([[0x61, 0x63]]), [
      [0x41, 0x43],
      [0x61, 0x63],
    ]);
  });
});
