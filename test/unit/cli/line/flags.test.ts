import assert from "node:assert/strict";
import { type Flag, parseFlags } from "../../../../cli/line/flags.ts";

const TABLE: readonly Flag[] = [
  { long: "config-path", short: "c", kind: "text", help: "A file." },
  { long: "mode", kind: ["serve", "validate"], help: "A word." },
  { long: "concurrency", kind: "uint32", help: "A number." },
  { long: "listen-port", kind: "port", help: "A port." },
  { long: "version", kind: "switch", help: "A switch." },
];

const accepted: readonly { args: string[]; want: Record<string, string> }[] = [
  { args: [], want: {} },
  { args: ["-c", "a.yaml"], want: { "config-path": "a.yaml" } },
  { args: ["-ca.yaml"], want: { "config-path": "a.yaml" } },
  { args: ["--config-path", "a.yaml"], want: { "config-path": "a.yaml" } },
  { args: ["--config-path=a.yaml"], want: { "config-path": "a.yaml" } },
  { args: ["--config-path=-"], want: { "config-path": "-" } },
  { args: ["--config-path=-a.yaml"], want: { "config-path": "-a.yaml" } },
  { args: ["--config-path=a=b"], want: { "config-path": "a=b" } },
  { args: ["--config-path="], want: { "config-path": "" } },
  { args: ["--mode", "validate", "-c", "b"], want: { mode: "validate", "config-path": "b" } },
  { args: ["--concurrency", "0"], want: { concurrency: "0" } },
  { args: ["--concurrency", "4294967295"], want: { concurrency: "4294967295" } },
  { args: ["--listen-port=65535"], want: { "listen-port": "65535" } },
  { args: ["--version"], want: { version: "" } },
  { args: ["-h"], want: { help: "" } },
  { args: ["--help", "--version"], want: { help: "", version: "" } },
];

const refused: readonly { args: string[]; message: string }[] = [
  {
    args: ["--confg-path", "a"],
    message: "unknown flag --confg-path; did you mean --config-path?",
  },
  { args: ["--verison"], message: "unknown flag --verison; did you mean --version?" },
  { args: ["--restart-epoch", "1"], message: "unknown flag --restart-epoch" },
  { args: ["-x"], message: "unknown flag -x" },
  { args: ["a.yaml"], message: 'unexpected argument "a.yaml"' },
  { args: ["--", "a.yaml"], message: 'unexpected argument "a.yaml"' },
  { args: ["--version=1"], message: "--version takes no value" },
  { args: ["--config-path"], message: "--config-path needs a value" },
  { args: ["-c", "--mode", "serve"], message: "--config-path needs a value" },
  { args: ["-c", "a", "-c", "b"], message: "--config-path is given twice" },
  {
    args: ["--mode", "init_only"],
    message: '--mode must be one of serve, validate, not "init_only"',
  },
  {
    args: ["--concurrency", "4294967296"],
    message: '--concurrency must be a whole number from 0 to 4294967295, not "4294967296"',
  },
  {
    args: ["--concurrency=-1"],
    message: '--concurrency must be a whole number from 0 to 4294967295, not "-1"',
  },
  {
    args: ["--concurrency", "two"],
    message: '--concurrency must be a whole number from 0 to 4294967295, not "two"',
  },
  {
    args: ["--concurrency="],
    message: '--concurrency must be a whole number from 0 to 4294967295, not ""',
  },
  {
    args: ["--listen-port", "65536"],
    message: '--listen-port must be a whole number from 0 to 65535, not "65536"',
  },
];

describe("flags", () => {
  for (const { args, want } of accepted) {
    it(`parseFlags: ${JSON.stringify(args)} gives ${JSON.stringify(want)}`, () => {
      const flags = parseFlags(TABLE, args);
      const names = [...TABLE.map(({ long }) => long), "help"];
      const given = names.filter((name) => flags.has(name));
      const seen = Object.fromEntries(given.map((name) => [name, flags.text(name)]));
      assert.deepEqual(seen, want);
    });
  }

  for (const { args, message } of refused) {
    it(`parseFlags: ${JSON.stringify(args)} is refused`, () => {
      assert.throws(() => parseFlags(TABLE, args), { name: "UsageError", message });
    });
  }

  it("parseFlags: integer gives a number, or undefined when the flag is absent", () => {
    const flags = parseFlags(TABLE, ["--concurrency", "8"]);
    assert.equal(flags.integer("concurrency"), 8);
    assert.equal(flags.integer("listen-port"), undefined);
  });

  const OPERANDS = [
    { name: "FROM", help: "One." },
    { name: "TO", help: "Another." },
  ];

  it("parseFlags: operands are the words that are no flags, in order, wherever they stand", () => {
    const flags = parseFlags(TABLE, ["a", "--mode", "serve", "b", "--version"], OPERANDS);
    assert.deepEqual([flags.operand("FROM"), flags.operand("TO")], ["a", "b"]);
    assert.equal(flags.text("mode"), "serve");
    assert.equal(flags.operand("ELSE"), "");
  });

  it("parseFlags: behind -- a word with a dash is an operand too", () => {
    assert.equal(parseFlags(TABLE, ["--", "-a", "b"], OPERANDS).operand("FROM"), "-a");
  });

  it("parseFlags: an operand too few or too many is refused", () => {
    const missing = { name: "UsageError", message: "TO is missing" };
    assert.throws(() => parseFlags(TABLE, ["a"], OPERANDS), missing);
    const extra = { name: "UsageError", message: 'unexpected argument "c"' };
    assert.throws(() => parseFlags(TABLE, ["a", "b", "c"], OPERANDS), extra);
  });

  it("parseFlags: who asks for help need give no operand", () => {
    assert.ok(parseFlags(TABLE, ["--help"], OPERANDS).has("help"));
  });
});
