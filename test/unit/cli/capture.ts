import type { Terminal } from "../../../cli/line/terminal.ts";

/** A terminal that keeps what is written to it. It has no colour. */
export interface CapturedTerminal extends Terminal {
  readonly written: { out: string; err: string };
}

/** Opens a terminal for a test. */
export function openCapturedTerminal(): CapturedTerminal {
  const written = { out: "", err: "" };
  return {
    written,
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    style: (_, text) => text,
  };
}
