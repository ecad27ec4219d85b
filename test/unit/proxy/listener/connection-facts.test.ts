import assert from "node:assert/strict";
import { ConnectionFacts } from "../../../../proxy/listener/connection-facts.ts";

const ENDS = { localAddress: "10.0.0.1", localPort: 1, remoteAddress: "10.0.0.2", remotePort: 2 };

describe("ConnectionFacts", () => {
  it("restoreLocal: the socket's own ends stay known", () => {
    const facts = new ConnectionFacts(ENDS);
    assert.equal(facts.isLocalRestored, false);
    facts.restoreLocal("192.0.2.1", 443);
    assert.equal(facts.isLocalRestored, true);
    assert.deepEqual(facts.ends, { ...ENDS, localAddress: "192.0.2.1", localPort: 443 });
    assert.deepEqual(facts.direct, ENDS);
  });

  it("setMetadata: keys of one namespace come together", () => {
    const facts = new ConnectionFacts(ENDS);
    facts.setMetadata("n", "a", "1");
    facts.setMetadata("n", "b", "2");
    facts.setMetadata("m", "a", "3");
    assert.deepEqual(
      Array.from(facts.metadata, ([name, keys]) => [name, Object.fromEntries(keys)]),
      [
        ["n", { a: "1", b: "2" }],
        ["m", { a: "3" }],
      ],
    );
  });
});
