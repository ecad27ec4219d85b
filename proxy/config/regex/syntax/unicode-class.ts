import { toRuneSet } from "./rune-set.ts";
import { RUNE_MAX, type RuneRange, type RuneSet } from "./syntax-tree.ts";

/**
 * The code points of a Unicode general category (`L`, `Lu`), of a script (`Greek`) or of `Any`, or
 * null for a name that RE2 does not know. Built once for each name, on first use.
 */
export function findUnicodeClass(name: string): RuneSet | null {
  if (name === "Any") return [[0, RUNE_MAX]];
  // RE2 leaves unassigned code points (Cn) out of C, and has no name for them.
  if (name === "C") {
    return toRuneSet(["Cc", "Cf", "Co", "Cs"].flatMap((part) => unicodeClass(part)));
  }
  if (CATEGORIES.has(name)) return unicodeClass(name);
  const property = `Script=${name}`;
  return /^[A-Z][A-Za-z_]+$/.test(name) && isLongScriptName(name) && isProperty(property)
    ? unicodeClass(property)
    : null;
}

/** The code points for which JavaScript's `\p{property}` holds. */
export function unicodeClass(property: string): RuneSet {
  let set = classes.get(property);
  if (set === undefined) {
    set = buildClass(property);
    classes.set(property, set);
  }
  return set;
}

const classes = new Map<string, RuneSet>();

/** The general categories that RE2 knows: all but C (see above), Cn and LC. */
const CATEGORIES: ReadonlySet<string> = new Set(
  (
    "Cc Cf Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No " +
    "P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs"
  ).split(" "),
);

/** JavaScript also takes the four-letter codes of scripts (`Grek`). RE2 does not. */
function isLongScriptName(name: string): boolean {
  return name.length === 4 ? FOUR_LETTER_SCRIPTS.has(name) : !CODELESS_SCRIPTS.has(name);
}

/** Scripts whose full name has four letters. */
const FOUR_LETTER_SCRIPTS: ReadonlySet<string> = new Set(
  "Ahom Cham Kawi Lisu Miao Modi Newa Thai Toto".split(" "),
);

/** Values of the Script property that no assigned code point has. RE2 has no name for them. */
const CODELESS_SCRIPTS: ReadonlySet<string> = new Set(["Katakana_Or_Hiragana", "Unknown"]);

function isProperty(property: string): boolean {
  try {
    return new RegExp(`\\p{${property}}`, "u").source !== "";
  } catch {
    // The only way to fail is an unknown name, which is the answer.
    return false;
  }
}

/**
 * Code points looked at in one go. A divisor of 0x400, so that no leading surrogate is followed by
 * a trailing one, which would make one code point of the two.
 */
const CHUNK_RUNES = 0x400;

function buildClass(property: string): RuneSet {
  const pattern = new RegExp(`\\p{${property}}+`, "gu");
  const ranges: RuneRange[] = [];
  for (let start = 0; start <= RUNE_MAX; start += CHUNK_RUNES) {
    const text = String.fromCodePoint(...Array.from({ length: CHUNK_RUNES }, (_, i) => start + i));
    const unitsPerRune = text.length / CHUNK_RUNES;
    for (const { 0: run, index } of text.matchAll(pattern)) {
      const low = start + index / unitsPerRune;
      ranges.push([low, low + run.length / unitsPerRune - 1]);
    }
  }
  return toRuneSet(ranges);
}
