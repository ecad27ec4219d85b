import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { assertGolden } from "./golden.ts";

describe("golden files", () => {
  const path = mkdtempSync(join(tmpdir(), "causeway-golden-"));
  const folder = pathToFileURL(`${path}/`);
  const known = process.env.UPDATE_GOLDEN;
  beforeEach(() => {
    delete process.env.UPDATE_GOLDEN;
    writeFileSync(join(path, "a.txt"), "a\n");
  });
  after(() => {
    if (known !== undefined) process.env.UPDATE_GOLDEN = known;
    rmSync(path, { recursive: true });
  });

  it("assertGolden: the text of the file passes, another does not", () => {
    assertGolden("a.txt", "a\n", folder);
    assert.throws(() => assertGolden("a.txt", "b\n", folder), { code: "ERR_ASSERTION" });
  });

  it("assertGolden: a file that is absent fails", () => {
    assert.throws(() => assertGolden("b.txt", "", folder), { code: "ENOENT" });
  });

  it("assertGolden: UPDATE_GOLDEN writes the file, and its folder", () => {
    process.env.UPDATE_GOLDEN = "1";
    assertGolden("new/a.txt", "b\n", folder);
    assert.equal(readFileSync(join(path, "new/a.txt"), "utf8"), "b\n");
  });
});
