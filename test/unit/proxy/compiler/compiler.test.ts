import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { MeshError } from "../../../../api/errors.ts";
import type { CompileRequest } from "../../../../proxy/compiler/compile-request.ts";
import { Compiler } from "../../../../proxy/compiler/compiler.ts";

function work(config: string): Omit<CompileRequest, "id"> {
  return { config, name: "test.yaml", version: 7, logSinks: [] };
}

/** The id of the process that compiles now. */
function runningProcess(compiler: Compiler): number {
  assert.ok(compiler.processId !== null);
  return compiler.processId;
}

/** Resolves when a process is gone; mocha's timeout is the limit. */
async function untilGone(id: number): Promise<void> {
  for (;;) {
    try {
      process.kill(id, 0);
    } catch {
      return;
    }
    await wait(5);
  }
}

describe("compiler", () => {
  it("Compiler: what is compiled comes back whole, bytes and maps included", async () => {
    const compiler = new Compiler(0);
    const { snapshot, bootstrap, runtime } = await compiler.compile(
      work("layered_runtime: {layers: [{name: a, static_layer: {x: 1}}]}"),
    );
    assert.equal(snapshot.version, 7);
    assert.ok(snapshot.image instanceof Uint8Array && bootstrap instanceof Uint8Array);
    assert.deepEqual(runtime, { layers: ["a"], entries: new Map([["x", ["1"]]]) });
  });

  it("Compiler: a refusal crosses the process as the error that it was", async () => {
    await assert.rejects(new Compiler(0).compile(work("nothing: 1")), (error) => {
      assert.ok(error instanceof MeshError);
      assert.equal(error.code, "CONFIG_INVALID");
      assert.match(error.message, /^test\.yaml: .*nothing/);
      assert.ok(Array.isArray(error.detail.problems));
      return true;
    });
  });

  it("Compiler: one process answers several, each its own", async () => {
    const compiler = new Compiler(0);
    const good = compiler.compile(work("node: {id: one}"));
    const bad = compiler.compile(work("node: {id: }}"));
    const other = compiler.compile(work("node: {id: two}"));
    const id = compiler.processId;
    await assert.rejects(bad, { code: "CONFIG_INVALID" });
    assert.equal((await good).node?.id, "one");
    assert.equal((await other).node?.id, "two");
    assert.equal(compiler.processId, id);
  });

  it("Compiler: the process ends when it is idle, and another takes its place", async () => {
    const compiler = new Compiler(0);
    await compiler.compile(work(""));
    const id = runningProcess(compiler);
    await untilGone(id);
    assert.equal(compiler.processId, null);
    assert.equal((await compiler.compile(work("node: {id: two}"))).node?.id, "two");
  });

  it("Compiler: work that comes while the old process ends goes to a new one", async () => {
    const compiler = new Compiler(0);
    await compiler.compile(work(""));
    const id = runningProcess(compiler);
    while (compiler.processId !== null) await wait(1);
    const next = compiler.compile(work("node: {id: two}"));
    assert.notEqual(compiler.processId, id);
    await untilGone(id);
    assert.equal((await next).node?.id, "two");
  });

  it("Compiler: a process that dies fails its work, and the next one works", async () => {
    const compiler = new Compiler(0);
    const failed = compiler.compile(work(""));
    process.kill(runningProcess(compiler), "SIGKILL");
    await assert.rejects(failed, /^Error: the configuration compiler ended with code null$/);
    assert.equal((await compiler.compile(work("node: {id: two}"))).node?.id, "two");
  });
});
