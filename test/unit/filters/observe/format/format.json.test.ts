import { equal } from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import { before, suite, test } from "mocha";
import { formatJson, NOW_MS, STREAM, WALL_OFFSET_MS } from "./format-cases.ts";
import { FormatEngine } from "./format-engine.ts";

const NONE = "%REQ(X-NONE)%";

/** What Envoy 1.40 writes of each, but for the stream. */
const WHOLE: readonly (readonly [string, JsonObject, string])[] = [
  ["nothing is an empty object", {}, "{}"],
  [
    "members are in the order of their names' bytes",
    { b: "1", B: "2", "a.1": "3", a: "4", _: "6", "": "7", "10": "8", "9": "9", é: "5" },
    '{"":"7","10":"8","9":"9","B":"2","_":"6","a":"4","a.1":"3","b":"1","\xc3\xa9":"5"}',
  ],
  [
    "a command alone keeps its type",
    { a: "%RESPONSE_CODE%", b: "%PROTOCOL%", c: NONE, d: "%UPSTREAM_LOCAL_PORT%" },
    '{"a":200,"b":"HTTP/1.1","c":null,"d":40000}',
  ],
  [
    "a command among text is text",
    { a: "%RESPONSE_CODE% ", b: `${NONE}x${NONE}`, c: "100%%" },
    '{"a":"200 ","b":"-x-","c":"100%"}',
  ],
  [
    "a flag that is not there is a dash, and so is a variable",
    { a: "%RESPONSE_FLAGS%", b: "%ENVIRONMENT(NONE)%" },
    '{"a":"-","b":"-"}',
  ],
  ["an empty text is empty", { a: "", b: "%REQ(x-empty)%" }, '{"a":"","b":""}'],
  [
    "lists and objects nest, and constants keep their type",
    { l: ["a", NONE, 1, ["%RESPONSE_CODE%", true], { q: NONE }], o: {}, p: [], z: null },
    '{"l":["a",null,1,[200,true],{"q":null}],"o":{},"p":[],"z":null}',
  ],
  [
    "names and constants are escaped",
    { 'k"\\': 'a"\\\u0001\u001f\b\f\n\r\t/é' },
    '{"k\\"\\\\":"a\\"\\\\\\u0001\\u001f\\b\\f\\n\\r\\t/\xc3\xa9"}',
  ],
];

const OMITTED: readonly (readonly [string, JsonObject, string])[] = [
  ["what is not there goes with its name", { a: NONE, b: "%RESPONSE_CODE%", c: NONE }, '{"b":200}'],
  ["all may go", { a: NONE }, "{}"],
  ["an object without members goes", { a: { b: { c: NONE } }, d: {}, e: "x" }, '{"e":"x"}'],
  [
    "a list stays and its elements go",
    { a: [NONE, "x", { q: NONE }, null], b: [[NONE]], c: [] },
    '{"a":["x"],"b":[[]],"c":[]}',
  ],
  ["a text of several parts stays", { a: `${NONE}${NONE}`, b: "" }, '{"a":"","b":""}'],
  [
    "an object with members stays",
    { a: { b: NONE, c: "%RESPONSE_CODE%" }, d: "x" },
    '{"a":{"c":200},"d":"x"}',
  ],
];

/** Values of a header, as Latin-1, and what becomes of them. */
const ESCAPED: readonly (readonly [string, string, string])[] = [
  ["plain text stays", "a/b <c>&'~", "a/b <c>&'~"],
  ["quotes and backslashes are escaped", 'q"\\z', 'q\\"\\\\z'],
  ["a quote behind sixteen bytes is found", `${"x".repeat(20)}"`, `${"x".repeat(20)}\\"`],
  ["a quote within sixteen bytes is found", `"${"x".repeat(20)}`, `\\"${"x".repeat(20)}`],
  ["a tab is escaped", "a\tb", "a\\tb"],
  ["UTF-8 stays", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"],
  [
    "what is no UTF-8 is taken as Latin-1",
    'a"b\\c\td\xe9/<>&',
    "a\\u0022b\\u005cc\\u0009d\\u00e9/<>&",
  ],
  ["a UTF-8 sequence that breaks off is no UTF-8", "\xc3", "\\u00c3"],
  ["an overlong sequence is no UTF-8", "\xc0\xaf", "\\u00c0\\u00af"],
  ["a surrogate is no UTF-8", "\xed\xa0\x80", "\\u00ed\\u00a0\\u0080"],
  ["more than Unicode has is no UTF-8", "\xf4\x90\x80\x80", "\\u00f4\\u0090\\u0080\\u0080"],
];

suite("JSON format", () => {
  let engine: FormatEngine;

  before(async () => {
    engine = await FormatEngine.open();
    engine.exports.clock(NOW_MS, WALL_OFFSET_MS);
  });

  for (const [fact, value, want] of WHOLE) {
    test(`runFormat: ${fact}`, () => {
      equal(formatJson(engine, value), `${want}\n`);
    });
  }

  for (const [fact, value, want] of OMITTED) {
    test(`runFormat: when empty values are omitted, ${fact}`, () => {
      equal(formatJson(engine, value, STREAM, true), `${want}\n`);
    });
  }

  test("runFormat: the port of a pipe is null alone and empty among text", () => {
    const stream = { local: "/run/proxy.sock" };
    const value = { a: "%DOWNSTREAM_LOCAL_PORT%", b: "<%DOWNSTREAM_LOCAL_PORT%>" };
    equal(formatJson(engine, value, stream), '{"a":null,"b":"<>"}\n');
    equal(formatJson(engine, value, stream, true), '{"b":"<>"}\n');
  });

  for (const [fact, value, want] of ESCAPED) {
    test(`runFormat: ${fact} in JSON`, () => {
      const stream = { requestHeadBytes: 1, request: [["x-a", value]] } as const;
      equal(formatJson(engine, { a: "%REQ(x-a)%" }, stream), `{"a":"${want}"}\n`);
      equal(formatJson(engine, { a: "<%REQ(x-a)%>" }, stream), `{"a":"<${want}>"}\n`);
    });
  }
});
