import assert from "node:assert/strict";
import type { ListenerModel } from "../../../../proxy/config/model.ts";
import { refuseSocketChanges } from "../../../../proxy/socket/socket-change.ts";

function listener(name: string, reusesPort: boolean): ListenerModel {
  return {
    name,
    addresses: [],
    statName: name,
    reusesPort,
    isInbound: false,
    isInternal: false,
    logRecord: 0,
    backlog: 8,
    bufferBytesMax: 1,
    filterChains: [],
    defaultFilterChain: null,
    chainMatcher: null,
    listenerFilters: { filters: [], timeoutMs: 0, continuesOnTimeout: false },
    usesOriginalDestination: false,
    bindsToPort: true,
  };
}

describe("socket change", () => {
  it("refuseSocketChanges: new listeners, and those that stay as they are, may be", () => {
    const before = [listener("a", true), listener("b", false)];
    refuseSocketChanges(before, [listener("b", false), listener("c", false), listener("a", true)]);
  });

  it("refuseSocketChanges: a listener that stays keeps enable_reuse_port", () => {
    const before = [listener("a", true), listener("b", true)];
    assert.throws(() => refuseSocketChanges(before, [before[0], listener("b", false)]), {
      code: "CONFIG_INVALID",
      message:
        "static_resources.listeners[1].enable_reuse_port: " +
        "listener b: reuse port cannot be changed during an update",
    });
  });
});
