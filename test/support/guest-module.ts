import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SOURCE_FOLDERS = ["filters", "api/engine"];
const PAGES = 512;

/** How tests compile, which is quick; and as `asconfig.json` has it, for what is measured. */
const OPTIMIZATIONS = {
  quick: ["-O1"],
  release: ["--optimizeLevel", "3", "--shrinkLevel", "0", "--converge", "--noAssert"],
} as const;

/**
 * Compiles a small AssemblyScript module for a test and instantiates it. The module is kept in
 * `build/` under a name that changes with the sources, so that only the first run compiles.
 *
 * @param name What to call it there.
 * @param entry Its text: imports of `./filters/…` without the ending, and exports.
 */
export async function openGuest<Exports>(
  name: string,
  entry: string,
  optimization: keyof typeof OPTIMIZATIONS = "quick",
): Promise<Exports> {
  const bytes = await readModule(name, entry, OPTIMIZATIONS[optimization]);
  const module = await WebAssembly.compile(bytes);
  const imports = { env: { abort() {} } };
  const { exports } = await WebAssembly.instantiate<Exports>(module, imports);
  return exports;
}

async function readModule(
  name: string,
  entry: string,
  optimization: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> {
  const hash = createHash("sha256").update(entry).update(optimization.join(" "));
  for (const path of SOURCE_FOLDERS.flatMap(listSources)) {
    hash.update(path).update(readFileSync(join(ROOT, path)));
  }
  const path = join(ROOT, "build", `test-${name}-${hash.digest("hex").slice(0, 16)}.wasm`);
  if (!existsSync(path)) {
    mkdirSync(join(ROOT, "build"), { recursive: true });
    // Renamed into place, since another run may look for it meanwhile.
    writeFileSync(`${path}.${process.pid}`, await compile(entry, optimization));
    renameSync(`${path}.${process.pid}`, path);
  }
  return Uint8Array.from(readFileSync(path));
}

function listSources(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
  const sources = names.filter((name) => name.endsWith(".ts"));
  return sources.sort().map((name) => `${folder}/${name}`);
}

async function compile(text: string, optimization: readonly string[]): Promise<Uint8Array> {
  // It awaits at its top level, which mocha cannot require.
  const { default: asc } = await import("assemblyscript/asc");
  const entry = "module-under-test.ts";
  let binary: Uint8Array | undefined;
  const options = ["--runtime", "stub", ...optimization, "--enable", "simd"];
  options.push("--initialMemory", String(PAGES), "--maximumMemory", String(PAGES));
  const { error, stderr } = await asc.main(
    [entry, "--baseDir", ROOT, "--outFile", "test.wasm", "--config", "none", ...options],
    {
      readFile(name, baseDir) {
        if (name === entry) return text;
        const path = join(baseDir, name);
        return existsSync(path) ? readFileSync(path, "utf8") : null;
      },
      writeFile(name, contents) {
        if (name.endsWith(".wasm") && typeof contents !== "string") binary = contents;
      },
    },
  );
  if (error !== null || binary === undefined) throw new Error(`asc: ${stderr}`, { cause: error });
  return binary;
}
