import assert from "node:assert/strict";
import { HELP, parseOptions } from "./options.ts";
import { TARGETS } from "./targets.ts";

describe("fuzz options", () => {
  it("parseOptions: a target runs for half a minute, with a seed by chance", () => {
    const { target, seconds, seed } = parseOptions(["http1"]);
    assert.deepEqual([target?.name, seconds, seed], ["http1", 30, null]);
  });

  it("parseOptions: seconds and seed are as given", () => {
    const { seconds, seed } = parseOptions(["hpack", "--seconds", "5", "--seed", "4294967295"]);
    assert.deepEqual([seconds, seed], [5, 4_294_967_295]);
  });

  for (const args of [[], ["--help"], ["-h"], ["regex", "--help"]]) {
    it(`parseOptions: "${args.join(" ")}" asks for the help`, () => {
      assert.equal(parseOptions(args).target, null);
    });
  }

  it("HELP: it names every target", () => {
    for (const { name } of TARGETS) assert.ok(HELP.includes(`\n  ${name}\n`));
  });

  const refused = [
    {
      args: ["http9"],
      words: /^Error: http9 is not one of hpack, http1, .*, proxy-header, peer-metadata$/,
    },
    { args: ["http1", "hpack"], words: /one target at a time, so not hpack/ },
    {
      args: ["http1", "--seconds", "0"],
      words: /--seconds must be a whole number from 1 to 86400/,
    },
    { args: ["http1", "--seed", "x"], words: /--seed must be a whole number from 0 to 4294967295/ },
    { args: ["http1", "--seed", "4294967296"], words: /--seed must be a whole number/ },
    { args: ["--fast"], words: /--fast/ },
  ];
  for (const { args, words } of refused) {
    it(`parseOptions: ${args.join(" ")} is refused`, () => {
      assert.throws(() => parseOptions(args), words);
    });
  }
});
