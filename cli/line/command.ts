import type { Flag, FlagValues } from "./flags.ts";
import type { Terminal } from "./terminal.ts";

/** One command of `causeway`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What it does, in paragraphs that are separated by an empty line, for `--help`. */
  readonly description: string;
  readonly flags: readonly Flag[];
  /** Runs until the work is done. Returns the exit code. */
  run(flags: FlagValues, terminal: Terminal): Promise<number>;
}
