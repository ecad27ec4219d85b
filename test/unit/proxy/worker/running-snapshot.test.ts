import assert from "node:assert/strict";
import { BreakerTable } from "../../../../proxy/cluster/breaker.ts";
import type { Snapshot } from "../../../../proxy/config/model.ts";
import type { Engine } from "../../../../proxy/engine/engine.ts";
import { DeadlineQueue } from "../../../../proxy/timer/deadline.ts";
import { RunningSnapshot } from "../../../../proxy/worker/running-snapshot.ts";
import { ScopeBlocks } from "../../../../proxy/worker/scope-blocks.ts";
import { FlushQueue } from "../../../../proxy/engine/flush-queue.ts";
import { compileSampleSnapshot, openEngine } from "./loaded-image.ts";

import { openTlsRegistry } from "../../../support/tls/registry.ts";

const BLOCK_BYTES = 4_096;

/** Loads snapshots as a worker does. */
class Scene {
  readonly engine: Engine = openEngine();
  readonly #scopes = new ScopeBlocks(this.engine, () => BLOCK_BYTES);
  readonly #setting = {
    engine: this.engine,
    deadlines: new DeadlineQueue(),
    flushes: new FlushQueue(),
    internal: { dial: () => null },
    breakers: new BreakerTable(new SharedArrayBuffer(BreakerTable.bytesFor(1, 2)), 1, 0),
    tls: openTlsRegistry(this.engine),
    findBlock: () => 0,
  };

  load(model: Snapshot, previous: RunningSnapshot | null): RunningSnapshot {
    return new RunningSnapshot(this.#setting, this.#scopes, model, previous);
  }

  /** Whether the image is still a block that may be given back. */
  isFreed(snapshot: RunningSnapshot): boolean {
    try {
      this.engine.calls.release(snapshot.image);
      return false;
    } catch {
      // The engine traps for what is no live block.
      return true;
    }
  }
}

describe("running snapshot", () => {
  it("RunningSnapshot: has the clusters in the order of the image", () => {
    const running = new Scene().load(compileSampleSnapshot(), null);
    const names = running.clusters.map(({ model }) => model.name);
    assert.deepEqual(names, ["a", "b"]);
  });

  it("RunningSnapshot: is freed when it is replaced and the last use has ended", () => {
    const scene = new Scene();
    const running = scene.load(compileSampleSnapshot(), null);
    const before = scene.engine.calls.bytesInUse();
    running.use();
    running.use();
    running.leave();
    running.replace();
    assert.equal(scene.engine.calls.bytesInUse(), before);
    running.leave();
    assert.ok(scene.engine.calls.bytesInUse() < before);
    assert.ok(scene.isFreed(running));
  });

  it("RunningSnapshot: is freed at once when it is replaced unused, and not before", () => {
    const scene = new Scene();
    const running = scene.load(compileSampleSnapshot(), null);
    running.use();
    running.leave();
    const before = scene.engine.calls.bytesInUse();
    running.replace();
    assert.ok(scene.engine.calls.bytesInUse() < before);
  });

  it("RunningSnapshot: a cluster that did not change is taken over, another is not", () => {
    const scene = new Scene();
    const first = scene.load(compileSampleSnapshot(), null);
    const model = compileSampleSnapshot();
    const [a, b] = model.clusters;
    const changed = { ...model, clusters: [a, { ...b, connectTimeoutMs: 7 }] };
    const second = scene.load(changed, first);
    assert.equal(second.clusters[0], first.clusters[0]);
    assert.notEqual(second.clusters[1], first.clusters[1]);
    assert.notEqual(second.image, first.image);
  });
});
