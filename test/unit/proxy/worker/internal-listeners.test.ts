import assert from "node:assert/strict";
import { FlushQueue } from "../../../../proxy/engine/flush-queue.ts";
import { InternalListeners } from "../../../../proxy/worker/internal-listeners.ts";
import { loadEngine } from "../../../support/load-engine.ts";

const ORIGIN = { state: [], metadata: [], endpointId: "" };

describe("InternalListeners", () => {
  it("dial: there is nobody behind a name that no listener has", () => {
    const engine = loadEngine();
    const names: string[] = [];
    const listeners = new InternalListeners(engine, new FlushQueue(), (name) => {
      names.push(name);
      return undefined;
    });
    const before = engine.calls.bytesInUse();
    assert.equal(listeners.dial("main_internal", ORIGIN), null);
    assert.deepEqual(names, ["main_internal"]);
    assert.equal(engine.calls.bytesInUse(), before);
  });
});
