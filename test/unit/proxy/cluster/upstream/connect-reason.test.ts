import assert from "node:assert/strict";
import { connectReason } from "../../../../../proxy/cluster/upstream/connect-reason.ts";

describe("connectReason", () => {
  for (const [code, reason] of [
    ["ECONNREFUSED", "delayed connect error: Connection refused"],
    ["ENOENT", "delayed connect error: No such file or directory"],
    ["ESOMETHING", "delayed connect error: ESOMETHING"],
  ]) {
    it(`connectReason: ${code} is told in words where there are some`, () => {
      assert.equal(connectReason(Object.assign(new Error("x"), { code })), reason);
    });
  }
});
