import assert from "node:assert/strict";
import {
  STATE_IS_ADDRESS,
  STATE_IS_HASHED,
  STATE_SHARED_ONCE,
} from "../../../../api/engine/state-image.ts";
import { metadataKey, type StateEntry, stateKey } from "../../../../proxy/cluster/filter-state.ts";

function entry(key: string, value: string, flags = STATE_SHARED_ONCE): StateEntry {
  return { key, value, flags };
}

const HASHED = STATE_SHARED_ONCE | STATE_IS_HASHED;

describe("filter-state", () => {
  it("stateKey: in HTTP, connections differ by values that can be hashed alone", () => {
    const plain = [entry("a", "1")];
    const hashed = [entry("a", "1", HASHED)];
    assert.equal(stateKey(plain, false), stateKey([], false));
    assert.notEqual(stateKey(hashed, false), stateKey([], false));
    assert.notEqual(stateKey(hashed, false), stateKey([entry("a", "2", HASHED)], false));
    assert.notEqual(stateKey(hashed, false), stateKey([entry("b", "1", HASHED)], false));
  });

  it("stateKey: in TCP they differ by all values", () => {
    assert.notEqual(stateKey([entry("a", "1")], true), stateKey([], true));
  });

  it("stateKey: the order makes no difference", () => {
    const [one, two] = [entry("a", "1", HASHED), entry("b", "2", HASHED | STATE_IS_ADDRESS)];
    assert.equal(stateKey([one, two], false), stateKey([two, one], false));
  });

  it("metadataKey: cannot be the key of an object in the filter state", () => {
    assert.notEqual(metadataKey("a:b"), "a:b");
    assert.ok(metadataKey("a:b") < " ");
  });
});
