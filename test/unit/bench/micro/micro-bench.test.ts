import assert from "node:assert/strict";
import { measureMicro } from "../../../../bench/micro/micro-bench.ts";

describe("bench/micro/micro-bench", () => {
  it("measureMicro: divides the time by the turns, whatever their number", async () => {
    let clockMs = 0;
    const bench = {
      name: "a turn of 50 µs",
      prepare: () => (count: number) => {
        clockMs += count * 0.05;
      },
    };
    const result = await measureMicro(bench, () => clockMs);
    for (const value of Object.values(result)) assert.ok(Math.abs(value - 50_000) < 1, `${value}`);
  });

  it("measureMicro: sets up once", async () => {
    let clockMs = 0;
    let preparedCount = 0;
    const bench = {
      name: "a turn of 10 ms",
      prepare: () => {
        preparedCount += 1;
        return (count: number) => {
          clockMs += count * 10;
        };
      },
    };
    await measureMicro(bench, () => clockMs);
    assert.equal(preparedCount, 1);
  });
});
