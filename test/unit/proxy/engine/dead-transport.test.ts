import assert from "node:assert/strict";
import { DeadTransport } from "../../../../proxy/engine/dead-transport.ts";

describe("DeadTransport", () => {
  it("use: takes everything, and has nothing to wait for", () => {
    const transport = new DeadTransport();
    let sentCount = 0;
    transport.listen();
    transport.pause();
    transport.writeOutput();
    transport.end();
    transport.whenSent(() => sentCount++);
    transport.destroy();
    assert.equal(sentCount, 1);
    assert.equal(transport.waitingBytes, 0);
    assert.equal(transport.isPaused, false);
  });
});
