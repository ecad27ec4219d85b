import assert from "node:assert/strict";
import { compileListener } from "./compiled-listener.ts";

describe("compileListenerSetting", () => {
  it("compileListenerSetting: what is there when nothing is said", async () => {
    const model = await compileListener({});
    assert.equal(model.chainMatcher, null);
    assert.equal(model.usesOriginalDestination, false);
    assert.equal(model.bindsToPort, true);
    assert.deepEqual(model.listenerFilters, {
      filters: [],
      timeoutMs: 15_000,
      continuesOnTimeout: false,
    });
  });

  it("compileListenerSetting: what is said", async () => {
    const fields = {
      listener_filters_timeout: "0s",
      continue_on_listener_filters_timeout: true,
      bind_to_port: false,
    };
    const model = await compileListener({ fields });
    assert.equal(model.bindsToPort, false);
    assert.equal(model.listenerFilters.timeoutMs, 0);
    assert.equal(model.listenerFilters.continuesOnTimeout, true);
  });

  it("compileListenerSetting: use_original_dst brings its filter along, once", async () => {
    const fields = { use_original_dst: true };
    const kinds = async (filters: Parameters<typeof compileListener>[0]["filters"]) => {
      const { listenerFilters } = await compileListener({ fields, filters: filters ?? [] });
      return listenerFilters.filters.map(({ kind }) => kind);
    };
    assert.deepEqual(await kinds([["tls"]]), ["original-dst", "tls-inspector"]);
    assert.deepEqual(await kinds([["tls"], ["original-dst"]]), ["tls-inspector", "original-dst"]);
  });
});
