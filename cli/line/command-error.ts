/** The program did what it was asked to. */
export const EXIT_DONE = 0;
/** It failed, or the configuration is wrong. Envoy's code. */
export const EXIT_FAILED = 1;
/** The command line is wrong. Envoy says 1; 2 is the shell's habit and tells the two apart. */
const EXIT_USAGE = 2;

/**
 * A command cannot go on, for a reason that lies outside of the program. `cli/dispatch.ts` prints
 * the message and exits with the code.
 */
export class CommandError extends Error {
  override readonly name: string = "CommandError";
  readonly exitCode: number = EXIT_FAILED;
}

/** The command line itself is wrong: an unknown flag, a value missing. */
export class UsageError extends CommandError {
  override readonly name = "UsageError";
  override readonly exitCode = EXIT_USAGE;
}
