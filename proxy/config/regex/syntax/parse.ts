import { foldRuneSet } from "./case-fold.ts";
import { parseClass, parseEscapedClass } from "./parse-class.ts";
import { parseEscape } from "./parse-escape.ts";
import { type GroupOpening, parsePerlOperator } from "./parse-group.ts";
import { parseRepetition } from "./parse-repetition.ts";
import { PatternCursor } from "./pattern-cursor.ts";
import { RegexError } from "./regex-error.ts";
import { type OpenGroup, SyntaxStack } from "./syntax-stack.ts";
import { type AssertionKind, type ParsedRegex, RUNE_MAX, type RuneSet } from "./syntax-tree.ts";

/** What `.` matches: anything under `(?s)`, and anything but a newline without it. */
const ANY_RUNE: RuneSet = [[0, RUNE_MAX]];
const ANY_BUT_NEWLINE: RuneSet = [
  [0, 0x09],
  [0x0b, RUNE_MAX],
];

/** Zero-width conditions that are written as an escape. */
const ASSERTION_ESCAPES: ReadonlyMap<string, AssertionKind> = new Map([
  ["A", "textStart"],
  ["z", "textEnd"],
  ["b", "wordBoundary"],
  ["B", "notWordBoundary"],
]);

/**
 * Parses RE2 syntax (github.com/google/re2/wiki/Syntax) as RE2 does by default: UTF-8, Perl
 * extensions, case-sensitive, `.` without newline, `^` and `$` at the ends of the text only.
 *
 * @throws RegexError with RE2's text. One thing that RE2 takes is refused: `\C`.
 */
export function parseRegex(pattern: string): ParsedRegex {
  return new RegexParser(pattern).parse();
}

class RegexParser {
  private readonly cursor: PatternCursor;
  private readonly stack = new SyntaxStack();
  private readonly groupNames = new Map<string, number>();
  private groupCount = 0;
  /** Where the repetition operator just read began, or -1. Two in a row are an error. */
  private lastOperator = -1;

  constructor(pattern: string) {
    this.cursor = new PatternCursor(pattern);
  }

  parse(): ParsedRegex {
    while (!this.cursor.isAtEnd) {
      if (this.parseOperator()) continue;
      this.parseAtom();
      this.lastOperator = -1;
    }
    if (this.stack.depth > 0) throw new RegexError("missingParenthesis", this.cursor.pattern);
    const { groupCount, groupNames } = this;
    return { root: this.stack.finish(), groupCount, groupNames };
  }

  /** Reads `*`, `{2,3}?` and their like. */
  private parseOperator(): boolean {
    const { cursor } = this;
    const start = cursor.at;
    const repetition = parseRepetition(cursor);
    if (repetition === null) return false;
    const operator = cursor.textFrom(start);
    if (this.lastOperator >= 0) {
      throw new RegexError("repeatOperator", cursor.textFrom(this.lastOperator));
    }
    const { min, max, isLazy } = repetition;
    this.stack.repeat(min, max, isLazy === this.stack.flags.isUngreedy, operator);
    this.lastOperator = start;
    return true;
  }

  private parseAtom(): void {
    const { cursor, stack } = this;
    const { flags } = stack;
    const character = cursor.peek();
    if (character === "(") this.parseGroup();
    else if (character === "[") stack.pushRunes(parseClass(cursor, flags.isFolding));
    else if (character === "\\") this.parseBackslash();
    else if (cursor.skip(")")) this.parseClosing();
    else if (cursor.skip("|")) stack.nextChoice();
    else if (cursor.skip("^")) stack.pushAssertion(flags.isMultiline ? "lineStart" : "textStart");
    else if (cursor.skip("$")) stack.pushAssertion(flags.isMultiline ? "lineEnd" : "textEnd");
    else if (cursor.skip(".")) stack.pushRunes(flags.hasDotAll ? ANY_RUNE : ANY_BUT_NEWLINE);
    else this.pushLiteral(cursor.readRune());
  }

  private parseClosing(): void {
    const { cursor, stack } = this;
    if (stack.depth === 0) throw new RegexError("unexpectedParenthesis", cursor.pattern);
    stack.closeGroup();
  }

  private parseGroup(): void {
    const opening: GroupOpening = this.cursor.startsWith("(?")
      ? parsePerlOperator(this.cursor, this.stack.flags)
      : { kind: "capture", name: "" };
    if (opening.kind === "flags") {
      this.stack.flags = opening.flags;
      return;
    }
    const group: OpenGroup = { index: 0, flags: this.stack.flags };
    if (opening.kind === "capture") {
      if (opening.name === "") this.cursor.skip("(");
      this.groupCount++;
      group.index = this.groupCount;
      const { name } = opening;
      if (name !== "" && !this.groupNames.has(name)) this.groupNames.set(name, group.index);
    }
    this.stack.openGroup(group);
    if (opening.kind === "plain") this.stack.flags = opening.flags;
  }

  private parseBackslash(): void {
    const { cursor, stack } = this;
    const assertion = ASSERTION_ESCAPES.get(cursor.peek(1));
    if (assertion !== undefined) {
      cursor.at += 2;
      stack.pushAssertion(assertion);
    } else if (cursor.skip("\\Q")) {
      this.parseQuotation();
    } else {
      const set = parseEscapedClass(cursor, stack.flags.isFolding);
      if (set !== null) stack.pushRunes(set);
      else this.pushLiteral(parseEscape(cursor));
    }
  }

  /** Reads up to `\E` or the end. Everything in it stands for itself. */
  private parseQuotation(): void {
    while (!this.cursor.isAtEnd && !this.cursor.skip("\\E")) {
      this.pushLiteral(this.cursor.readRune());
    }
  }

  private pushLiteral(rune: number): void {
    const literal: RuneSet = [[rune, rune]];
    this.stack.pushRunes(this.stack.flags.isFolding ? foldRuneSet(literal) : literal);
  }
}
