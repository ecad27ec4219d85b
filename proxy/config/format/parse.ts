import { OP_LITERAL } from "../../../api/engine/format-image.ts";
import { COMMANDS, UNSUPPORTED_COMMANDS } from "./commands.ts";
import type { FormatSetting } from "./format-setting.ts";
import type { Operation } from "./operation.ts";

/** One command: name, parameters in brackets, length. Envoy's grammar. */
const COMMAND = /^%([A-Z0-9_]+)(?:\((.*?)\))?(?::([0-9]+))?%/;
const LENGTH_MAX = 2n ** 64n;

/** A format string in pieces, or what is wrong with it, in Envoy's words where Envoy has some. */
export type ParsedFormat =
  | { readonly operations: readonly Operation[] }
  | { readonly problem: string };

/**
 * Takes a format string apart. Text between commands becomes literals; `%%` is a percent sign.
 *
 * @param context Where constants such as the hostname come from.
 */
export function parseFormat(text: string, context: FormatSetting): ParsedFormat {
  const operations: Operation[] = [];
  let literal = "";
  let at = 0;
  while (at < text.length) {
    if (text[at] !== "%" || text[at + 1] === "%") {
      literal += text[at];
      at += text[at] === "%" ? 2 : 1;
      continue;
    }
    const match = COMMAND.exec(text.slice(at));
    if (match === null || BigInt(match[3] ?? 0) >= LENGTH_MAX) return notFound(text, at);
    const built = buildCommand(match[1], match[2] ?? "", match[3], context);
    if (typeof built === "string") return { problem: built };
    if (literal !== "") operations.push({ code: OP_LITERAL, text: literal });
    literal = "";
    operations.push(built);
    at += match[0].length;
  }
  if (literal !== "") operations.push({ code: OP_LITERAL, text: literal });
  return { operations };
}

function notFound(text: string, at: number): ParsedFormat {
  const position = new TextEncoder().encode(text.slice(0, at)).length;
  const where = `Couldn't find valid command at position ${position}`;
  return { problem: `Incorrect configuration: ${text}. ${where}` };
}

/** The operation of one command, or what is wrong with the command. */
function buildCommand(
  name: string,
  parameters: string,
  length: string | undefined,
  context: FormatSetting,
): Operation | string {
  if (UNSUPPORTED_COMMANDS.has(name)) return `%${name}% is not implemented`;
  const command = COMMANDS.get(name);
  if (command === undefined) return `Not supported field in StreamInfo: ${name}`;
  const hasLength = length !== undefined;
  if (command.takes === "nothing" && (parameters !== "" || hasLength)) {
    return `${name} does not take any parameters or length`;
  }
  if (command.takes === "required" && parameters === "") return `${name} requires parameters`;
  if (!command.takesLength && hasLength) return `${name} does not allow length to be specified.`;
  const built = command.build(parameters, context);
  if (typeof built === "string" || !hasLength) return built;
  return { ...built, limit: Math.min(Number(length), 0x7fff_ffff) };
}
