import type { Flag, FlagValues, Operand } from "./flags.ts";
import type { Terminal } from "./terminal.ts";

/** One command of `causeway`. */
export interface Command {
  /** One word, or two with a space between them. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What it does, in paragraphs that are separated by an empty line, for `--help`. */
  readonly description: string;
  readonly flags: readonly Flag[];
  /** The words that must follow; none by default. */
  readonly operands?: readonly Operand[];
  /** Runs until the work is done. Returns the exit code. */
  run(flags: FlagValues, terminal: Terminal): Promise<number>;
}
