import assert from "node:assert/strict";
import { parseWrkOutput } from "../../../../bench/load/wrk.ts";

describe("bench/load/wrk", () => {
  it("parseWrkOutput: the script's line is found behind wrk's own words", () => {
    const output = `Running 1s test @ http://127.0.0.1:1/
  1 threads and 64 connections
Requests/sec:  100.00

{"completedCount":100,"failedCount":2,"seconds":1.01}
`;
    assert.deepEqual(parseWrkOutput(output), {
      completedCount: 100,
      failedCount: 2,
      seconds: 1.01,
    });
  });

  it("parseWrkOutput: no line is an error", () => {
    assert.throws(() => parseWrkOutput("unable to connect"), /unable to connect/);
  });
});
