import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { parseFiles } from "./parse.ts";
import { type Source, toSource } from "./source.ts";

/** The whole repository as the rules see it. Paths start at its root. */
export interface Project {
  /** Source files by path, generated ones left out. */
  readonly sources: ReadonlyMap<string, Source>;
  /** Texts of documents and of files that configure tools, by path. */
  readonly documents: ReadonlyMap<string, string>;
  /** Every file in the folders that hold code, sources or not. */
  readonly listing: readonly string[];
}

/** Folders whose files are held to the style. */
const CODE_FOLDERS = [
  "api",
  "bench",
  "cli",
  "control",
  "examples",
  "filters",
  "proxy",
  "scripts",
  "test",
  "wasm-plugins",
];

/** Made by tools, or put there by whoever runs them. */
const GENERATED_FOLDERS: ReadonlySet<string> = new Set(["api/gen", "bench/report", "test/corpus"]);

/** Files in which tools are told what to start with. */
const ENTRY_DOCUMENTS: ReadonlySet<string> = new Set([
  ".ci/run",
  ".mocharc.json",
  "asconfig.json",
  "package.json",
]);

const SOURCE_NAME = /\.(ts|mjs)$/;

const DOCUMENT_NAME = /\.(md|json|ya?ml)$/;

/** Reads the repository in folder `root`. */
export function readProject(root: string): Project {
  const listing = CODE_FOLDERS.flatMap((folder) => listFiles(root, folder));
  const shown = [".ci/run", ...listFiles(root, "docs"), ...listTopFiles(root)];
  const paths = [...listing, ...shown.filter((path) => existsSync(join(root, path)))];
  const isRead = (path: string) => SOURCE_NAME.test(path) || isDocument(path);
  const texts = paths
    .filter(isRead)
    .map((path): [string, string] => [path, readFileSync(join(root, path), "utf8")]);
  return { ...toProject(Object.fromEntries(texts)), listing };
}

/** Builds a project from texts by path: the sample of a test, or what `readProject` read. */
export function toProject(texts: Readonly<Record<string, string>>): Project {
  const entries = Object.entries(texts);
  const isSource = ([path]: [string, string]) => SOURCE_NAME.test(path);
  const trees = parseFiles(new Map(entries.filter(isSource)));
  const sources = new Map<string, Source>();
  for (const [path, tree] of trees) sources.set(path, toSource(path, tree));
  const documents = new Map(entries.filter(([path]) => isDocument(path)));
  return { sources, documents, listing: entries.map(([path]) => path) };
}

/**
 * The path that a relative `specifier` in file `from` names, whether or not that file exists;
 * `null` for a package or a built-in module. asc wants re-exports without an ending.
 */
export function resolveImport(from: string, specifier: string): string | null {
  if (!specifier.startsWith(".")) return null;
  const path = posix.join(posix.dirname(from), specifier);
  return posix.extname(path) === "" ? `${path}.ts` : path;
}

/**
 * Whether a tool or a person starts with the file at `path`: npm, mocha, asc or CI names it in its
 * own file, or a document says `node <path>`. The published package names what `tsc` made of it,
 * under `dist/`.
 */
export function isEntry(path: string, { documents }: Project): boolean {
  const name = path.replace(SOURCE_NAME, "");
  return [...documents].some(([document, text]) => {
    if (ENTRY_DOCUMENTS.has(document)) return text.includes(name);
    return document.endsWith(".md") && text.includes(`node ${path}`);
  });
}

function isDocument(path: string): boolean {
  return path === ".ci/run" || DOCUMENT_NAME.test(path);
}

function listTopFiles(root: string): string[] {
  const entries = readdirSync(root, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

function listFiles(root: string, folder: string): string[] {
  if (GENERATED_FOLDERS.has(folder) || !existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : listFiles(root, path);
    return [path];
  });
}
