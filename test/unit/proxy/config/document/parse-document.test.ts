import assert from "node:assert/strict";
import type { JsonValue } from "@bufbuild/protobuf";
import { DOCUMENT_LIMITS } from "../../../../../proxy/config/document/document-limits.ts";
import { parseDocument } from "../../../../../proxy/config/document/parse-document.ts";
import { Problems } from "../../../../../proxy/config/problems.ts";

function parse(text: string, name = "a.yaml"): { value: JsonValue; reasons: string[] } {
  const problems = new Problems();
  const value = parseDocument(text, name, problems);
  return { value, reasons: problems.list.map(({ reason }) => reason) };
}

/** Plain YAML scalars, and what Envoy makes of them with yaml-cpp. */
const scalars: { text: string; want: JsonValue }[] = [
  { text: "", want: null },
  { text: "~", want: null },
  { text: "null", want: null },
  { text: "NULL", want: null },
  { text: "nULL", want: "nULL" },
  { text: "true", want: true },
  { text: "Yes", want: true },
  { text: "ON", want: true },
  { text: "y", want: true },
  { text: "tRUE", want: "tRUE" },
  { text: "no", want: false },
  { text: "Off", want: false },
  { text: "N", want: false },
  { text: "0", want: 0 },
  { text: "-0", want: 0 },
  { text: "+12", want: 12 },
  { text: "-2147483648", want: -2147483648 },
  { text: "2147483647", want: 2147483647 },
  { text: "2147483648", want: "2147483648" },
  { text: "0x7fFFffff", want: 2147483647 },
  { text: "0x80000000", want: "2147483648" },
  { text: "010", want: 8 },
  { text: "-010", want: -8 },
  { text: "09", want: "09" },
  { text: "0o10", want: "0o10" },
  { text: "9223372036854775807", want: "9223372036854775807" },
  { text: "0xffffffffffffffff", want: "0xffffffffffffffff" },
  { text: "1.5", want: "1.5" },
  { text: "1e3", want: "1e3" },
  { text: ".inf", want: ".inf" },
  { text: "0.25s", want: "0.25s" },
  { text: "2024-01-01", want: "2024-01-01" },
  { text: "'1'", want: "1" },
  { text: '"true"', want: "true" },
  { text: "! 1", want: "1" },
  { text: "!!str 1", want: "1" },
  { text: "!!int 1", want: 1 },
  { text: "|-\n  true", want: "true" },
];

/** Texts that are refused, with the whole reason. */
const refused: { name: string; text: string; want: string; file?: string }[] = [
  {
    name: "a repeated key",
    text: "a: 1\nb: 2\na: 3",
    want: 'line 3, column 1: the key "a" is repeated',
  },
  {
    name: "a key repeated in another spelling",
    text: 'a: 1\n"a": 2',
    want: 'line 2, column 1: the key "a" is repeated',
  },
  {
    name: "a second document",
    text: "a: 1\n---\nb: 2",
    want: "line 2, column 1: a second YAML document begins; there may be only one",
  },
  {
    name: "a key that is a list",
    text: "? [a]\n: 1",
    want: "line 1, column 3: a key must be a scalar",
  },
  {
    name: "an alias without anchor",
    text: "a: *b",
    want: "line 1, column 4: no anchor &b stands before this alias",
  },
  {
    name: "a tag of another type",
    text: "a: !secret x",
    want: "line 1, column 12: the tag !secret has no meaning here",
  },
  {
    name: "a merge key that names a scalar",
    text: "a: {<<: 1}",
    want: "line 1, column 5: a merge key must name a map or maps",
  },
  {
    name: "an alias to its own list",
    text: "a: &b [*b]",
    want: "nested more than 100 levels deep",
  },
  {
    name: "brackets without end",
    text: "[".repeat(20_000),
    want: "nested more than 100 levels deep",
  },
  {
    name: "a repeated name in JSON",
    text: '{"a": {"b": 1, "c": "\\"b\\":", "b": 2}}',
    want: 'line 1, column 31: the name "b" is repeated',
    file: "a.JSON",
  },
  {
    name: "a name repeated with escapes in JSON",
    text: '{"a": 1,\n "\\u0061": 2}',
    want: 'line 2, column 2: the name "\\u0061" is repeated',
    file: "a.json",
  },
];

