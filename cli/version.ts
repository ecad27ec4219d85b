import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "./line/command.ts";

/** Version of this package, from its `package.json`. */
function readVersion(): string {
  // The package's own name, so that it is found from the sources and from dist/ alike.
  const path = fileURLToPath(import.meta.resolve("causeway/package.json"));
  const { version }: { version: string } = JSON.parse(readFileSync(path, "utf8"));
  return version;
}

/** One line with the versions that a bug report needs. */
export function formatVersion(): string {
  return `causeway ${readVersion()} (Node ${process.versions.node}, V8 ${process.versions.v8})`;
}

/** `causeway version`. */
export const versionCommand: Command = {
  name: "version",
  summary: "Print the version.",
  description: "Prints the version of causeway and of the Node that runs it.",
  flags: [],
  run: async (_, terminal) => {
    terminal.out(`${formatVersion()}\n`);
    return 0;
  },
};
