// Brings a fresh clone to the point where it can run: dependencies, protobuf types, WebAssembly.
// Runs before `npm start` and `npm test` on any Node from 20 on, so it uses nothing newer, and does
// nothing when everything is up to date. `--force` builds again.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const force = process.argv.includes("--force");
const node = join(root, "node_modules/node/bin/node");

install();
step(
  "protobuf types",
  ["api/proto", "scripts/generate-protos.mjs", "package-lock.json"],
  "api/gen",
  () => run(node, ["scripts/generate-protos.mjs"]),
);
step(
  "WebAssembly",
  ["filters", "api/engine", "asconfig.json", "package-lock.json"],
  "build/filters.wasm",
  () =>
    run(node, [
      "node_modules/assemblyscript/bin/asc.js",
      "filters/index.ts",
      "--target",
      "release",
    ]),
);

/** Installs dependencies when the lock file is newer than what is installed. */
function install() {
  const installed = join(root, "node_modules/.package-lock.json");
  const isCurrent =
    existsSync(node) &&
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs;
  if (isCurrent) return;
  say("installing dependencies");
  // On Windows npm is a script; elsewhere the program of that name is enough.
  run(process.platform === "win32" ? "npm.cmd" : "npm", ["ci", "--no-audit", "--no-fund"]);
  touch(installed);
}

/** Runs `make` unless `output` was made from the present content of `inputs`. */
function step(name, inputs, output, make) {
  if (!inputs.slice(0, 2).every((input) => existsSync(join(root, input)))) return;
  const stamp = join(root, "build", `.${name.replaceAll(" ", "-")}.stamp`);
  const digest = digestOf(inputs);
  const isCurrent =
    existsSync(join(root, output)) && existsSync(stamp) && readFileSync(stamp, "utf8") === digest;
  if (isCurrent && !force) return;
  say(`building ${name}`);
  mkdirSync(join(root, "build"), { recursive: true });
  make();
  writeFileSync(stamp, digest);
}

/** SHA-256 over the names and contents of files and folders. */
function digestOf(paths) {
  const hash = createHash("sha256");
  const visit = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) visit(join(path, name));
      return;
    }
    hash.update(path.slice(root.length)).update("\0").update(readFileSync(path)).update("\0");
  };
  for (const path of paths) visit(join(root, path));
  return hash.digest("hex");
}

function run(command, args) {
  execFileSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] });
}

function touch(path) {
  if (existsSync(path)) writeFileSync(path, readFileSync(path));
}

function say(text) {
  process.stderr.write(`causeway: ${text} …\n`);
}
