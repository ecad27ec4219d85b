import assert from "node:assert/strict";
import { Hpack } from "./hpack.ts";
import { STATIC_FIELDS } from "./reference/plain-hpack.ts";

describe("static-table", () => {
  let hpack: Hpack;
  before(async function () {
    this.timeout(60_000);
    hpack = await Hpack.open();
  });

  it("staticRow: the rows are those of RFC 7541 Appendix A", () => {
    const { exports } = hpack;
    const memory = Buffer.from(exports.memory.buffer);
    const text = (at: number, length: number) => memory.toString("latin1", at, at + length);
    assert.equal(exports.staticCount(), 61);
    assert.equal(STATIC_FIELDS.length, 61);
    for (const [place, [name, value]] of STATIC_FIELDS.entries()) {
      const index = place + 1;
      assert.equal(text(exports.staticName(index), exports.staticNameLength(index)), name);
      assert.equal(text(exports.staticValue(index), exports.staticValueLength(index)), value);
    }
  });

  it("staticMatch: an encoder writes each row as its index", () => {
    for (const [place, field] of STATIC_FIELDS.entries()) {
      const encoder = hpack.encoder();
      assert.equal(
        encoder.encode("trailers", [field]).toString("hex"),
        (0x81 + place).toString(16),
      );
      encoder.close();
    }
  });

  it("staticIndexOf: an encoder writes another value behind the first index of its name", () => {
    const names = new Set(STATIC_FIELDS.map(([name]) => name));
    for (const name of names) {
      const encoder = hpack.encoder();
      const [first, second] = encoder.encode("trailers", [[name, "?"]]);
      const index = STATIC_FIELDS.findIndex(([other]) => other === name) + 1;
      assert.equal((first & 0x0f) + (index < 15 ? 0 : second), index, name);
      encoder.close();
    }
  });

  it("staticIndexOf: a name that differs in one byte is spelled out", () => {
    for (const [name] of STATIC_FIELDS.slice(14)) {
      const encoder = hpack.encoder();
      assert.equal(encoder.encode("trailers", [[`${name.slice(0, -1)}~`, "?"]])[0], 0, name);
      encoder.close();
    }
  });
});
