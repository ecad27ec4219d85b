import assert from "node:assert/strict";
import {
  type ByteTrie,
  toByteTrie,
} from "../../../../../../proxy/config/regex/automaton/utf8-trie.ts";
import type { RuneSet } from "../../../../../../proxy/config/regex/syntax/syntax-tree.ts";

/** How many bytes of `bytes` make a character of the trie, or 0. */
function matchLength(trie: ByteTrie, bytes: Uint8Array): number {
  let node = trie;
  for (const [index, byte] of bytes.entries()) {
    const edges = node.edges.filter((edge) => {
      return edge.bytes.some(([low, high]) => low <= byte && byte <= high);
    });
    assert.ok(edges.length < 2, "edges of one trie must accept different bytes");
    if (edges.length === 0) return 0;
    const { target } = edges[0];
    if (target === null) return index + 1;
    node = target;
  }
  return 0;
}

const EDGES = [
  ...[0, 0x41, 0x7f, 0x80, 0x81, 0x7ff, 0x800, 0x801, 0xfff, 0x1000, 0xd7ff, 0xe000, 0xffff],
  ...[0x10000, 0x10001, 0x3ffff, 0x40000, 0x10ffff],
];

describe("toByteTrie", () => {
  it("toByteTrie: accepts the UTF-8 of the members and of nothing else", () => {
    for (const low of EDGES) {
      for (const high of EDGES.filter((edge) => edge >= low)) {
        const trie = toByteTrie([[low, high]]);
        for (const rune of EDGES.flatMap((edge) => [edge - 1, edge, edge + 1])) {
          if (rune < 0 || rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000)) continue;
          const bytes = Buffer.from(String.fromCodePoint(rune));
          const want = low <= rune && rune <= high ? bytes.length : 0;
          assert.equal(matchLength(trie, bytes), want, `${low}-${high}: ${rune}`);
        }
      }
    }
  });

  it("toByteTrie: overlong forms and values beyond Unicode are not in an exact set", () => {
    const trie = toByteTrie([[0x80, 0x10fffe]]);
    for (const bytes of [
      [0xc0, 0x80],
      [0xc1, 0xbf],
      [0xe0, 0x9f, 0xbf],
      [0xf0, 0x8f, 0xbf, 0xbf],
    ]) {
      assert.equal(matchLength(trie, Uint8Array.from(bytes)), 0);
    }
    assert.equal(matchLength(trie, Uint8Array.from([0xf4, 0x90, 0x80, 0x80])), 0);
  });

  it("toByteTrie: everything outside ASCII takes three nodes more", () => {
    const all: RuneSet = [[0, 0x10ffff]];
    const tries = new Set<ByteTrie>();
    const visit = (trie: ByteTrie) => {
      if (tries.has(trie)) return;
      tries.add(trie);
      for (const { target } of trie.edges) if (target !== null) visit(target);
    };
    visit(toByteTrie(all));
    assert.equal(tries.size, 4);
  });
});
