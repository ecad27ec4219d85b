import { writeFileSync } from "node:fs";
import { CommandError } from "./line/command-error.ts";
import { readConfig } from "./config-source.ts";
import type { Command } from "./line/command.ts";
import type { FlagValues } from "./line/flags.ts";
import type { Terminal } from "./line/terminal.ts";

/** `causeway config image`. */
export const configImageCommand: Command = {
  name: "config image",
  summary: "Print what a configuration compiles to: causeway config image FILE",
  description: `Reads a configuration as "causeway proxy" does and prints the engine image that
    workers run from: its header, how large its parts are, clusters, connection managers with their
    routes, and the scopes of statistics. docs/engine-image.md describes the format.

    Nothing is started, and no socket is opened.`,
  operands: [{ name: "FILE", help: "Envoy v3 bootstrap configuration, YAML or JSON." }],
  flags: [
    { long: "hex", kind: "switch", help: "Print the bytes in hexadecimal instead." },
    {
      long: "out",
      kind: "text",
      placeholder: "FILE",
      help: "Write the bytes to this file too.",
    },
  ],
  run: runConfigImage,
};

async function runConfigImage(flags: FlagValues, terminal: Terminal): Promise<number> {
  const { name, config } = await readConfig(flags.operand("FILE"), undefined);
  if (typeof config !== "string") throw new Error("one file is a text");
  // Envoy's API takes long to load: only this command pays for it.
  const { compileBootstrap } = await import("../proxy/compiler/compile-bootstrap.ts");
  const { describeSnapshot } = await import(
    "../proxy/config/compile/describe/describe-snapshot.ts"
  );
  const { snapshot } = compileBootstrap({ id: 0, name, config, version: 1, logSinks: [] });
  const out = flags.text("out");
  if (out !== undefined) writeImage(out, snapshot.image);
  const lines = flags.has("hex") ? formatHex(snapshot.image) : describeSnapshot(snapshot);
  terminal.out(`${lines.join("\n")}\n`);
  return 0;
}

function writeImage(path: string, image: Uint8Array): void {
  try {
    writeFileSync(path, image);
  } catch (error) {
    throw new CommandError(
      `cannot write ${path}: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** Offset, 16 bytes, and the same as text with dots for what cannot be shown. */
function formatHex(bytes: Uint8Array): string[] {
  return Array.from({ length: Math.ceil(bytes.length / 16) }, (_, row) => {
    const line = bytes.subarray(row * 16, row * 16 + 16);
    const hex = Array.from(line, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = Buffer.from(line)
      .toString("latin1")
      .replaceAll(/[^ -~]/g, ".");
    return `${(row * 16).toString(16).padStart(8, "0")}  ${hex.padEnd(47)}  ${text}`;
  });
}
