import { isEntry, type Project, resolveImport } from "../project.ts";
import type { Finding, Rule } from "../rule.ts";
import type { Source } from "../source.ts";

const API = ["api", "api/engine"];
const MODEL = [
  ...API,
  "proxy/config",
  "proxy/observe",
  "proxy/engine",
  "proxy/timer",
  "proxy/proxy-protocol",
  "proxy/tls",
];
const CLUSTER = [...MODEL, "proxy/cluster"];
const STREAM = [...CLUSTER, "proxy/http", "proxy/tcp", "proxy/wasm"];
const PROXY = [
  ...STREAM,
  "proxy/listener",
  "proxy/worker",
  "proxy/admin",
  "proxy/ztunnel",
  "proxy",
];
const PRODUCT = [...PROXY, "control", "cli", "examples"];

/**
 * Which layers a layer may import, besides itself. The longest folder that holds a file is its
 * layer. A layer that is absent here may import anything, and nothing may import it.
 */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  "api/engine": [],
  api: API,
  filters: ["api/engine"],
  "wasm-plugins": [],
  "proxy/config": API,
  "proxy/observe": API,
  "proxy/engine": API,
  "proxy/timer": API,
  "proxy/proxy-protocol": [...API, "proxy/config"],
  "proxy/tls": [...API, "proxy/config", "proxy/observe", "proxy/engine"],
  "proxy/cluster": MODEL,
  "proxy/http": CLUSTER,
  "proxy/tcp": CLUSTER,
  "proxy/wasm": CLUSTER,
  "proxy/listener": [...API, "proxy/config", "proxy/engine", "proxy/proxy-protocol"],
  "proxy/worker": [...STREAM, "proxy/listener"],
  "proxy/admin": CLUSTER,
  "proxy/ztunnel": STREAM,
  proxy: PROXY,
  control: API,
  // The quickstart is a command, and the shop it shows is an example.
  cli: PRODUCT,
  examples: PRODUCT,
};

/** Pure code: it computes, and leaves files, sockets and clocks to its callers. */
const PURE_FOLDERS = [
  "api/engine/",
  "filters/",
  "proxy/config/compile/",
  "proxy/config/image/",
  "proxy/config/regex/",
];

/** Compiled by asc, which knows no packages. */
const GUEST_FOLDERS = ["api/engine/", "filters/"];

/** Constants that both compilers read. */
const CONSTANT_FOLDER = "api/engine/";

/** Imports point one way, pure code stays pure, and no file only hands on what others export. */
export const layers: Rule = {
  name: "layers",
  exceptions: [],
  find: (project) => [...project.sources.values()].flatMap((source) => findIn(source, project)),
};

function findIn(source: Source, project: Project): Finding[] {
  const { path } = source;
  const findings: Finding[] = [];
  for (const { specifier, line } of source.imports) {
    const advice = importAdvice(path, specifier);
    if (advice !== null) findings.push({ path, line, ...advice });
  }
  if (source.isBarrel && !isEntry(path, project)) {
    const advice = "only hands on exports; let importers name the file that declares the thing";
    findings.push({ path, line: 1, kind: "barrel", advice });
  }
  if (path.startsWith(CONSTANT_FOLDER)) {
    for (const { line, excerpt } of source.constantFaults) {
      const advice =
        `"${excerpt}" is no untyped constant; TypeScript and AssemblyScript both read this ` +
        "file: write `export const NAME = 4;`, or move it to where one of them lives";
      findings.push({ path, line, kind: "constant", advice });
    }
  }
  return findings;
}

function importAdvice(path: string, specifier: string): { kind: string; advice: string } | null {
  const target = resolveImport(path, specifier);
  if (target === null) {
    if (isIn(GUEST_FOLDERS, path)) {
      const advice = `imports "${specifier}"; code that asc compiles may import files only`;
      return { kind: "pure", advice };
    }
    if (isIn(PURE_FOLDERS, path) && specifier.startsWith("node:")) {
      const advice = `imports "${specifier}"; take what it gives as a parameter`;
      return { kind: "pure", advice };
    }
    return null;
  }
  const from = layerOf(path);
  const to = layerOf(target);
  const allowed = LAYERS[from];
  if (from === to || allowed === undefined || allowed.includes(to)) return null;
  const may = allowed.length === 0 ? "nothing else" : allowed.join(", ");
  const advice =
    `${from} imports ${to}, but may import ${may}; move the shared part down, ` +
    "or take it as a parameter and let the layer above pass it";
  return { kind: "direction", advice };
}

/** The longest folder of `path` in the table, or its top folder. */
function layerOf(path: string): string {
  const parts = path.split("/").slice(0, -1);
  for (let count = parts.length; count > 0; count -= 1) {
    const folder = parts.slice(0, count).join("/");
    if (folder in LAYERS) return folder;
  }
  return parts[0] ?? path;
}

function isIn(folders: readonly string[], path: string): boolean {
  return folders.some((folder) => path.startsWith(folder));
}
