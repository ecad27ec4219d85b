import assert from "node:assert/strict";
import { quoteLog } from "../../../../bench/process/await-reply.ts";

describe("bench/process/await-reply", () => {
  it("quoteLog: the line that complains", () => {
    const log = "starting\n[critical] cannot bind\n    at main\n";
    assert.equal(quoteLog(log), "[critical] cannot bind");
  });

  it("quoteLog: the last line where none complains", () => {
    assert.equal(quoteLog("one\ntwo\n"), "two");
    assert.equal(quoteLog(""), "");
  });
});
