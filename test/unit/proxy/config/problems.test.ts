import assert from "node:assert/strict";
import { MeshError } from "../../../../api/errors.ts";
import { FieldPath } from "../../../../proxy/config/field-path.ts";
import { PROBLEM_COUNT_MAX, Problems } from "../../../../proxy/config/problems.ts";

function messageOf(problems: Problems): string {
  try {
    problems.throwIfAny("a.yaml");
  } catch (error) {
    assert.ok(error instanceof MeshError);
    assert.equal(error.code, "CONFIG_INVALID");
    assert.deepEqual(error.detail.problems, problems.list);
    return error.message;
  }
  return "";
}

describe("problems", () => {
  it("throwIfAny: no problem, no error", () => {
    assert.equal(messageOf(new Problems()), "");
  });

  it("throwIfAny: one problem stands in the same line as the name", () => {
    const problems = new Problems();
    problems.add(FieldPath.root.field("node"), "not implemented");
    assert.equal(messageOf(problems), "a.yaml: node: not implemented");
  });

  it("throwIfAny: several problems stand in a line each, in the order of their finding", () => {
    const problems = new Problems();
    problems.add("", "line 1, column 2: bad");
    problems.add("b", "unknown field");
    assert.equal(
      messageOf(problems),
      "a.yaml: 2 problems\n  line 1, column 2: bad\n  b: unknown field",
    );
  });

  it("add: the same problem is told once", () => {
    const problems = new Problems();
    problems.add("a", "bad");
    problems.add("a", "bad");
    problems.add("a", "worse");
    assert.equal(problems.list.length, 2);
  });

  it("add: what comes after the limit is dropped, and the message says so", () => {
    const problems = new Problems();
    for (let index = 0; index < PROBLEM_COUNT_MAX - 1; index++) problems.add(`f${index}`, "bad");
    assert.equal(problems.isFull, false);
    assert.doesNotMatch(messageOf(problems), /perhaps more/);
    problems.add("last", "bad");
    problems.add("one more", "bad");
    assert.equal(problems.isFull, true);
    assert.equal(problems.list.at(-1)?.path, "last");
    assert.match(messageOf(problems), /\n {2}and perhaps more: only the first 100 are shown$/);
  });
});
