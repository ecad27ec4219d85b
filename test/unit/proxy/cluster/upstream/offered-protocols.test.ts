import assert from "node:assert/strict";
import { offeredProtocols } from "../../../../../proxy/cluster/upstream/offered-protocols.ts";

const ALL = ["istio", "h3", "h2", "http/1.1", "http/1.0"];

describe("offeredProtocols", () => {
  for (const [codec, ofNone, ofAll] of [
    ["http1", ["http/1.1"], ["http/1.1", "http/1.0"]],
    ["http2", ["h2"], ["h2"]],
    ["auto", ["h2", "http/1.1"], ["h2", "http/1.1", "http/1.0"]],
    [null, [], ALL],
  ] as const) {
    it(`${codec ?? "no HTTP"}: of what is named, what it can speak`, () => {
      assert.deepEqual(offeredProtocols([], codec), ofNone);
      assert.deepEqual(offeredProtocols(ALL, codec), ofAll);
    });
  }
});
