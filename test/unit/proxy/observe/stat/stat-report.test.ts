import assert from "node:assert/strict";
import {
  SCOPE_KIND_CLUSTER,
  SCOPE_KIND_HCM,
  SCOPE_KIND_VIRTUAL_HOST,
} from "../../../../../api/engine/image.ts";
import {
  HTTP_COUNTERS,
  HTTP_DOWNSTREAM_RQ_TOTAL,
  HTTP_HISTOGRAMS_AT,
  UPSTREAM_CODES_AT,
  UPSTREAM_COUNTERS,
  UPSTREAM_EXTERNAL_CODES_AT,
  UPSTREAM_HISTOGRAMS_AT,
  UPSTREAM_INTERNAL_CODES_AT,
  UPSTREAM_UPSTREAM_RQ_5XX,
} from "../../../../../api/engine/stats.ts";
import { readScopes } from "../../../../../proxy/observe/stat/stat-report.ts";

const BLOCK = 64;
const TABLE = 4096;

function openMemory() {
  const memory = new ArrayBuffer(65_536);
  return { memory, view: new DataView(memory) };
}

describe("readScopes", () => {
  it("readScopes: reads counters in the order of the names", () => {
    const { memory, view } = openMemory();
    view.setFloat64(BLOCK + 8 * HTTP_DOWNSTREAM_RQ_TOTAL, 7, true);
    const [scope] = readScopes(memory, [{ kind: SCOPE_KIND_HCM, name: "in", address: BLOCK }]);
    assert.equal(scope.name, "in");
    assert.equal(scope.counters.length, HTTP_COUNTERS.length);
    assert.equal(scope.counters[HTTP_COUNTERS.indexOf("downstream_rq_total")], 7);
    assert.equal(
      scope.counters.reduce((sum, value) => sum + value),
      7,
    );
  });

  it("readScopes: what it returns does not change with the memory", () => {
    const { memory, view } = openMemory();
    const [scope] = readScopes(memory, [{ kind: SCOPE_KIND_HCM, name: "in", address: BLOCK }]);
    view.setFloat64(BLOCK, 1, true);
    assert.equal(scope.counters[0], 0);
  });

  it("readScopes: a histogram is {count, sum, bucket and count of each that is not empty}", () => {
    const { memory, view } = openMemory();
    view.setUint32(BLOCK + HTTP_HISTOGRAMS_AT + 4, TABLE, true);
    view.setFloat64(TABLE, 3, true);
    view.setFloat64(TABLE + 8, 250, true);
    view.setUint32(TABLE + 16, 1, true);
    view.setUint32(TABLE + 16 + 4 * 900, 2, true);
    const [scope] = readScopes(memory, [{ kind: SCOPE_KIND_HCM, name: "in", address: BLOCK }]);
    assert.deepEqual(scope.histograms, [null, Float64Array.of(3, 250, 0, 1, 900, 2)]);
  });

  it("readScopes: reads the tables by status code that exist", () => {
    const { memory, view } = openMemory();
    view.setUint32(BLOCK + UPSTREAM_CODES_AT + 4 * 4, TABLE, true);
    view.setFloat64(TABLE + 8 * 3, 9, true);
    view.setFloat64(BLOCK + 8 * UPSTREAM_UPSTREAM_RQ_5XX, 9, true);
    const [scope] = readScopes(memory, [{ kind: SCOPE_KIND_CLUSTER, name: "b", address: BLOCK }]);
    assert.equal(scope.counters[UPSTREAM_COUNTERS.indexOf("upstream_rq_5xx")], 9);
    assert.deepEqual(scope.codes.slice(0, 4), [null, null, null, null]);
    assert.equal(scope.codes[4]?.length, 100);
    assert.equal(scope.codes[4]?.[3], 9);
    assert.equal(view.getUint32(BLOCK + UPSTREAM_HISTOGRAMS_AT, true), 0);
    assert.deepEqual(scope.histograms, [null, null, null, null, null, null]);
  });

  it("readScopes: a cluster has the tables again for requests from inside and outside", () => {
    const { memory, view } = openMemory();
    view.setUint32(BLOCK + UPSTREAM_INTERNAL_CODES_AT + 4, TABLE, true);
    view.setUint32(BLOCK + UPSTREAM_EXTERNAL_CODES_AT + 4, TABLE, true);
    const [scope] = readScopes(memory, [{ kind: SCOPE_KIND_CLUSTER, name: "b", address: BLOCK }]);
    const found = [...scope.codes.entries()].filter(([, table]) => table !== null);
    assert.deepEqual(
      found.map(([index]) => index),
      [6, 11],
    );
    assert.equal(scope.codes.length, 15);
  });

  it("readScopes: leaves out a kind that keeps no statistics", () => {
    const { memory } = openMemory();
    const scope = { kind: SCOPE_KIND_VIRTUAL_HOST, name: "v", address: BLOCK };
    assert.deepEqual(readScopes(memory, [scope]), []);
  });

  it("readScopes: what it returns can be posted to another thread", () => {
    const { memory } = openMemory();
    const stats = readScopes(memory, [{ kind: SCOPE_KIND_CLUSTER, name: "b", address: BLOCK }]);
    assert.deepEqual(structuredClone(stats), stats);
  });
});
