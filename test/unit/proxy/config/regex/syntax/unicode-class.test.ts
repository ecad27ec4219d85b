import assert from "node:assert/strict";
import { hasRune } from "../../../../../../proxy/config/regex/syntax/rune-set.ts";
import { findUnicodeClass } from "../../../../../../proxy/config/regex/syntax/unicode-class.ts";

/** Class, some members, some that are not. */
const classes = [
  ["L", "aé日ª𐐀", "1_ ́"],
  ["Lu", "AÉ𐐀", "aǅ1"],
  ["Nd", "1٣𝟗", "a²Ⅷ"],
  ["N", "1²Ⅷ", "a"],
  ["Sc", "$€", "+"],
  ["Zs", " \u00a0\u3000", "\n\u2028"],
  ["Cc", "\0\n\u007f", "a"],
  ["Co", "\ue000\u{10fffd}", "a"],
  ["Greek", "αΩἀ", "aа"],
  ["Han", "日𠀀", "あ"],
  ["Common", "1 ,", "a"],
  ["Any", "a\0\u{10ffff}", ""],
] as const;

describe("findUnicodeClass", () => {
  for (const [name, members, others] of classes) {
    it(`findUnicodeClass: ${name} holds what Unicode says`, () => {
      const set = findUnicodeClass(name);
      assert.ok(set !== null);
      for (const member of members) assert.ok(hasRune(set, member.codePointAt(0) ?? 0), member);
      for (const other of others) assert.ok(!hasRune(set, other.codePointAt(0) ?? 0), other);
    });
  }

  it("findUnicodeClass: Cs is exactly the surrogates, at the ends of every chunk too", () => {
    assert.deepEqual(findUnicodeClass("Cs"), [[0xd800, 0xdfff]]);
  });

  it("findUnicodeClass: C leaves unassigned code points out, as in RE2", () => {
    const set = findUnicodeClass("C");
    assert.ok(set !== null && hasRune(set, 0) && hasRune(set, 0xd800) && !hasRune(set, 0x378));
  });

  for (const name of ["", "greek", "Grek", "Cn", "LC", "Foo", "Unknown", "Alphabetic", "l"]) {
    it(`findUnicodeClass: "${name}" is no name of RE2's`, () => {
      assert.equal(findUnicodeClass(name), null);
    });
  }
});
