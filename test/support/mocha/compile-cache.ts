// Loaded by mocha before the tests. What Node makes of the TypeScript sources is kept, as
// `cli/launch.mjs` keeps it: the processes and threads that tests start need not make it again.
import module from "node:module";
import { fileURLToPath } from "node:url";

process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL("../../../../build/compile-cache", import.meta.url),
);
module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
