import { readFileSync } from "node:fs";
import { MeshError } from "../api/errors.ts";
import type { Bootstrap } from "../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import type { ConfigText } from "../proxy/config/bootstrap.ts";
import { UsageError } from "./line/command-error.ts";

/** Configuration as it was given on the command line. */
export interface ConfigSource {
  /** What error messages call it: the file, the flag, or both. */
  readonly name: string;
  /** YAML or JSON; or, when two texts were merged, the message, which is checked already. */
  readonly config: Bootstrap | string;
}

/**
 * Reads the configuration that `--config-path` and `--config-yaml` give; at least one of them. Both
 * together are merged as protobuf merges messages.
 *
 * @throws MeshError `CONFIG_UNREADABLE` when the file cannot be read, `CONFIG_INVALID` when one of
 * two texts to merge is not a configuration.
 * @throws UsageError for Envoy's other kinds of file, binary and text protobuf.
 */
export async function readConfig(
  path: string | undefined,
  yaml: string | undefined,
): Promise<ConfigSource> {
  if (path === undefined) return { name: "--config-yaml", config: yaml ?? "" };
  if (/\.(pb|pb_text)$/.test(path)) {
    throw new UsageError(`${path}: configuration must be YAML or JSON`);
  }
  const text = readFile(path);
  if (yaml === undefined) return { name: path, config: text };
  return merge({ name: path, text }, { name: "--config-yaml", text: yaml });
}

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/, \w+( '.*')?$/, "") : error;
    throw new MeshError("CONFIG_UNREADABLE", `cannot read ${path}: ${reason}`, { path }, error);
  }
}

/** Loads the parser only here: a single text goes to the proxy as it is. */
async function merge(under: ConfigText, over: ConfigText): Promise<ConfigSource> {
  const { mergeBootstrap } = await import("../proxy/config/bootstrap.ts");
  return { name: `${under.name} with ${over.name}`, config: mergeBootstrap([under, over]) };
}
