import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { formatVersion } from "../../../cli/version.ts";

const LAUNCH = fileURLToPath(new URL("../../../cli/launch.mjs", import.meta.url));

describe("launch", () => {
  it("launch: runs the command line with its arguments and hands on the exit code", () => {
    const version = spawnSync(process.execPath, [LAUNCH, "version"], { encoding: "utf8" });
    assert.equal(version.stdout, `${formatVersion()}\n`);
    assert.equal(version.status, 0);
    const wrong = spawnSync(process.execPath, [LAUNCH, "nothing"], { encoding: "utf8" });
    assert.match(wrong.stderr, /^causeway: unknown command "nothing"/);
    assert.equal(wrong.status, 2);
  });

  it("launch: a Node that is too old starts the one that the package brings", () => {
    // Tells the launcher that it runs in Node 20; the Node that it starts is told nothing.
    const preload = `data:text/javascript,${encodeURIComponent(
      'Object.defineProperty(process.versions, "node", { value: "20.0.0" });',
    )}`;
    const args = ["--import", preload, LAUNCH, "version"];
    const { stdout, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.equal(stdout, `${formatVersion()}\n`);
    assert.equal(status, 0);
  });
});
