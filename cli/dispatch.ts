import { MeshError } from "../api/errors.ts";
import { configImageCommand } from "./config-image.ts";
import type { Command } from "./line/command.ts";
import { CommandError, EXIT_DONE, EXIT_FAILED, UsageError } from "./line/command-error.ts";
import { parseFlags } from "./line/flags.ts";
import { formatCommandHelp, formatOverview } from "./line/help.ts";
import { pickNearest } from "./line/nearest.ts";
import { proxyCommand } from "./proxy.ts";
import { quickstartCommand } from "./quickstart.ts";
import type { Terminal } from "./line/terminal.ts";
import { versionCommand } from "./version.ts";

/** Every command, in the order that the help lists them. */
export const COMMANDS: readonly Command[] = [
  quickstartCommand,
  proxyCommand,
  configImageCommand,
  versionCommand,
];

/** Runs the command that the arguments name. Returns the exit code; throws nothing. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    if (error instanceof CommandError || error instanceof MeshError) {
      terminal.err(`causeway: ${error.message}\n`);
      return error instanceof CommandError ? error.exitCode : EXIT_FAILED;
    }
    // A defect of ours, or the operating system's word: where it came from helps to find it.
    terminal.err(`causeway: ${error instanceof Error ? error.stack : error}\n`);
    return EXIT_FAILED;
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...rest] = args;
  if (first === undefined) return runCommand(quickstartCommand, [], terminal);
  if (first === "--help" || first === "-h") return printHelp([], terminal);
  if (first === "help") return printHelp(rest, terminal);
  if (first === "--version") return versionCommand.run(parseFlags([], []), terminal);
  // Flags without a command are the quickstart's.
  if (first.startsWith("-")) return runCommand(quickstartCommand, args, terminal);
  const command = findCommand(args);
  return runCommand(command, rest.slice(command.name.split(" ").length - 1), terminal);
}

async function runCommand(
  command: Command,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  try {
    const flags = parseFlags(command.flags, args, command.operands);
    if (flags.has("help")) return printHelp(command.name.split(" "), terminal);
    return await command.run(flags, terminal);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${error.message}\nThe flags: causeway ${command.name} --help`);
  }
}

function printHelp(topics: readonly string[], terminal: Terminal): number {
  const text =
    topics.length === 0 ? formatOverview(HELP_LIST) : formatCommandHelp(findCommand(topics));
  terminal.out(text);
  return EXIT_DONE;
}

/** `help` is answered here, because only here all commands are known. */
const helpCommand: Command = {
  name: "help",
  summary: "Print this list, or the flags of a command: causeway help COMMAND",
  description: "Prints the list of commands, or, with the name of one behind it, its flags.",
  flags: [],
  run: async (_, terminal) => printHelp([], terminal),
};

const HELP_LIST: readonly Command[] = [...COMMANDS, helpCommand];

/** The command that the first words name: two words, or else one. */
function findCommand(words: readonly string[]): Command {
  const [name = "", second] = words;
  const names = HELP_LIST.map((each) => each.name);
  for (const wanted of [`${name} ${second}`, name]) {
    const command = HELP_LIST.find((each) => each.name === wanted);
    if (command !== undefined) return command;
  }
  const longer = names.filter((each) => each.startsWith(`${name} `));
  if (longer.length > 0) throw new UsageError(`"${name}" is not whole: ${longer.join(", ")}`);
  const nearest = pickNearest(name, names);
  const hint = nearest === null ? `there are ${names.join(", ")}` : `did you mean "${nearest}"?`;
  throw new UsageError(`unknown command "${name}"; ${hint}`);
}
