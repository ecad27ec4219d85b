import assert from "node:assert/strict";
import { literalPrefix } from "../../../../../../../proxy/config/compile/route/match/regex-blob.ts";

describe("literalPrefix", () => {
  const rows: [string, string, string][] = [
    ["plain text is all prefix", "/api/v1", "/api/v1"],
    ["it ends at what is special", "/api/.*", "/api/"],
    ["an anchor is left out", "^/api/[0-9]+$", "/api/"],
    ["what may be absent does not count", "/abc?", "/ab"],
    ["what may be absent does not count, 2", "/abc*d", "/ab"],
    ["what may be absent does not count, 3", "/abc{0,2}", "/ab"],
    ["what is repeated is left out too", "/abc+", "/ab"],
    ["a group may have alternatives", "/a/(b|c)", "/a/"],
    ["alternatives outside have no prefix in common", "/a|/b", ""],
    ["alternatives behind a group", "/(a)|/b", ""],
    ["an escaped bar is no alternative", "/a\\|b", "/a"],
    ["a bar in a set is no alternative", "/a[|]b", "/a"],
    ["a set may begin with a bracket", "/a[]|]b", "/a"],
    ["an odd set is not looked into", "/a[[:alpha:]|]b", ""],
    ["quoted text is not looked into", "/a\\Q(\\E|/b", ""],
    ["an option may change what letters mean", "(?i)/abc", ""],
    ["other characters end it", "/aé", "/a"],
    ["nothing has none", "", ""],
    ["an optional first character leaves nothing", "a?", ""],
  ];
  for (const [name, pattern, want] of rows) {
    it(`literalPrefix: ${name}`, () => {
      assert.equal(literalPrefix(pattern), want);
    });
  }
});
