import { RegexError } from "./regex-error.ts";

/** A place in the text of a pattern, from which the parsers read in turn. */
export class PatternCursor {
  /** The whole pattern. */
  readonly pattern: string;
  /** Where the next character is read, in UTF-16 units. */
  at = 0;

  constructor(pattern: string) {
    this.pattern = pattern;
  }

  /** Whether nothing is left. */
  get isAtEnd(): boolean {
    return this.at >= this.pattern.length;
  }

  /** Whether the text ahead starts with `text`. */
  startsWith(text: string): boolean {
    return this.pattern.startsWith(text, this.at);
  }

  /** Steps over `text` if it is ahead, and says whether it was. */
  skip(text: string): boolean {
    const isThere = this.startsWith(text);
    if (isThere) this.at += text.length;
    return isThere;
  }

  /** The character `offset` units ahead, or "" beyond the end. */
  peek(offset = 0): string {
    return this.pattern.charAt(this.at + offset);
  }

  /** The text from `start` up to here. */
  textFrom(start: number): string {
    return this.pattern.slice(start, this.at);
  }

  /**
   * Reads one code point. There must be one.
   *
   * @throws RegexError `badUtf8` for a surrogate that stands alone: it has no UTF-8.
   */
  readRune(): number {
    const rune = this.pattern.codePointAt(this.at) ?? 0;
    if (rune >= 0xd800 && rune <= 0xdfff) throw new RegexError("badUtf8", "");
    this.at += rune > 0xffff ? 2 : 1;
    return rune;
  }
}
