import type { CompileSetting } from "../../../../../proxy/config/compile/compile-setting.ts";

/** A machine with nothing on it, the same wherever the tests run. */
export const SAMPLE_SETTING: CompileSetting = {
  hostname: "machine",
  localAddress: "10.0.0.1",
  environment: () => undefined,
  fileContent: () => new TextEncoder().encode("from a file"),
  runtimeFraction: () => undefined,
  runtimeInteger: () => undefined,
  runtimeFlag: () => undefined,
  sharesPorts: true,
  logSinks: [],
};
