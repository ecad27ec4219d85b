import assert from "node:assert/strict";
import { COMMANDS, runCommandLine } from "../../../cli/dispatch.ts";
import { openCapturedTerminal } from "./capture.ts";

/** Runs a command line that ends by itself. */
async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const terminal = openCapturedTerminal();
  const code = await runCommandLine(args, terminal);
  return { code, ...terminal.written };
}

describe("dispatch", () => {
  it("runCommandLine: help lists every command and the exit codes", async () => {
    const { code, out } = await run("help");
    assert.equal(code, 0);
    for (const { name, summary } of COMMANDS)
      assert.ok(out.includes(`${name}`) && out.includes(summary));
    assert.match(out, /Exit codes: 0 .* 1 .* 2 /);
    assert.equal((await run("--help")).out, out);
    assert.equal((await run("-h")).out, out);
  });

  for (const command of COMMANDS) {
    it(`runCommandLine: help ${command.name} is what ${command.name} --help prints`, async () => {
      const { code, out } = await run("help", ...command.name.split(" "));
      assert.equal(code, 0);
      assert.equal((await run(...command.name.split(" "), "--help")).out, out);
    });
  }

  it("runCommandLine: version and --version print name, version and Node", async () => {
    const { code, out } = await run("version");
    assert.equal(code, 0);
    assert.match(out, /^causeway \d+\.\d+\.\d+ \(Node \d+\.\d+\.\d+, V8 [\d.]+.*\)\n$/);
    assert.equal((await run("--version")).out, out);
    assert.equal((await run("proxy", "--version")).out, out);
  });

  it("runCommandLine: an unknown command names the nearest one, with code 2", async () => {
    const { code, err } = await run("prxy");
    assert.equal(code, 2);
    assert.equal(err, 'causeway: unknown command "prxy"; did you mean "proxy"?\n');
  });

  it("runCommandLine: an unknown command that is near to none gets the list", async () => {
    const { code, err } = await run("envoy");
    assert.equal(code, 2);
    assert.match(
      err,
      /^causeway: unknown command "envoy"; there are quickstart, proxy, config image, version, /,
    );
  });

  it("runCommandLine: an unknown flag points at the help of its command, with code 2", async () => {
    const { code, err } = await run("proxy", "--concurency", "2");
    assert.equal(code, 2);
    assert.equal(
      err,
      "causeway: unknown flag --concurency; did you mean --concurrency?\n" +
        "The flags: causeway proxy --help\n",
    );
  });

  it("runCommandLine: flags without a command are the quickstart's", async () => {
    const { code, err } = await run("--listen-prt", "0");
    assert.equal(code, 2);
    assert.match(err, /did you mean --listen-port\?\nThe flags: causeway quickstart --help\n$/);
  });
});
