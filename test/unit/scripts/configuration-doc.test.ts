import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { FIELD_AREAS } from "../../../proxy/config/fields/field-table.ts";
import { parseBootstrap } from "../../../proxy/config/bootstrap.ts";
import { buildConfigurationDoc } from "../../../scripts/configuration-doc.ts";

const page = buildConfigurationDoc();

describe("configuration page", () => {
  it("configuration page: the file in docs is up to date (else `npm run docs`)", () => {
    const file = new URL("../../../docs/configuration.md", import.meta.url);
    assert.equal(readFileSync(file, "utf8"), page);
  });

  it("configuration page: the example is a valid configuration", () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
    const { staticResources } = parseBootstrap(example, { name: "example.yaml" });
    assert.equal(staticResources?.listeners.length, 1);
  });

  it("configuration page: every field of every message is named, implemented or not", () => {
    for (const { desc } of FIELD_AREAS.flatMap(({ messages }) => messages)) {
      const section = page.split(`\`${desc.typeName}\`\n`)[1] ?? "";
      const end = section.search(/^##/m);
      const text = end < 0 ? section : section.slice(0, end);
      for (const { name } of desc.fields)
        assert.ok(text.includes(`\`${name}\``), `${desc}.${name}`);
    }
  });

  it("configuration page: every field without effect is told with its reason", () => {
    assert.match(page, /\| `use_balsa_parser`[^|]*\| harmless \| It chooses between two parsers/);
  });
});
