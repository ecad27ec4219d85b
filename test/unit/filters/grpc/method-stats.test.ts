import assert from "node:assert/strict";
import {
  METHOD_BLOCK,
  METHOD_CLUSTER,
  METHOD_NAME,
  METHOD_NAME_BYTES,
  METHOD_NAME_BYTES_MAX,
  METHOD_NEXT,
  METHODS_MAX,
} from "../../../../api/engine/grpc-stats.ts";
import { openGuest } from "../../../support/guest-module.ts";

const ENTRY = `
export { allocate } from "./filters/memory/slab";
export * from "./filters/grpc/method-stats";
`;

interface Exports {
  readonly memory: WebAssembly.Memory;
  allocate(size: number): number;
  newestMethod(): number;
  startMethodName(prefix: number, length: number): void;
  addMethod(path: number, length: number): number;
  finishMethodName(replacesDots: number): void;
  dropMethod(): void;
  methodStats(cluster: number): number;
}

const CLUSTER = 4096;

/** Paths, and the names that they count under; `null` is no path of gRPC. */
const names: readonly (readonly [path: string, want: string | null])[] = [
  ["/a.B/C", "grpc.a.B.C"],
  ["/B/C", "grpc.B.C"],
  ["/a.B/C?x=/y/z", "grpc.a.B.C"],
  ["//a.B//C/", "grpc.a.B.C"],
  ["a.B/C", "grpc.a.B.C"],
  ["/a.B", null],
  ["/a.B/", null],
  ["/a.B/C/D", null],
  ["/", null],
  ["", null],
  ["/a?b/c", null],
];

describe("method statistics", () => {
  let guest: Exports;
  beforeEach(async function () {
    this.timeout(60_000);
    guest = await openGuest<Exports>("method-stats", ENTRY);
  });

  function place(text: string): [number, number] {
    const at = guest.allocate(text.length + 16);
    const length = Buffer.from(guest.memory.buffer).write(text, at);
    return [at, length];
  }

  /** Address of the block for a path, or `null`. */
  function find(path: string, { cluster = CLUSTER, replacesDots = false } = {}): number | null {
    guest.startMethodName(...place("grpc"));
    if (guest.addMethod(...place(path)) === 0) return null;
    guest.finishMethodName(replacesDots ? 1 : 0);
    return guest.methodStats(cluster);
  }

  /** Names of all records with the clusters they are of, newest first. */
  function list(): [string, number][] {
    const view = Buffer.from(guest.memory.buffer);
    const found: [string, number][] = [];
    let record = guest.newestMethod();
    for (; record !== 0; record = view.readUInt32LE(record + METHOD_NEXT)) {
      const at = view.readUInt32LE(record + METHOD_NAME);
      const length = view.readUInt32LE(record + METHOD_NAME_BYTES);
      const name = view.toString("utf8", at, at + length);
      found.push([name, view.readUInt32LE(record + METHOD_CLUSTER)]);
    }
    return found;
  }

  for (const [path, want] of names) {
    it(`addMethod: "${path}" counts under ${want}`, () => {
      const block = find(path);
      assert.equal(block === null, want === null);
      assert.deepEqual(list(), want === null ? [] : [[want, CLUSTER]]);
      if (block !== null) assert.equal(block, guest.newestMethod() + METHOD_BLOCK);
    });
  }

  it("finishMethodName: dots of the service become underscores where that is asked for", () => {
    find("/a.b.C/d.e", { replacesDots: true });
    assert.deepEqual(list(), [["grpc.a_b_C.d.e", CLUSTER]]);
  });

  it("methodStats: a method of a cluster has one record", () => {
    const first = find("/a.B/C");
    assert.equal(find("/a.B/C"), first);
    assert.notEqual(find("/a.B/C", { cluster: 8192 }), first);
    assert.deepEqual(list(), [
      ["grpc.a.B.C", 8192],
      ["grpc.a.B.C", CLUSTER],
    ]);
  });

  it("addMethod: a name at the limit counts, one byte more counts without it", () => {
    const name = `s.${"m".repeat(METHOD_NAME_BYTES_MAX - 3)}`;
    const path = `/${name.replace(".", "/")}`;
    find(`${path}m?x=${"y".repeat(5000)}`);
    assert.deepEqual(list(), [["grpc", CLUSTER]]);
    find(`${path}?x=${"y".repeat(5000)}`);
    assert.deepEqual(list()[0], [`grpc.${name}`, CLUSTER]);
    find(`/${"s".repeat(5000)}/m`);
    find(`/s/${"m".repeat(5000)}`);
    assert.equal(list().length, 2);
  });

  it("methodStats: beyond the limit methods count without their names, once for a cluster", () => {
    for (let i = 0; i < METHODS_MAX; i++) find(`/s/m${i}`);
    assert.equal(list().length, METHODS_MAX);
    assert.deepEqual(list()[0], [`grpc.s.m${METHODS_MAX - 1}`, CLUSTER]);
    const beyond = find("/s/beyond");
    assert.deepEqual(list()[0], ["grpc", CLUSTER]);
    assert.equal(find("/s/another"), beyond);
    assert.equal(list().length, METHODS_MAX + 1);
    find("/s/beyond", { cluster: 8192 });
    assert.deepEqual(list()[0], ["grpc", 8192]);
  });
});
