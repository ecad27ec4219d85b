import assert from "node:assert/strict";
import { parseCpuSeconds, parseResidentBytes } from "../../../../bench/process/process-tree.ts";

// A line as proc_pid_stat(5) describes it: utime (14) is 250 ticks, stime (15) is 50.
const STAT =
  "42 (a (b) c) S 1 42 42 0 -1 4194560 900 0 0 0 250 50 7 7 20 0 4 0 100 1000000 500 18446744";

describe("bench/process/process-tree", () => {
  it("parseCpuSeconds: user and system time, children left out", () => {
    assert.equal(parseCpuSeconds(STAT), 3);
  });

  it("parseCpuSeconds: a process that is gone used nothing", () => {
    assert.equal(parseCpuSeconds(""), 0);
  });

  it("parseResidentBytes: VmRSS is in units of 1024 bytes", () => {
    const status = "Name:\tenvoy\nVmHWM:\t   70000 kB\nVmRSS:\t   68000 kB\nThreads:\t4\n";
    assert.equal(parseResidentBytes(status), 69_632_000);
  });

  it("parseResidentBytes: a process without memory has none", () => {
    assert.equal(parseResidentBytes("Name:\tkthreadd\n"), 0);
  });
});
