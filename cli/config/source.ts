import { readFileSync } from "node:fs";
import { MeshError } from "../../api/errors.ts";
import { mergeConfig } from "./merge.ts";
import { UsageError } from "../line/command-error.ts";

/** Configuration as it was given on the command line. */
export interface ConfigSource {
  /** What error messages call it: the file, or the flag. */
  readonly name: string;
  /** YAML or JSON. */
  readonly text: string;
}

/**
 * Reads the configuration that `--config-path` and `--config-yaml` give; at least one of them.
 *
 * @throws MeshError `CONFIG_UNREADABLE` when the file cannot be read.
 * @throws UsageError for Envoy's other kinds of file, binary and text protobuf.
 */
export function readConfig(path: string | undefined, yaml: string | undefined): ConfigSource {
  if (path === undefined) return { name: "--config-yaml", text: yaml ?? "" };
  if (/\.(pb|pb_text)$/.test(path)) {
    throw new UsageError(`${path}: configuration must be YAML or JSON`);
  }
  const text = readFile(path);
  if (yaml === undefined) return { name: path, text };
  // The lines of what is merged are not the file's: the name says so.
  const merged = mergeConfig({ name: path, text }, { name: "--config-yaml", text: yaml });
  return { name: `${path} with --config-yaml`, text: merged };
}

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/, \w+( '.*')?$/, "") : error;
    throw new MeshError("CONFIG_UNREADABLE", `cannot read ${path}: ${reason}`, { path }, error);
  }
}
