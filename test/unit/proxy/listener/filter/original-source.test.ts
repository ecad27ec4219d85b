import assert from "node:assert/strict";
import { ConnectionFacts } from "../../../../../proxy/listener/connection-facts.ts";
import { OriginalSource } from "../../../../../proxy/listener/filter/original-source.ts";
import { ENDS } from "../counted-filter.ts";

const MODEL = { kind: "original-src", mark: 7 } as const;

describe("OriginalSource", () => {
  it("OriginalSource: the client's address as it is known when it is the filter's turn", () => {
    const facts = new ConnectionFacts(ENDS);
    facts.ends = { ...ENDS, remoteAddress: "2001:db8::1" };
    assert.equal(new OriginalSource(MODEL, facts).onAccept(), "next");
    assert.deepEqual(facts.source, { address: "2001:db8::1", mark: 7 });
  });

  it("OriginalSource: a client without an address has none", () => {
    const facts = new ConnectionFacts({ ...ENDS, remoteAddress: "" });
    assert.equal(new OriginalSource(MODEL, facts).onAccept(), "next");
    assert.equal(facts.source, null);
  });
});
