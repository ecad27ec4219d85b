import { readFileSync } from "node:fs";
import { parseBootstrap } from "../../../../proxy/config/bootstrap.ts";
import { compileSnapshot } from "../../../../proxy/config/compile/snapshot.ts";
import type { Snapshot } from "../../../../proxy/config/model.ts";
import { Engine } from "../../../../proxy/engine/engine.ts";
import { SAMPLE_SETTING } from "../config/compile/sample-setting.ts";
import { sampleBootstrap } from "../config/sample-bootstrap.ts";

let module: WebAssembly.Module | null = null;

/** An engine of its own for a test. */
export function openEngine(): Engine {
  const path = new URL("../../../../build/filters.wasm", import.meta.url);
  module ??= new WebAssembly.Module(readFileSync(path));
  return new Engine(module);
}

/** The sample as workers get it: the manager `in`, the clusters `a` and `b`. */
export function compileSampleSnapshot(): Snapshot {
  const bootstrap = parseBootstrap(JSON.stringify(sampleBootstrap()), { name: "sample.json" });
  return compileSnapshot(bootstrap, 1, SAMPLE_SETTING);
}

/** Copies an image into an engine; returns its address. */
export function loadImage(engine: Engine, { image }: Snapshot): number {
  const address = engine.calls.allocate(image.length);
  engine.bytes.set(image, address);
  return address;
}
