import assert from "node:assert/strict";
import { parseH2loadOutput } from "../../../../bench/load/h2load.ts";

describe("bench/load/h2load", () => {
  it("parseH2loadOutput: what succeeded is complete, what failed is not", () => {
    const output = `finished in 2.00s, 41018.50 req/s, 8.46MB/s
requests: 82037 total, 82293 started, 82037 done, 82030 succeeded, 7 failed, 3 errored, 1 timeout
status codes: 82029 2xx, 1 3xx, 0 4xx, 4 5xx
traffic: 16.91MB (17735544) total, 1.25MB (1312592) headers (space savings 90.00%)
`;
    assert.deepEqual(parseH2loadOutput(output), { completedCount: 82_030, failedCount: 7 });
  });

  it("parseH2loadOutput: words without a result are an error", () => {
    assert.throws(() => parseH2loadOutput("Could not connect"), /Could not connect/);
  });
});
