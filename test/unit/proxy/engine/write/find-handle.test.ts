import assert from "node:assert/strict";
import net from "node:net";
import { findWritableHandle, isNewEnough } from "../../../../../proxy/engine/write/find-handle.ts";

describe("findWritableHandle", () => {
  for (const [version, isEnough] of [
    ["24.11.0", false],
    ["26.9.1", false],
    ["26.10.0", true],
    ["26.11.3", true],
    ["27.0.0", true],
  ] as const) {
    it(`isNewEnough: Node ${version} is ${isEnough ? "" : "not "}written to directly`, () => {
      assert.equal(isNewEnough(version), isEnough);
    });
  }

  it("findWritableHandle: a socket that never connected has none", () => {
    assert.equal(findWritableHandle(new net.Socket()), null);
  });
});
