import { type InspectColor, styleText } from "node:util";

/** Where a command writes to. Tests hand in their own. */
export interface Terminal {
  /** Writes text, with no newline added, to standard output. */
  out(text: string): void;
  /** Writes text, with no newline added, to standard error. */
  err(text: string): void;
  /** The text in this style where standard output is a terminal that wants colour. */
  style(format: InspectColor | InspectColor[], text: string): string;
}

/**
 * The terminal of this process. Colour is only for a terminal, and not when `NO_COLOR` is set
 * (https://no-color.org); `styleText` looks at both.
 */
export function openTerminal(): Terminal {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    style: (format, text) => styleText(format, text, { stream: process.stdout }),
  };
}
