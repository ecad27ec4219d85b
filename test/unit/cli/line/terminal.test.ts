import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

const SOURCE = new URL("../../../../cli/line/terminal.ts", import.meta.url).href;

const PROGRAM = `
  import { openTerminal } from "${SOURCE}";
  const terminal = openTerminal();
  terminal.out(terminal.style("bold", "out"));
  terminal.err("err");
`;

function run(environment: Record<string, string>) {
  const { FORCE_COLOR, NO_COLOR, ...rest } = process.env;
  const args = ["--input-type=module", "--eval", PROGRAM];
  return spawnSync(process.execPath, args, { encoding: "utf8", env: { ...rest, ...environment } });
}

describe("terminal", () => {
  it("openTerminal: out and err go their own ways, and a pipe gets no colour", () => {
    const { stdout, stderr } = run({});
    assert.equal(stdout, "out");
    assert.equal(stderr, "err");
  });

  it("openTerminal: what asks for colour gets it", () => {
    assert.equal(run({ FORCE_COLOR: "1" }).stdout, "\u001b[1mout\u001b[22m");
  });

  it("openTerminal: NO_COLOR means none", () => {
    assert.equal(run({ NO_COLOR: "1" }).stdout, "out");
  });
});
