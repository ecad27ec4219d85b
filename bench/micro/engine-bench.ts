import { readFileSync } from "node:fs";
import { Engine } from "../../proxy/engine/engine.ts";
import type { MicroBench } from "./micro-bench.ts";

const MODULE_URL = new URL("../../build/filters.wasm", import.meta.url);

/** The floor under everything the engine does: a call into it, and memory from its slabs. */
export const ENGINE_BENCHES: readonly MicroBench[] = [
  {
    name: "filters/memory/slab bytesInUse: a call into Wasm that does nothing",
    prepare() {
      const { calls } = openEngine();
      return (count) => {
        for (let turn = 0; turn < count; turn += 1) calls.bytesInUse();
      };
    },
  },
  {
    name: "filters/memory/slab allocate, release: 600 bytes, two calls",
    prepare() {
      const { calls } = openEngine();
      return (count) => {
        for (let turn = 0; turn < count; turn += 1) calls.release(calls.allocate(600));
      };
    },
  },
];

function openEngine(): Engine {
  return new Engine(new WebAssembly.Module(readFileSync(MODULE_URL)));
}
