// Builds dist/, which is what `npm pack` ships: Node strips no types inside node_modules, so the
// TypeScript is compiled to JavaScript. What the sources find beside them is copied to the same
// place beside the JavaScript: the WebAssembly, the generated types and the examples.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

/** Folders and files that are shipped as they are. */
const COPIES = ["api/gen", "build/filters.wasm", "examples"];

rmSync(dist, { recursive: true, force: true });
const compiler = ["node_modules/typescript/bin/tsc", "-p", "tsconfig.dist.json"];
const compiled = spawnSync(join(root, "node_modules/node/bin/node"), compiler, {
  cwd: root,
  stdio: ["ignore", 2, 2],
});
// The compiler has said what is wrong.
if (compiled.status !== 0) process.exit(1);
for (const path of COPIES) copy(path);
for (const path of list(dist, ".js")) renameSources(path);

/** Copies without TypeScript sources; their JavaScript is there already. */
function copy(path) {
  const source = join(root, path);
  if (!existsSync(source)) throw new Error(`${path} is missing: run npm run build first`);
  const wanted = (name) => !name.endsWith(".ts") || name.endsWith(".d.ts");
  cpSync(source, join(dist, path), { recursive: true, filter: wanted });
}

/**
 * `new URL("./entry.ts", import.meta.url)` names a file to start a worker with. `tsc` rewrites the
 * endings of imports only.
 */
function renameSources(path) {
  const text = readFileSync(path, "utf8");
  const renamed = text.replace(
    /(new URL\(\s*"\.[^"]*)\.ts("\s*,\s*import\.meta\.url)/g,
    (_, before, after) => `${before}.js${after}`,
  );
  if (renamed !== text) writeFileSync(path, renamed);
}

function list(folder, ending) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(ending) && !name.startsWith(join("api", "gen")))
    .map((name) => join(folder, name));
}
