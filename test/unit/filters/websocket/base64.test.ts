import assert from "node:assert/strict";
import { WebSocketModule } from "./websocket-module.ts";

/** RFC 4648 §10. */
const VECTORS = [
  ["", ""],
  ["f", "Zg=="],
  ["fo", "Zm8="],
  ["foo", "Zm9v"],
  ["foob", "Zm9vYg=="],
  ["fooba", "Zm9vYmE="],
  ["foobar", "Zm9vYmFy"],
] as const;

describe("base64", () => {
  let websocket: WebSocketModule;
  before(async function () {
    this.timeout(60_000);
    websocket = await WebSocketModule.open();
  });

  for (const [text, want] of VECTORS) {
    it(`writeBase64: "${text}" is "${want}"`, () => {
      assert.equal(websocket.base64(Buffer.from(text)), want);
    });
  }

  it("writeBase64: all characters, in the order of RFC 4648 §4", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    assert.equal(websocket.base64(Buffer.from(alphabet, "base64")), alphabet);
  });
});
