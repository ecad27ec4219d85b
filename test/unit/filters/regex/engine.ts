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
import { REGEX_SCRATCH_BYTES, REGEX_SCRATCH_STEPS } from "../../../../api/engine/regex-layout.ts";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));

/** What the module under test is: the regular expressions of the engine and nothing else. */
const ENTRY = `
export { regexFullMatch } from "./filters/regex/full-match";
export { regexPartialMatch } from "./filters/regex/partial-match";
export { regexReplaceAll } from "./filters/regex/replace-all";
export function freeMemory(): usize { return __heap_base; }
`;

/** The exports of the module under test. */
interface RegexExports {
  readonly memory: WebAssembly.Memory;
  /** Address from which on the module uses no memory. */
  freeMemory(): number;
  regexFullMatch(table: number, bytes: number, length: number, scratch: number): number;
  regexPartialMatch(table: number, bytes: number, length: number, scratch: number): number;
  regexReplaceAll(
    table: number,
    bytes: number,
    length: number,
    substitution: number,
    substitutionLength: number,
    out: number,
    outMax: number,
    scratch: number,
  ): number;
}

/** `filters/regex` in memory of its own, for tests. */
export class RegexEngine {
  private readonly exports: RegexExports;
  private scratch = 0;

  private constructor(exports: RegexExports) {
    this.exports = exports;
  }

  /** Compiles `filters/regex`, unless `build/` has it already, and instantiates it. */
  static async open(): Promise<RegexEngine> {
    const module = await WebAssembly.compile(await readModule());
    const imports = { env: { abort() {} } };
    const { exports } = await WebAssembly.instantiate<RegexExports>(module, imports);
    return new RegexEngine(exports);
  }

  /** Whether the whole of `text` matches. */
  fullMatch(table: Uint8Array, text: string | Uint8Array): boolean {
    const [tableAt, textAt, length] = this.place(table, toBytes(text));
    return this.exports.regexFullMatch(tableAt, textAt, length, this.scratch) !== 0;
  }

  /** Whether a part of `text` matches. */
  partialMatch(table: Uint8Array, text: string | Uint8Array): boolean {
    const [tableAt, textAt, length] = this.place(table, toBytes(text));
    return this.exports.regexPartialMatch(tableAt, textAt, length, this.scratch) !== 0;
  }

  /** `text` with every match replaced, or the negative number that the engine returned. */
  replaceAll(
    table: Uint8Array,
    text: string | Uint8Array,
    substitution: string,
    outMax = 1 << 21,
  ): string | number {
    const bytes = toBytes(substitution);
    const [tableAt, textAt, length, substitutionAt] = this.place(table, toBytes(text), bytes);
    const out = align(substitutionAt + bytes.length);
    const { exports, scratch } = this;
    const written = exports.regexReplaceAll(
      ...([tableAt, textAt, length] as const),
      ...([substitutionAt, bytes.length, out, outMax, scratch] as const),
    );
    if (written < 0) return written;
    return Buffer.from(exports.memory.buffer, out, written).toString();
  }

  /** Edges of the program that the last call looked at. */
  get steps(): number {
    return new DataView(this.exports.memory.buffer).getUint32(
      this.scratch + REGEX_SCRATCH_STEPS,
      true,
    );
  }

  /**
   * Copies arrays into memory one behind the other, with dirty scratch memory first: a table may
   * lie anywhere, and no call may count on scratch being zero. Returns the address of the table,
   * and the address and length of the text, and the address of what follows.
   */
  private place(
    table: Uint8Array,
    text: Uint8Array,
    more: Uint8Array = new Uint8Array(),
  ): number[] {
    const memory = new Uint8Array(this.exports.memory.buffer);
    const scratchBytes = new DataView(table.buffer).getUint32(REGEX_SCRATCH_BYTES, true);
    this.scratch = align(this.exports.freeMemory());
    memory.fill(0xa5, this.scratch, this.scratch + scratchBytes);
    const tableAt = align(this.scratch + scratchBytes);
    memory.set(table, tableAt);
    const textAt = tableAt + table.length;
    memory.set(text, textAt);
    memory.set(more, textAt + text.length);
    return [tableAt, textAt, text.length, textAt + text.length];
  }
}

function toBytes(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? Buffer.from(text) : text;
}

function align(address: number): number {
  return Math.ceil(address / 8) * 8;
}

async function readModule(): Promise<Uint8Array<ArrayBuffer>> {
  const folder = join(ROOT, "filters/regex");
  const sources = readdirSync(folder).map((name) => join(folder, name));
  sources.push(join(ROOT, "api/engine/regex-layout.ts"));
  const hash = createHash("sha256").update(ENTRY);
  for (const source of sources.sort()) hash.update(readFileSync(source));
  const path = join(ROOT, "build", `test-regex-${hash.digest("hex").slice(0, 16)}.wasm`);
  if (!existsSync(path)) {
    mkdirSync(join(ROOT, "build"), { recursive: true });
    // Renamed into place, since another run may look for it meanwhile.
    writeFileSync(`${path}.${process.pid}`, await compileModule());
    renameSync(`${path}.${process.pid}`, path);
  }
  return Uint8Array.from(readFileSync(path));
}

async function compileModule(): Promise<Uint8Array> {
  // It awaits at its top level, which mocha cannot require.
  const { default: asc } = await import("assemblyscript/asc");
  const entry = "regex-under-test.ts";
  let binary: Uint8Array | undefined;
  const options = ["--runtime", "stub", "-O3", "--initialMemory", "256"];
  const { error, stderr } = await asc.main(
    [entry, "--baseDir", ROOT, "--outFile", "regex.wasm", "--config", "none", ...options],
    {
      readFile(name, baseDir) {
        if (name === entry) return ENTRY;
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
