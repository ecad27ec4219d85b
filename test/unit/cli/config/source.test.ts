import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../../../cli/config/source.ts";

describe("config source", () => {
  const folder = mkdtempSync(join(tmpdir(), "causeway-"));
  const path = join(folder, "a.yaml");
  before(() => writeFileSync(path, "node: {id: a}\n"));
  after(() => rmSync(folder, { recursive: true }));

  it("readConfig: a file is taken as it stands", () => {
    assert.deepEqual(readConfig(path, undefined), { name: path, text: "node: {id: a}\n" });
  });

  it("readConfig: text on the command line is named after its flag", () => {
    assert.deepEqual(readConfig(undefined, "a: 1"), { name: "--config-yaml", text: "a: 1" });
  });

  it("readConfig: both are merged, and the name says so", () => {
    const { name, text } = readConfig(path, "node: {cluster: c}");
    assert.equal(name, `${path} with --config-yaml`);
    assert.deepEqual(JSON.parse(text), { node: { id: "a", cluster: "c" } });
  });

  it("readConfig: a file that is absent is named", () => {
    const absent = join(folder, "b.yaml");
    assert.throws(() => readConfig(absent, undefined), {
      code: "CONFIG_UNREADABLE",
      message: `cannot read ${absent}: ENOENT: no such file or directory`,
    });
  });

  it("readConfig: a folder is no file", () => {
    assert.throws(() => readConfig(folder, undefined), {
      code: "CONFIG_UNREADABLE",
      message: `cannot read ${folder}: EISDIR: illegal operation on a directory`,
    });
  });

  for (const name of ["a.pb", "a.pb_text"]) {
    it(`readConfig: ${name}, which Envoy reads, is refused`, () => {
      assert.throws(() => readConfig(name, undefined), { name: "UsageError" });
    });
  }
});
