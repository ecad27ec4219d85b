import assert from "node:assert/strict";
import { WebSocketModule } from "./websocket-module.ts";

describe("accept-key", () => {
  let websocket: WebSocketModule;
  before(async function () {
    this.timeout(60_000);
    websocket = await WebSocketModule.open();
  });

  it("writeAccept: the example of RFC 6455 §1.3, and a second one", () => {
    assert.equal(websocket.accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert.equal(websocket.accept("x3JJHMbDL1EzLkh9GBhXDw=="), "HSmrc0sMlYUkAGmm5OPpG2HaGWk=");
  });

  it("writeKey: the nonce of RFC 6455 §4.1, bytes 1 to 16", () => {
    const key = websocket.key(0x0807060504030201n, 0x100f0e0d0c0b0a09n);
    assert.equal(key, "AQIDBAUGBwgJCgsMDQ4PEA==");
  });

  it("writeAccept: a key of 128 bytes is answered; above that it stops the module", () => {
    assert.equal(websocket.accept("k".repeat(128)).length, 28);
    assert.throws(() => websocket.accept("k".repeat(129)));
  });
});
