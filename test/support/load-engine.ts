import { readFileSync } from "node:fs";
import { Engine } from "../../proxy/engine/engine.ts";

let module: WebAssembly.Module | null = null;

/** A fresh engine from the built module. */
export function loadEngine(): Engine {
  module ??= new WebAssembly.Module(
    readFileSync(new URL("../../build/filters.wasm", import.meta.url)),
  );
  return new Engine(module);
}
