import assert from "node:assert/strict";
import { mergeConfig } from "../../../../cli/config/merge.ts";

const rows: readonly { name: string; under: string; over: string; want: unknown }[] = [
  {
    name: "a single value is replaced",
    under: "node: {id: a, cluster: c}",
    over: "node: {id: b}",
    want: { node: { id: "b", cluster: "c" } },
  },
  {
    name: "a list grows",
    under: "static_resources: {clusters: [{name: a}]}",
    over: "static_resources: {clusters: [{name: b}]}",
    want: { static_resources: { clusters: [{ name: "a" }, { name: "b" }] } },
  },
  {
    name: "a new field is added",
    under: "node: {id: a}",
    over: "admin: {}",
    want: { node: { id: "a" }, admin: {} },
  },
  {
    name: "both spellings are one field",
    under: "static_resources: {clusters: [{connect_timeout: 1s}]}",
    over: "staticResources: {listeners: []}",
    want: { static_resources: { clusters: [{ connect_timeout: "1s" }], listeners: [] } },
  },
  {
    name: "an Any is replaced whole",
    under: 'c: {"@type": t/A, x: 1}',
    over: 'c: {"@type": t/B, y: 2}',
    want: { c: { "@type": "t/B", y: 2 } },
  },
  {
    name: "null replaces nothing",
    under: "node: {id: a}",
    over: "node:",
    want: { node: { id: "a" } },
  },
  { name: "JSON over YAML", under: "a: 1", over: '{"a": 2}', want: { a: 2 } },
  { name: "an empty file", under: "", over: "a: 1", want: { a: 1 } },
  { name: "an empty overlay", under: "a: 1", over: "# nothing", want: { a: 1 } },
];

describe("merge config", () => {
  for (const { name, under, over, want } of rows) {
    it(`mergeConfig: ${name}`, () => {
      const text = mergeConfig({ name: "file", text: under }, { name: "flag", text: over });
      assert.deepEqual(JSON.parse(text), want);
    });
  }

  it("mergeConfig: text that is not YAML is refused with its name", () => {
    const merge = () => mergeConfig({ name: "a.yaml", text: "a: [" }, { name: "flag", text: "" });
    assert.throws(merge, { name: "MeshError", code: "CONFIG_INVALID", message: /^a\.yaml: / });
  });

  it("mergeConfig: a list is no configuration", () => {
    const merge = () => mergeConfig({ name: "a", text: "" }, { name: "flag", text: "[1]" });
    assert.throws(merge, { code: "CONFIG_INVALID", message: /^flag: must be a mapping/ });
  });
});
