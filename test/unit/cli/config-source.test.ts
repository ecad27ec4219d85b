import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../../cli/config-source.ts";

describe("config source", () => {
  const folder = mkdtempSync(join(tmpdir(), "causeway-"));
  const path = join(folder, "a.yaml");
  before(() => writeFileSync(path, "node: {id: a}\n"));
  after(() => rmSync(folder, { recursive: true }));

  it("readConfig: a file is taken as it stands", async () => {
    assert.deepEqual(await readConfig(path, undefined), { name: path, config: "node: {id: a}\n" });
  });

  it("readConfig: text on the command line is named after its flag", async () => {
    assert.deepEqual(await readConfig(undefined, "a: 1"), {
      name: "--config-yaml",
      config: "a: 1",
    });
  });

  it("readConfig: both are merged, and the name says so", async () => {
    const { name, config } = await readConfig(path, "node: {cluster: c}");
    assert.equal(name, `${path} with --config-yaml`);
    assert.ok(typeof config !== "string");
    assert.equal(config.node?.id, "a");
    assert.equal(config.node?.cluster, "c");
  });

  it("readConfig: of two texts the one that is wrong is named", async () => {
    await assert.rejects(readConfig(path, "nothing: 1"), {
      code: "CONFIG_INVALID",
      message: /--config-yaml/,
    });
  });

  it("readConfig: a file that is absent is named", async () => {
    const absent = join(folder, "b.yaml");
    await assert.rejects(readConfig(absent, undefined), {
      code: "CONFIG_UNREADABLE",
      message: `cannot read ${absent}: ENOENT: no such file or directory`,
    });
  });

  it("readConfig: a folder is no file", async () => {
    await assert.rejects(readConfig(folder, undefined), {
      code: "CONFIG_UNREADABLE",
      message: `cannot read ${folder}: EISDIR: illegal operation on a directory`,
    });
  });

  for (const name of ["a.pb", "a.pb_text"]) {
    it(`readConfig: ${name}, which Envoy reads, is refused`, async () => {
      await assert.rejects(readConfig(name, undefined), { name: "UsageError" });
    });
  }
});
