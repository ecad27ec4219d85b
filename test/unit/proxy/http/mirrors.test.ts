import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { UPSTREAM_RETRY_OR_SHADOW_ABANDONED } from "../../../../api/engine/stats.ts";
import type { ConnectionTarget } from "../../../../proxy/http/connection-target.ts";
import { type Mirrors, StreamMirrors } from "../../../../proxy/http/mirrors.ts";
import { LocalWorker } from "../../../support/local-worker.ts";
import { toBootstrap } from "../../../support/proxy-sketch.ts";
import { RawConnection } from "../../../support/raw-connection.ts";

const RECORD = 64;

describe("StreamMirrors", () => {
  let worker: LocalWorker;
  let target: ConnectionTarget;
  let calls: string[];
  let lostCount: number;

  /** Mirrors that tell what they are asked to do. */
  const mirrors: Mirrors = {
    feed: (nowMs) => {
      calls.push(`feed ${nowMs}`);
      return lostCount;
    },
    end: (isWhole) => {
      calls.push(`end ${isWhole}`);
    },
  };
  const cluster = {
    count: (counter: number, by: number) => {
      calls.push(`count ${counter} ${by}`);
    },
  };

  function make(found: Mirrors | null = mirrors): StreamMirrors {
    return new StreamMirrors((_target, record, nowMs) => {
      calls.push(`open ${record} ${nowMs}`);
      return found;
    });
  }

  before(async () => {
    worker = await LocalWorker.start(toBootstrap({ endpoints: [] }));
    const client = await RawConnection.open(worker.port);
    while (worker.connectionCount === 0) await setImmediate();
    target = worker.target;
    client.close();
  });
  after(() => worker.stop());
  beforeEach(() => {
    calls = [];
    lostCount = 0;
  });

  it("begin: mirrors are opened once, and only where they are expected", () => {
    const stream = make();
    stream.begin(target, RECORD, 1);
    assert.deepEqual(calls, []);
    stream.expect(true);
    stream.begin(target, RECORD, 2);
    // The request is sent once more.
    stream.begin(target, RECORD, 3);
    assert.deepEqual(calls, [`open ${RECORD} 2`]);
    stream.expect(false);
    stream.begin(target, RECORD, 4);
    assert.deepEqual(calls, [`open ${RECORD} 2`]);
  });

  it("feed: without mirrors nothing is done", () => {
    const stream = make(null);
    stream.feed(cluster, 1);
    stream.expect(true);
    stream.begin(target, RECORD, 2);
    stream.feed(cluster, 3);
    assert.deepEqual(calls, [`open ${RECORD} 2`]);
  });

  it("feed: mirrors that are given up are counted for the cluster of the request", () => {
    const stream = make();
    stream.expect(true);
    stream.begin(target, RECORD, 1);
    stream.feed(cluster, 2);
    lostCount = 2;
    stream.feed(cluster, 3);
    stream.feed(null, 4);
    assert.deepEqual(calls.slice(1), [
      "feed 2",
      "feed 3",
      `count ${UPSTREAM_RETRY_OR_SHADOW_ABANDONED} 2`,
      "feed 4",
    ]);
  });

  for (const isWhole of [true, false]) {
    const name = isWhole ? "whole" : "not whole";
    it(`end: a request that is ${name} ends them, but not at once`, async () => {
      const stream = make();
      stream.expect(true);
      stream.begin(target, RECORD, 1);
      stream.end(isWhole);
      stream.feed(cluster, 2);
      assert.deepEqual(calls, [`open ${RECORD} 1`]);
      await null;
      assert.deepEqual(calls, [`open ${RECORD} 1`, `end ${isWhole}`]);
      stream.end(true);
      await null;
      assert.equal(calls.length, 2);
    });
  }
});
