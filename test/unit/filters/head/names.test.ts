import assert from "node:assert/strict";
import * as headerNames from "../../../../api/engine/header-names.ts";
import { type HeadExports, openHeadModule } from "./head-module.ts";

const { HEADER_NAMES } = headerNames;

describe("names", () => {
  let head: HeadExports;
  let view: Buffer;
  let place: number;
  before(async function () {
    this.timeout(60_000);
    head = await openHeadModule();
    view = Buffer.from(head.memory.buffer);
    place = head.allocate(4096);
  });

  function intern(name: string): number {
    view.write(`${name}-and-more`, place);
    return head.internName(place, name.length);
  }

  it("internName: every well-known name has its number, and its text is kept", () => {
    for (const [id, name] of HEADER_NAMES.entries()) {
      if (id === 0) continue;
      assert.equal(intern(name), id, name);
      const text = view.toString("latin1", head.nameAt(id), head.nameAt(id) + head.nameSize(id));
      assert.equal(text, name);
    }
  });

  it("internName: another name is 0, though it differs in one byte only", () => {
    for (const name of HEADER_NAMES) {
      for (let at = 0; at < name.length; at++) {
        const other = `${name.slice(0, at)}\x01${name.slice(at + 1)}`;
        assert.equal(intern(other), 0, other);
      }
      assert.equal(intern(`${name}\x01`), 0);
    }
    assert.equal(intern(""), 0);
    assert.equal(intern("x".repeat(2000)), 0);
  });

  it("HEADER_NAMES: each constant is the index of the name that it is called by", () => {
    const constants = Object.entries(headerNames).filter(([key]) => key.startsWith("H_"));
    assert.equal(constants.length, HEADER_NAMES.length - 1);
    for (const [key, id] of constants) {
      const name = HEADER_NAMES[Number(id)];
      assert.equal(`H_${name.replace(":", "").replaceAll("-", "_").toUpperCase()}`, key);
    }
  });
});
