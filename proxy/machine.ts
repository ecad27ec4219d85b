import { readFileSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { MeshError } from "../api/errors.ts";
import type { Bootstrap } from "../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import type { CompileSetting } from "./config/compile/compile-setting.ts";
import type { FieldPath } from "./config/field-path.ts";
import type { LogSinkModel } from "./config/model.ts";
import { readRuntime } from "./config/runtime.ts";
import { platformOf } from "./socket/platform.ts";

/** Files that the configuration names may be this large, in bytes. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;

/** What compiling needs to know of this machine. */
export function readMachine(
  bootstrap: Bootstrap,
  logSinks: readonly LogSinkModel[],
): CompileSetting {
  const runtime = readRuntime(bootstrap);
  return {
    hostname: hostname(),
    localAddress: firstAddress(),
    environment: (name) => process.env[name],
    fileContent: (filename, path) => readFile(filename, path),
    runtimeFraction: (key) => runtime.fraction(key),
    runtimeInteger: (key) => runtime.integer(key),
    runtimeFlag: (key) => runtime.flag(key),
    sharesPorts: platformOf(process.platform).sharesPorts,
    logSinks,
  };
}

/** The first IPv4 address that is not loopback, or `127.0.0.1`, as Envoy's local address is. */
function firstAddress(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const each of addresses ?? []) {
      if (each.family === "IPv4" && !each.internal) return each.address;
    }
  }
  return "127.0.0.1";
}

function readFile(filename: string, path: FieldPath): Uint8Array {
  try {
    const bytes = readFileSync(filename);
    if (bytes.length <= FILE_BYTES_MAX) return bytes;
  } catch (error) {
    const message = `${path}: cannot read ${filename}`;
    throw new MeshError("CONFIG_INVALID", message, { path: path.toString(), filename }, error);
  }
  const message = `${path}: ${filename} is larger than ${FILE_BYTES_MAX} bytes`;
  throw new MeshError("CONFIG_INVALID", message, { path: path.toString(), filename });
}
