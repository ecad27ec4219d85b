import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { toBootstrap } from "./proxy-sketch.ts";
import { assertNothingStays, type Turn } from "./soak.ts";

const RUNS_ON_LINUX = process.platform === "linux";
/** More than are opened before the count begins, less than in two rounds. */
const FILES_MAX = 7;

describe("soak", () => {
  const files: number[] = [];
  const objects: object[] = [];
  const timers: NodeJS.Timeout[] = [];

  afterEach(() => {
    for (const file of files.splice(0)) closeSync(file);
    for (const timer of timers.splice(0)) clearTimeout(timer);
    objects.length = 0;
  });

  const leaks: readonly (readonly [what: RegExp, turn: Turn])[] = [
    [/fileCount/, async () => files.push(openSync("/dev/null", "r"))],
    [/heapBytes/, async (turn) => objects.push(Array.from({ length: 40_000 }, () => turn))],
    [/externalBytes/, async () => objects.push(Buffer.alloc(100_000))],
    [/resourceCount/, async () => timers.push(setTimeout(() => {}, 1_000_000))],
  ];

  function play(turn: Turn): Promise<void> {
    const config = toBootstrap({ endpoints: [1] });
    return assertNothingStays({ config, kinds: () => ({ turn }), cost: 1e9, settle: () => {} });
  }

  for (const [what, turn] of leaks) {
    it(`assertNothingStays: what each turn leaves is told of as ${what.source}`, async function () {
      if (what.source === "fileCount" && !RUNS_ON_LINUX) this.skip();
      await assert.rejects(play(turn), what);
    });
  }

  it("assertNothingStays: what fills up and then grows no more is no leak", async () => {
    await play(async () => {
      if (files.length < FILES_MAX) files.push(openSync("/dev/null", "r"));
    });
    assert.equal(files.length, FILES_MAX);
  });

  it("assertNothingStays: a turn that fails is named", async () => {
    const failing = play(() => Promise.reject(new Error("no")));
    await assert.rejects(failing, /turn 0, turn/);
  });
});
