import assert from "node:assert/strict";
import { FieldPath } from "../../../../proxy/config/field-path.ts";

describe("field path", () => {
  it("toString: the root is empty", () => {
    assert.equal(FieldPath.root.toString(), "");
  });

  it("toString: fields are joined by dots, items stand in brackets", () => {
    const path = FieldPath.root.field("static_resources").field("listeners").item(3).field("name");
    assert.equal(path.toString(), "static_resources.listeners[3].name");
  });

  it("toString: keys are quoted, so that dots and quotes in them cannot mislead", () => {
    const path = FieldPath.root.field("map").key('a."b"').field("x");
    assert.equal(path.toString(), 'map["a.\\"b\\""].x');
  });

  it("field: one path may be the front of several", () => {
    const front = FieldPath.root.field("a");
    front.field("b");
    assert.equal(front.field("c").toString(), "a.c");
  });
});
