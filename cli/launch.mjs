#!/usr/bin/env node
// What `causeway` starts: runs `cli/main` in this Node when it is new enough, and otherwise in the
// one that the npm package `node` has brought. Nothing here is newer than Node 18.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module, { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_MAJOR_MIN = 24;

/** A clone has the sources beside this file; an installed package has JavaScript in dist/. */
const source = new URL("./main.ts", import.meta.url);
const main = existsSync(source) ? source : new URL("../dist/cli/main.js", import.meta.url);

// The sources are TypeScript: what Node makes of them is kept, so that only the first start works
// at it, and no later one loads the compiler, which takes 20 MB.
if (main === source && module.enableCompileCache !== undefined) {
  const folder = fileURLToPath(new URL("../build/compile-cache", import.meta.url));
  process.env.NODE_COMPILE_CACHE ??= folder;
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
}

if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR_MIN) {
  await import(main.href);
} else {
  runInBundledNode();
}

function runInBundledNode() {
  const child = spawn(findNode(), [fileURLToPath(main), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  // A signal sent to this process is meant for the program. Ctrl-C reaches both, so the child may
  // see it twice; it takes two within a moment for one.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"]) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("error", (error) => fail(error.message));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** The program of the package `node`; it lies there once that package's install script has run. */
function findNode() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve("node/package.json"));
    const path = join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
    if (existsSync(path)) return path;
  } catch {
    // The package was left out when this one was installed: the same as not there.
  }
  return fail(
    `Node ${NODE_MAJOR_MIN} or newer is needed, and this is ${process.versions.node}. The npm ` +
      "package `node` brings one if npm may run its install script: " +
      "npm install-scripts approve node",
  );
}

function fail(message) {
  process.stderr.write(`causeway: ${message}\n`);
  process.exit(1);
}
