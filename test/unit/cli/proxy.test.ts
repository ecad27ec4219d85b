import assert from "node:assert/strict";
import { runCommandLine } from "../../../cli/dispatch.ts";
import { openCapturedTerminal } from "./capture.ts";

/** Command lines that end before the data plane is asked. */
const rows: readonly { name: string; args: string[]; code: number; err: string }[] = [
  {
    name: "no configuration at all",
    args: [],
    code: 2,
    err:
      "causeway: give the configuration with --config-path FILE or --config-yaml YAML\n" +
      "The flags: causeway proxy --help\n",
  },
  {
    name: "an empty text is no configuration, as in Envoy",
    args: ["--config-yaml", ""],
    code: 2,
    err:
      "causeway: give the configuration with --config-path FILE or --config-yaml YAML\n" +
      "The flags: causeway proxy --help\n",
  },
  {
    name: "a file that is not there is the machine's fault, not the command line's",
    args: ["-c", "/nowhere/envoy.yaml"],
    code: 1,
    err: "causeway: cannot read /nowhere/envoy.yaml: ENOENT: no such file or directory\n",
  },
  {
    name: "Envoy's init_only mode is refused",
    args: ["--mode", "init_only", "-c", "envoy.yaml"],
    code: 2,
    err:
      'causeway: --mode must be one of serve, validate, not "init_only"\n' +
      "The flags: causeway proxy --help\n",
  },
];

describe("proxy command", () => {
  for (const { name, args, code, err } of rows) {
    it(`causeway proxy: ${name}`, async () => {
      const terminal = openCapturedTerminal();
      assert.equal(await runCommandLine(["proxy", ...args], terminal), code);
      assert.deepEqual(terminal.written, { out: "", err });
    });
  }
});
