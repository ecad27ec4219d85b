import assert from "node:assert/strict";
import { ERROR_CODES, MeshError } from "../../../api/errors.ts";

describe("errors", () => {
  it("MeshError: carries its code, its sentence, its detail and its cause", () => {
    const cause = new Error("disk");
    const error = new MeshError("CONFIG_UNREADABLE", "cannot read a.yaml", { file: "a" }, cause);
    assert.equal(error.code, "CONFIG_UNREADABLE");
    assert.equal(error.message, "cannot read a.yaml");
    assert.deepEqual(error.detail, { file: "a" });
    assert.equal(error.cause, cause);
    assert.equal(error.name, "MeshError");
  });

  it("MeshError: without a cause has no cause property at all", () => {
    assert.equal(Object.hasOwn(new MeshError("CONFIG_INVALID", "no"), "cause"), false);
  });

  it("MeshError: facts are the row of the table", () => {
    const { facts } = new MeshError("CONFIG_INVALID", "no");
    assert.deepEqual(facts, { side: "config", httpStatus: 400, retryable: false });
  });

  it("ERROR_CODES: every code is written in capitals and begins with its area", () => {
    for (const code of Object.keys(ERROR_CODES)) assert.match(code, /^[A-Z0-9]+(_[A-Z0-9]+)+$/);
  });
});