describe("document", () => {
  for (const { text, want } of scalars) {
    it(`parseDocument: plain ${JSON.stringify(text)} is ${JSON.stringify(want)}`, () => {
      const { value, reasons } = parse(`a: ${text}`);
      assert.deepEqual(reasons, []);
      assert.deepEqual(JSON.parse(JSON.stringify(value)), { a: want });
    });
  }

  for (const { name, text, want, file } of refused) {
    it(`parseDocument: ${name} is refused`, () => {
      const { reasons } = parse(text, file);
      assert.equal(reasons.length, 1, reasons.join("\n"));
      assert.ok(reasons[0].endsWith(want), reasons[0]);
    });
  }

  it("parseDocument: keys are text, whatever they look like", () => {
    const { value } = parse("80: a\ntrue: b\n~: c");
    assert.deepEqual(Object.entries(value ?? {}), [
      ["80", "a"],
      ["true", "b"],
      ["~", "c"],
    ]);
  });

  it("parseDocument: aliases and merge keys are followed, and a map's own keys win", () => {
    const { value, reasons } = parse("a: &a {x: 1, y: [2]}\nb: {<<: *a, x: 3}\nc: [*a]");
    assert.deepEqual(reasons, []);
    const want = { a: { x: 1, y: [2] }, b: { x: 3, y: [2] }, c: [{ x: 1, y: [2] }] };
    assert.deepEqual(JSON.parse(JSON.stringify(value)), want);
  });

  it("parseDocument: of several merged maps the first wins", () => {
    const { value } = parse("a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}");
    assert.deepEqual(JSON.parse(JSON.stringify(value)).c, { x: 1, y: 2 });
  });

  it("parseDocument: __proto__ is a key like any other", () => {
    for (const { text, name } of [
      { text: "__proto__: {a: 1}", name: "a.yaml" },
      { text: '{"__proto__": {"a": 1}}', name: "a.json" },
    ]) {
      const { value } = parse(text, name);
      assert.deepEqual(Object.keys(value ?? {}), ["__proto__"]);
    }
  });

  it("parseDocument: a byte order mark is passed over", () => {
    assert.deepEqual(parse('\ufeff{"a":1}', "a.json").value, { a: 1 });
    assert.deepEqual(parse("\ufeffa: 1").reasons, []);
  });

  it("parseDocument: JSON with a comment is not JSON, yet it is YAML", () => {
    assert.match(parse('{"a": 1} # one', "a.json").reasons[0], /^not valid JSON: /);
    assert.deepEqual(parse('{"a": 1} # one').reasons, []);
  });

  it("parseDocument: a syntax error names its line and column", () => {
    assert.match(parse("a: 1\nb: [").reasons[0], /^line 2, column 5: /);
  });

  it("parseDocument: nesting is allowed up to the limit and refused above it", () => {
    const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
    const { depthMax } = DOCUMENT_LIMITS;
    for (const name of ["a.yaml", "a.json"]) {
      assert.deepEqual(parse(nested(depthMax), name).reasons, [], name);
      assert.deepEqual(parse(nested(depthMax + 2), name).reasons, [
        `nested more than ${depthMax} levels deep`,
      ]);
    }
  });

  it("parseDocument: a few lines of aliases cannot stand for billions of values", () => {
    const lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"];
    for (let level = 1; level < 10; level++) {
      lines.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(", ")}]`,
      );
    }
    assert.match(parse(lines.join("\n")).reasons[0], /^more than \d+ values/);
  });

  it("parseDocument: a text over the limit of length is not even looked at", () => {
    const { reasons } = parse(" ".repeat(DOCUMENT_LIMITS.lengthMax + 1));
    assert.match(reasons[0], /^the text has \d+ characters; the limit is \d+$/);
  });
});
