import assert from "node:assert/strict";
import { spreadPaths } from "../../../../bench/config/configuration.ts";

describe("bench/config/configuration", () => {
  it("spreadPaths: the first and the last route are among those asked for", () => {
    assert.deepEqual(spreadPaths(10_000, 3), [
      "/route-00000/100",
      "/route-05000/100",
      "/route-09999/100",
    ]);
  });

  it("spreadPaths: one path asks for the first route", () => {
    assert.deepEqual(spreadPaths(100, 1), ["/route-00000/100"]);
  });
});
