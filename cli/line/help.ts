import type { Command } from "./command.ts";
import { type Flag, HELP_FLAG, type Operand } from "./flags.ts";

/** Width that the help is wrapped to. */
const COLUMNS = 88;

/** The help of one command: what it does, then every flag with its default. */
export function formatCommandHelp(command: Command): string {
  const flags = [...command.flags, HELP_FLAG].map(formatFlag).join("\n");
  const description = command.description.split("\n\n").map((text) => wrap(text, 0));
  const { operands = [] } = command;
  const usage = ["causeway", command.name, ...operands.map(({ name }) => name), "[flags]"];
  return `Usage: ${usage.join(" ")}

${description.join("\n\n")}

A value may follow its flag as the next word or behind "=".

${operands.map(formatOperand).join("")}${flags}`;
}

/** The help of `causeway` itself: the commands. */
export function formatOverview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: causeway [command] [flags]

${lines.join("\n")}

Without a command: quickstart. The flags of each: causeway COMMAND --help

Exit codes: 0 done; 1 it failed, or the configuration is wrong; 2 the command line is wrong.
`;
}

function formatOperand({ name, help }: Operand): string {
  return `  ${name}\n${wrap(help, 6)}\n\n`;
}

function formatFlag(flag: Flag): string {
  const value = flag.kind === "switch" ? "" : ` ${placeholder(flag)}`;
  const short = flag.short === undefined ? "" : `-${flag.short}${value}, `;
  const words = Array.isArray(flag.kind) ? ` One of ${flag.kind.join(", ")}.` : "";
  const fallback = flag.default === undefined ? "" : ` Default: ${flag.default}.`;
  return `  ${short}--${flag.long}${value}\n${wrap(flag.help + words + fallback, 6)}\n`;
}

function placeholder(flag: Flag): string {
  if (flag.placeholder !== undefined) return flag.placeholder;
  return flag.kind === "uint32" || flag.kind === "port" ? "N" : "WORD";
}

/** Breaks a paragraph into lines, each indented. */
function wrap(text: string, indent: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && indent + line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((each) => " ".repeat(indent) + each).join("\n");
}
