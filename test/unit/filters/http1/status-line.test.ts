import assert from "node:assert/strict";
import { STATUS_CODES } from "node:http";
import { Codec } from "./codec.ts";

/** Phrases that differ from Node's: the ones of Envoy. */
const PHRASES: Readonly<Record<number, string>> = {
  302: "Found",
  413: "Payload Too Large",
  418: "Unknown",
  425: "Unknown",
  451: "Unknown",
  509: "Unknown",
};

describe("status-line", () => {
  let codec: Codec;
  before(async function () {
    this.timeout(60_000);
    codec = await Codec.open();
  });

  it("statusLine: every status has its number, and the registered ones their phrase", () => {
    const { exports } = codec;
    for (let status = 100; status < 600; status++) {
      const line = codec.text(exports.statusLine(status), exports.statusLineLength(status));
      const phrase = PHRASES[status] ?? STATUS_CODES[status] ?? "Unknown";
      assert.equal(line, `HTTP/1.1 ${status} ${phrase}\r\n`);
    }
  });

  it("statusLine: a status is made once", () => {
    const first = codec.exports.statusLine(207);
    const used = codec.exports.bytesInUse();
    assert.equal(codec.exports.statusLine(207), first);
    assert.equal(codec.exports.bytesInUse(), used);
  });

  it("statusLine: what is no status stops the instance", () => {
    for (const status of [99, 600, 0, -1]) {
      assert.throws(() => codec.exports.statusLine(status), WebAssembly.RuntimeError);
    }
  });
});
