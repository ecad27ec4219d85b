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
/** Memory of a module in pages of 64 KiB, unless a test wants more. */
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
 * @param pages Its memory in pages of 64 KiB.
 */
export async function openGuest<Exports>(
  name: string,
  entry: string,
  optimization: keyof typeof OPTIMIZATIONS = "quick",
  pages = PAGES,
): Promise<Exports> {
  const memory = ["--initialMemory", `${pages}`, "--maximumMemory", `${pages}`];
  const bytes = await readModule(name, entry, [...OPTIMIZATIONS[optimization], ...memory]);
  const module = await WebAssembly.compile(bytes);
  const imports = { env: { abort() {} } };
  const { exports } = await WebAssembly.instantiate<Exports>(module, imports);
  return exports;
}

async function readModule(
  name: string,
  entry: string,
  options: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> {
  const hash = createHash("sha256").update(entry).update(options.join(" "));
  for (const path of SOURCE_FOLDERS.flatMap(listSources)) {
    hash.update(path).update(readFileSync(join(ROOT, path)));
  }
  const path = join(ROOT, "build", `test-${name}-${hash.digest("hex").slice(0, 16)}.wasm`);
  if (!existsSync(path)) {
    mkdirSync(join(ROOT, "build"), { recursive: true });
    // Renamed into place, since another run may look for it meanwhile.
    writeFileSync(`${path}.${process.pid}`, await compile(entry, options));
    renameSync(`${path}.${process.pid}`, path);
  }
  return Uint8Array.from(readFileSync(path));
}

function listSources(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
  const sources = names.filter((name) => name.endsWith(".ts"));
  return sources.sort().map((name) => `${folder}/${name}`);
}

async function compile(text: string, options: readonly string[]): Promise<Uint8Array> {
  // It awaits at its top level, which mocha cannot require.
  const { default: asc } = await import("assemblyscript/asc");
  const entry = "module-under-test.ts";
  let binary: Uint8Array | undefined;
  const all = ["--runtime", "stub", "--enable", "simd", ...options];
  const { error, stderr } = await asc.main(
    [entry, "--baseDir", ROOT, "--outFile", "test.wasm", "--config", "none", ...all],
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
