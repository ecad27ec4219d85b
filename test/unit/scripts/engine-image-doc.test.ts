import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { HCM_BYTES } from "../../../api/engine/image.ts";
import { buildEngineImageDoc } from "../../../scripts/engine-image-doc.ts";

const page = buildEngineImageDoc();

/** The records of the page: their name, size, and the offset and size of each field. */
function readRecords() {
  const pattern = /(\d+) bytes: `(\w+)`\.\n\n\| Offset .*\n\|---.*\n((?:\|.*\n)+)/g;
  return Array.from(page.matchAll(pattern), ([, size, name, table]) => ({
    name,
    size: Number(size),
    fields: Array.from(table.matchAll(/^\| (\d+) \| (-?\d+) \| `(\w+)`/gm), (cells) => ({
      offset: Number(cells[1]),
      bytes: Number(cells[2]),
      field: cells[3],
    })),
  }));
}

describe("engine image page", () => {
  it("engine image page: the file in docs is up to date (else `npm run docs`)", () => {
    const file = new URL("../../../docs/engine-image.md", import.meta.url);
    assert.equal(readFileSync(file, "utf8"), page);
  });

  it("engine image page: every layout file has its tables", () => {
    const names = readRecords().map(({ name }) => name);
    for (const name of [
      "IMAGE_HEADER_BYTES",
      "HCM_BYTES",
      "CHAIN_BYTES",
      "ROUTE_BYTES",
      "HEADER_MATCH_BYTES",
      "OPERATION_BYTES",
    ]) {
      assert.ok(names.includes(name), name);
    }
  });

  it("engine image page: fields stand behind one another, at multiples of 4", () => {
    for (const { name, size, fields } of readRecords()) {
      // The record of a TCP proxy begins with one of a connection manager.
      let end = name === "TCP_BYTES" ? HCM_BYTES : 0;
      for (const { offset, bytes, field } of fields) {
        assert.equal(offset, end, `${field} of ${name}`);
        assert.ok(bytes >= 4 && bytes % 4 === 0, `${field} has ${bytes} bytes`);
        end = offset + bytes;
      }
      assert.equal(end, size, name);
    }
  });

  it("engine image page: records that stand in lists keep their fields at multiples of 4", () => {
    for (const { name, size } of readRecords()) assert.equal(size % 8, 0, name);
  });

  it("engine image page: values of one field differ", () => {
    const lists = page.matchAll(/^(?:Values|Bits) of .*?\. (`.*)\.$/gm);
    for (const [, list] of lists) {
      const values = Array.from(list.matchAll(/` (\S+?)(?:,|$)/g), ([, value]) => value);
      assert.equal(new Set(values).size, values.length, list);
    }
  });
});
