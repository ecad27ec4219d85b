import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = new URL("../golden/", import.meta.url);

/**
 * Asserts that a text is the one in a file of `test/golden`. With `UPDATE_GOLDEN=1` it writes the
 * file instead, and the diff of the commit shows what changed.
 *
 * @param name Path within the folder.
 * @param folder Another folder, for the test of this function.
 */
export function assertGolden(name: string, text: string, folder = FOLDER): void {
  const path = fileURLToPath(new URL(name, folder));
  if ((process.env.UPDATE_GOLDEN ?? "") !== "") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  assert.equal(text, readFileSync(path, "utf8"), `${name}: UPDATE_GOLDEN=1 takes the new text`);
}
