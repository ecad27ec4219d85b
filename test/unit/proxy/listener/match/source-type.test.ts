import assert from "node:assert/strict";
import { isLocal } from "../../../../../proxy/listener/match/source-type.ts";

describe("isLocal", () => {
  const rows: readonly [remote: string, local: string, want: boolean][] = [
    ["127.0.0.1", "10.0.0.1", true],
    ["127.0.0.2", "10.0.0.1", false],
    ["::1", "fd00::1", true],
    ["10.0.0.1", "10.0.0.1", true],
    ["10.0.0.2", "10.0.0.1", false],
    ["", "", true],
  ];
  for (const [remoteAddress, localAddress, want] of rows) {
    it(`isLocal: from "${remoteAddress}" to "${localAddress}" is ${want}`, () => {
      const ends = { remoteAddress, localAddress, remotePort: 1, localPort: 2 };
      assert.equal(isLocal(ends), want);
    });
  }
});
