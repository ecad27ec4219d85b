import { parseArgs } from "node:util";
import { pickNearest } from "./nearest.ts";
import { UsageError } from "./command-error.ts";

/** One flag of a command: how it is parsed and what `--help` says of it. */
export interface Flag {
  /** The name behind the two dashes. */
  readonly long: string;
  /** The letter behind one dash. */
  readonly short?: string;
  /** What the value is; a `switch` has none. A list names the words allowed. */
  readonly kind: "switch" | "text" | "uint32" | "port" | readonly string[];
  /** Stands for the value in the help, such as `FILE`. */
  readonly placeholder?: string;
  /** One or more sentences. */
  readonly help: string;
  /** The default, as the help shows it. */
  readonly default?: string;
}

/** A word that a command needs besides its flags. */
export interface Operand {
  /** Stands for the word in the help and in messages, such as `FILE`. */
  readonly name: string;
  /** One or more sentences. */
  readonly help: string;
}

/** What was given. Each question is about a flag by its long name, or an operand by its name. */
export interface FlagValues {
  has(long: string): boolean;
  text(long: string): string | undefined;
  integer(long: string): number | undefined;
  /** The word given for an operand; `""` for one that the command does not have. */
  operand(name: string): string;
}

/** Every command has it; `cli/dispatch.ts` answers it. */
export const HELP_FLAG: Flag = {
  long: "help",
  short: "h",
  kind: "switch",
  help: "Print this help and exit.",
};

/**
 * Reads the arguments of one command: `--flag value`, `--flag=value`, `-f value`, `-fvalue`.
 *
 * @param operands What each word that is not a flag means, in order. None is required when help is
 * asked for.
 * @throws UsageError for a flag that the table does not have (with the nearest one that it has), a
 * flag given twice, a value that is missing or does not fit, and a word too many or too few.
 */
export function parseFlags(
  table: readonly Flag[],
  args: readonly string[],
  operands: readonly Operand[] = [],
): FlagValues {
  const flags = new Map([...table, HELP_FLAG].map((flag) => [flag.long, flag]));
  const values = new Map<string, string>();
  const words: string[] = [];
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: Object.fromEntries([...flags.values()].map((flag) => [flag.long, toOption(flag)])),
  });
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      if (words.push(token.value) <= operands.length) continue;
      throw new UsageError(`unexpected argument "${token.value}"`);
    }
    const flag = flags.get(token.name);
    if (flag === undefined) throw new UsageError(describeUnknown(token.rawName, [...flags.keys()]));
    if (values.has(flag.long)) throw new UsageError(`--${flag.long} is given twice`);
    // A word that looks like a flag is the next flag, unless it was joined with "=".
    const isNextFlag = token.inlineValue === false && /^-./.test(token.value);
    checkValue(flag, isNextFlag ? undefined : token.value);
    values.set(flag.long, token.value ?? "");
  }
  const missing = operands[words.length];
  if (missing !== undefined && !values.has(HELP_FLAG.long)) {
    throw new UsageError(`${missing.name} is missing`);
  }
  return {
    has: (long) => values.has(long),
    text: (long) => values.get(long),
    integer: (long) => {
      const text = values.get(long);
      return text === undefined ? undefined : Number(text);
    },
    operand: (name) => words[operands.findIndex((operand) => operand.name === name)] ?? "",
  };
}

function toOption(flag: Flag): { type: "string" | "boolean"; short?: string } {
  const type = flag.kind === "switch" ? "boolean" : "string";
  return flag.short === undefined ? { type } : { type, short: flag.short };
}

function describeUnknown(rawName: string, names: readonly string[]): string {
  const nearest = pickNearest(rawName.replace(/^--?/, ""), names);
  const hint = nearest === null ? "" : `; did you mean --${nearest}?`;
  return `unknown flag ${rawName}${hint}`;
}

const UINT32_MAX = 0xffff_ffff;
const PORT_MAX = 65_535;

/** Throws `UsageError` when the value does not fit the flag. */
function checkValue(flag: Flag, value: string | undefined): void {
  const { kind } = flag;
  const name = `--${flag.long}`;
  if (kind === "switch") {
    if (value !== undefined) throw new UsageError(`${name} takes no value`);
    return;
  }
  if (value === undefined) throw new UsageError(`${name} needs a value`);
  if (kind === "uint32" || kind === "port") {
    const max = kind === "port" ? PORT_MAX : UINT32_MAX;
    if (/^\d+$/.test(value) && Number(value) <= max) return;
    throw new UsageError(`${name} must be a whole number from 0 to ${max}, not "${value}"`);
  }
  if (kind !== "text" && !kind.includes(value)) {
    throw new UsageError(`${name} must be one of ${kind.join(", ")}, not "${value}"`);
  }
}
