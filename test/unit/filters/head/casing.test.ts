import assert from "node:assert/strict";
import fc from "fast-check";
import { type HeadExports, openHeadModule } from "./head-module.ts";

describe("casing", () => {
  let head: HeadExports;
  let view: Buffer;
  let texts: number;
  let block: number;
  before(async function () {
    this.timeout(60_000);
    head = await openHeadModule();
    view = Buffer.from(head.memory.buffer);
    texts = head.allocate(1 << 16);
  });
  beforeEach(() => {
    block = head.create(0);
  });
  afterEach(() => head.destroy(block));

  /** Puts a text in memory; returns its address and length. */
  function place(text: string): [number, number] {
    return [texts, view.write(text, texts, "latin1")];
  }

  /** The spelling that was kept of a name, or `null`. */
  function caseOf(name: string): string | null {
    const [at, length] = place(name);
    const kept = head.caseOf(block, at, length);
    return kept === 0 ? null : view.toString("latin1", kept, kept + length);
  }

  function keep(...names: readonly string[]): void {
    for (const name of names) head.keepCase(block, ...place(name));
    // Nothing may depend on where the names were read.
    view.fill(0x58, texts, texts + 1000);
  }

  it("keptName: a name is found by itself in lower case", () => {
    head.beginCasing(block, 0);
    keep("X-Foo", "HOST", "a", "x-lower");
    assert.deepEqual(["x-foo", "host", "a", "x-lower"].map(caseOf), [
      "X-Foo",
      "HOST",
      "a",
      "x-lower",
    ]);
  });

  it("keptName: what was not there is not found, however like it is", () => {
    head.beginCasing(block, 0);
    keep("X-Foo");
    assert.deepEqual(["x-fo", "x-foo-", "-foo", "x_foo", ""].map(caseOf), [
      ...[null, null, null, null, null],
    ]);
  });

  it("keepName: the first spelling stays", () => {
    head.beginCasing(block, 0);
    keep("x-FOO", "X-Foo", "x-foo");
    assert.equal(caseOf("x-foo"), "x-FOO");
  });

  it("keptName: marks that differ in the bit of case are not the same", () => {
    head.beginCasing(block, 0);
    keep("x^a", "X~B");
    assert.deepEqual(["x~a", "x^b"].map(caseOf), [null, null]);
  });

  it("keptName: any names, many of them", () => {
    const name = fc.stringMatching(/^[A-Za-z-]{1,4}$/);
    const property = fc.property(fc.array(name, { maxLength: 400 }), (names) => {
      head.clear(block, 0);
      head.beginCasing(block, 0);
      keep(...names);
      const first = new Map<string, string>();
      for (const each of names) {
        const lower = each.toLowerCase();
        if (!first.has(lower)) first.set(lower, each);
      }
      for (const [lower, spelling] of first) assert.equal(caseOf(lower), spelling);
    });
    fc.assert(property, { numRuns: 50, seed: 7 });
  });

  it("startCasing: the next head begins with nothing", () => {
    head.beginCasing(block, 0);
    keep("X-Foo");
    head.clear(block, 0);
    head.beginCasing(block, 0);
    assert.equal(caseOf("x-foo"), null);
  });

  it("isProperBeside: says what was asked for", () => {
    head.beginCasing(block, 0);
    assert.equal(head.isProper(block), 0);
    head.beginCasing(block, 1);
    assert.equal(head.isProper(block), 1);
  });

  it("keptReason: the phrase as it stood", () => {
    head.beginCasing(block, 0);
    assert.equal(head.phraseLength(block), 0);
    head.keepPhrase(block, ...place("Fine Thing"));
    view.fill(0x58, texts, texts + 100);
    const at = head.phraseAt(block);
    assert.equal(view.toString("latin1", at, at + head.phraseLength(block)), "Fine Thing");
  });

  it("keptReasonLength: a head that keeps nothing has none", () => {
    assert.equal(head.phraseLength(block), 0);
  });
});
