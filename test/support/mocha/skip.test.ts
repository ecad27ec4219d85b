import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { findPeer } from "./skip.ts";

describe("skip", () => {
  let folder = "";
  let program = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "causeway-skip-"));
    program = join(folder, "wrk");
    writeFileSync(program, "#!/bin/sh\n");
    chmodSync(program, 0o755);
    writeFileSync(join(folder, "envoy"), "not a program");
  });

  after(() => rmSync(folder, { recursive: true }));

  it("findPeer: PATH is searched in its order", () => {
    assert.equal(findPeer("wrk", { PATH: `/nowhere${delimiter}${folder}` }), program);
  });

  it("findPeer: the variable of the peer wins over PATH", () => {
    assert.equal(findPeer("wrk", { PATH: "/nowhere", WRK: program }), program);
  });

  it("findPeer: a variable that names no program means absent, whatever PATH has", () => {
    assert.equal(findPeer("wrk", { PATH: folder, WRK: "/nowhere/wrk" }), null);
  });

  it("findPeer: a file that may not be run is no program", () => {
    assert.equal(findPeer("envoy", { PATH: folder }), null);
  });
});
