import type { FormatSetting } from "./format-setting.ts";
import type { Operation } from "./operation.ts";

/** What Envoy says a command may be written with, and what it compiles to. */
export interface Command {
  /** Whether it takes parameters in brackets. */
  readonly takes: "nothing" | "optional" | "required";
  /** Whether a length may follow. */
  readonly takesLength: boolean;
  /** The operation, or what is wrong with the parameters. */
  build(parameters: string, context: FormatSetting): Operation | string;
}

/** A command without parameters. */
export function plain(code: number, argument = 0): Command {
  return { takes: "nothing", takesLength: false, build: () => ({ code, argument }) };
}

/** A command with parameters. */
export function withParameters(
  takes: "optional" | "required",
  takesLength: boolean,
  build: Command["build"],
): Command {
  return { takes, takesLength, build };
}
