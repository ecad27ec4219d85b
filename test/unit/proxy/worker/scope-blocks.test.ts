import assert from "node:assert/strict";
import {
  CLUSTER_BYTES,
  CLUSTER_STATS,
  HCM_STATS,
  IMAGE_CLUSTERS,
  SCOPE_KIND_CLUSTER,
  SCOPE_KIND_HCM,
  SCOPE_KIND_HTTP2,
} from "../../../../api/engine/image.ts";
import { ScopeBlocks } from "../../../../proxy/worker/scope-blocks.ts";
import { compileSampleSnapshot, loadImage, openEngine } from "./loaded-image.ts";

describe("scope blocks", () => {
  it("ScopeBlocks: a block is made once for its kind and name, and is zero", () => {
    const engine = openEngine();
    const dirty = engine.calls.allocate(96);
    engine.bytes.fill(255, dirty, dirty + 96);
    engine.calls.release(dirty);
    const blocks = new ScopeBlocks(engine, (kind) => kind * 32);
    const address = blocks.address(3, "a");
    assert.equal(address, dirty);
    assert.deepEqual(engine.bytes.slice(address, address + 96), new Uint8Array(96));
    assert.equal(blocks.address(3, "a"), address);
    assert.notEqual(blocks.address(3, "b"), address);
    assert.notEqual(blocks.address(2, "a"), address);
    const names = blocks.all.map(({ kind, name }) => `${kind} ${name}`);
    assert.deepEqual(names, ["3 a", "3 b", "2 a"]);
  });

  it("ScopeBlocks: an image gets the addresses of its statistics", () => {
    const engine = openEngine();
    const blocks = new ScopeBlocks(engine, () => 64);
    const snapshot = compileSampleSnapshot();
    const image = loadImage(engine, snapshot);
    blocks.bindImage(image);
    const { record, statScope } = snapshot.listeners[0].filterChains[0].terminal;
    const stats = engine.field(image + record, HCM_STATS);
    assert.equal(stats, blocks.address(SCOPE_KIND_HCM, statScope));
    const clusters = image + engine.field(image, IMAGE_CLUSTERS);
    for (const [index, { name }] of snapshot.clusters.entries()) {
      const field = engine.field(clusters + index * CLUSTER_BYTES, CLUSTER_STATS);
      assert.equal(field, blocks.address(SCOPE_KIND_CLUSTER, name));
    }
    assert.deepEqual(
      blocks.all.filter(({ kind }) => kind === SCOPE_KIND_HTTP2).map(({ name }) => name),
      ["http2"],
    );
    assert.equal(blocks.all.length, 4);
  });

  it("ScopeBlocks: the next image counts on in the same blocks", () => {
    const engine = openEngine();
    const blocks = new ScopeBlocks(engine, () => 64);
    const snapshot = compileSampleSnapshot();
    blocks.bindImage(loadImage(engine, snapshot));
    const before = blocks.all;
    engine.floats[before[0].address >> 3] = 5;
    blocks.bindImage(loadImage(engine, snapshot));
    assert.deepEqual(blocks.all, before);
    assert.equal(engine.floats[before[0].address >> 3], 5);
  });
});
