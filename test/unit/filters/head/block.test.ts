import assert from "node:assert/strict";
import fc from "fast-check";
import {
  H_CONNECTION,
  H_CONTENT_LENGTH,
  H_METHOD,
  H_PATH,
  H_RANGE,
} from "../../../../api/engine/header-names.ts";
import { type HeadExports, openHeadModule } from "./head-module.ts";

describe("block", () => {
  let head: HeadExports;
  let view: Buffer;
  let texts: number;
  let used: number;
  let target: number;
  before(async function () {
    this.timeout(60_000);
    head = await openHeadModule();
    view = Buffer.from(head.memory.buffer);
    texts = head.allocate(1 << 20);
    target = head.allocate(1 << 20);
  });
  beforeEach(() => {
    used = 0;
  });

  /** Puts a text in memory; returns its address and length. */
  function place(text: string): [number, number] {
    const at = texts + used;
    const length = view.write(text, at);
    used += length + 16;
    return [at, length];
  }

  function add(block: number, name: string, value: string): void {
    head.add(block, ...place(name), ...place(value));
  }

  function lines(block: number): string[] {
    const length = head.dump(block, target);
    return view
      .toString("latin1", target, target + length)
      .split("\n")
      .slice(0, -1);
  }

  function withBlock(use: (block: number) => void): void {
    const before = head.bytesInUse();
    const block = head.create(2);
    head.pseudo(block, 0, H_METHOD, ...place("GET"));
    head.pseudo(block, 1, H_PATH, ...place("/"));
    use(block);
    head.destroy(block);
    assert.equal(head.bytesInUse(), before);
  }

  it("addHeader: headers stand behind the pseudo-headers in the order they came", () => {
    withBlock((block) => {
      add(block, "range", "1");
      add(block, "x-a", "2");
      add(block, "range", "3");
      assert.deepEqual(lines(block), [":method=GET", ":path=/", "range=1", "x-a=2", "range=3"]);
    });
  });

  it("addHeader: any number of headers fit", () => {
    withBlock((block) => {
      const want = Array.from({ length: 1000 }, (_, i) => `x-${i}=${i}`);
      for (let i = 0; i < 1000; i++) add(block, `x-${i}`, String(i));
      assert.deepEqual(lines(block).slice(2), want);
    });
  });

  it("copyHeaders: what lives is copied, in order, whatever becomes of the source", () => {
    withBlock((source) => {
      add(source, "range", "1");
      add(source, "x-gone", "2");
      add(source, "x-a", "3");
      add(source, "connection", "4");
      add(source, "x-empty", "");
      add(source, "range", "5");
      head.remove(source, ...place("x-gone"));
      head.removeById(source, H_CONNECTION);
      const copy = head.create(4);
      head.copy(copy, source);
      head.clear(source, 2);
      view.fill(0x7a, texts, texts + used);
      const want = [":method=GET", ":path=/", "range=1", "x-a=3", "x-empty=", "range=5"];
      assert.deepEqual(lines(copy), want);
      assert.equal(head.may(copy, H_RANGE), 1);
      assert.equal(head.may(copy, H_CONNECTION), 0);
      head.destroy(copy);
    });
  });

  it("copyHeaders: more headers than a block begins with, and longer ones", () => {
    withBlock((source) => {
      for (let i = 0; i < 100; i++) add(source, `x-${i}`, "v".repeat(i * 40));
      const copy = head.create(2);
      head.copy(copy, source);
      assert.deepEqual(lines(copy), lines(source));
      head.destroy(copy);
    });
  });

  it("findKnown: the first live one; ids on both sides of 64 are told apart", () => {
    withBlock((block) => {
      assert.equal(head.find(block, H_CONNECTION), 0);
      const [first] = place("1");
      head.addById(block, H_CONNECTION, first, 1);
      head.addById(block, H_CONNECTION, ...place("2"));
      assert.equal(head.find(block, H_CONNECTION), first);
      // 7 and 7 + 64 share a bit place.
      assert.equal(head.may(block, H_CONNECTION + 64), 0);
      head.addById(block, H_RANGE, ...place("3"));
      assert.equal(head.may(block, H_RANGE - 64), 0);
      head.removeById(block, H_CONNECTION);
      assert.equal(head.find(block, H_CONNECTION), 0);
      assert.deepEqual(lines(block).slice(2), ["range=3"]);
    });
  });

  it("setKnown: one value remains, at the place of the first", () => {
    withBlock((block) => {
      add(block, "content-length", "1");
      add(block, "x-a", "2");
      add(block, "content-length", "3");
      head.set(block, H_CONTENT_LENGTH, ...place("4"));
      assert.deepEqual(lines(block).slice(2), ["content-length=4", "x-a=2"]);
      head.set(block, H_RANGE, ...place("5"));
      assert.deepEqual(lines(block).slice(2), ["content-length=4", "x-a=2", "range=5"]);
    });
  });

  it("setKnown: after a removal the header is there again", () => {
    withBlock((block) => {
      add(block, "range", "1");
      head.removeById(block, H_RANGE);
      head.set(block, H_RANGE, ...place("2"));
      assert.deepEqual(lines(block).slice(2), ["range=2"]);
    });
  });

  it("removeName: all of the name and no other, well-known or not; pseudo-headers stay", () => {
    withBlock((block) => {
      for (const name of ["x-a", "x-b", "range", "x-a", "range", "x-ab"]) add(block, name, "1");
      head.remove(block, ...place("x-a"));
      head.remove(block, ...place("range"));
      head.remove(block, ...place(":path"));
      assert.deepEqual(lines(block), [":method=GET", ":path=/", "x-b=1", "x-ab=1"]);
    });
  });

  it("nextByName: walks the live headers of a name", () => {
    withBlock((block) => {
      for (const name of ["x-a", "range", "x-a", "range"]) add(block, name, "1");
      const [name, length] = place("x-a");
      assert.equal(head.next(block, 0, name, length), 2);
      assert.equal(head.next(block, 3, name, length), 4);
      assert.equal(head.next(block, 5, name, length), -1);
      assert.equal(head.next(block, 4, ...place("range")), 5);
      assert.equal(head.next(block, 0, ...place("x-b")), -1);
      assert.equal(head.next(block, 0, ...place(":path")), 1);
    });
  });

  it("clearBlock: nothing of the last message remains", () => {
    withBlock((block) => {
      add(block, "range", "1");
      head.clear(block, 2);
      assert.deepEqual(lines(block), []);
      assert.equal(head.may(block, H_RANGE), 0);
      assert.equal(head.find(block, H_RANGE), 0);
    });
  });

  it("reserveArena: what a message needs beyond the first block goes back with it", () => {
    withBlock((block) => {
      const before = head.bytesInUse();
      for (const length of [0, 1, 3000, 100, 60_000, 3039, 3040, 3041]) {
        const bytes = head.reserve(block, length);
        view.fill(0xaa, bytes, bytes + length + 16);
      }
      assert.ok(head.bytesInUse() > before);
      head.trim(block);
      assert.equal(head.bytesInUse(), before);
      head.reserve(block, 9000);
      head.clear(block, 2);
      assert.equal(head.bytesInUse(), before);
    });
  });

  it("trimBlock: the entries of a head with many headers are given back, and few fit again", () => {
    withBlock((block) => {
      const before = head.bytesInUse();
      for (const emptied of [head.trim, (it: number) => head.clear(it, 2)]) {
        for (let i = 0; i < 120; i++) add(block, `x-${i}`, "1");
        assert.ok(head.bytesInUse() > before);
        emptied(block);
        assert.equal(head.bytesInUse(), before);
        head.clear(block, 0);
        add(block, "x-a", "1");
        assert.deepEqual(lines(block), ["x-a=1"]);
      }
    });
  });

  it("keepBytes: what is kept is never overwritten by what is kept later", () => {
    const property = fc.property(
      fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 30 }),
      (lengths) => {
        withBlock((block) => {
          const kept = lengths.map((length, index) => {
            view.fill(index, texts, texts + length);
            return head.keep(block, texts, length);
          });
          for (const [index, length] of lengths.entries()) {
            const seen = view.subarray(kept[index], kept[index] + length);
            assert.ok(seen.every((byte) => byte === index));
          }
        });
      },
    );
    fc.assert(property, { numRuns: 100, seed: 5 });
  });
});
