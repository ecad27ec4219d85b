import { parseArgs } from "node:util";
import type { FuzzTarget } from "./target.ts";
import { TARGETS } from "./targets.ts";

/** What the command line asks for. */
export interface FuzzOptions {
  /** `null` to print the help instead. */
  readonly target: FuzzTarget | null;
  readonly seconds: number;
  /** `null` for one by chance. */
  readonly seed: number | null;
}

/** What `--help` prints, and a command line without a target. */
export const HELP = `Runs variants of the corpus in test/fuzz/corpus/TARGET, until one fails
or time is up. A failing input is made short and kept in the corpus.

  npm run fuzz -- TARGET [options]

  --seconds N             how long (30)
  --seed N                repeats the inputs of a run that printed it
  --help                  this text

Targets:
${TARGETS.map(({ name }) => `  ${name}`).join("\n")}
`;

const FLAGS = {
  seconds: { type: "string" },
  seed: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * Reads the command line.
 *
 * @throws Error that says what is wrong with it.
 */
export function parseOptions(args: readonly string[]): FuzzOptions {
  const parsed = parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
  const { values, positionals } = parsed;
  const [name, more] = positionals;
  if (more !== undefined) throw new Error(`one target at a time, so not ${more}`);
  const { seed } = values;
  return {
    target: name === undefined || values.help ? null : findTarget(name),
    seconds: parseCount("--seconds", values.seconds ?? "30", 1, 86_400),
    seed: seed === undefined ? null : parseCount("--seed", seed, 0, 2 ** 32 - 1),
  };
}

function findTarget(name: string): FuzzTarget {
  const target = TARGETS.find((each) => each.name === name);
  if (target !== undefined) return target;
  throw new Error(`${name} is not one of ${TARGETS.map((each) => each.name).join(", ")}`);
}

function parseCount(flag: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw new Error(`${flag} must be a whole number from ${minimum} to ${maximum}`);
}
