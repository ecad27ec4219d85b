import assert from "node:assert/strict";
import {
  toMemoryJson,
  toRuntimeJson,
  toServerInfoJson,
} from "../../../../../proxy/admin/page/server-info.ts";
import { isTree } from "../../../../../proxy/admin/page/field-mask.ts";
import { openSource } from "../scripted-source.ts";

describe("server info pages", () => {
  it("toServerInfoJson: has Envoy's fields, those that hold a default included", () => {
    const json = toServerInfoJson(openSource({ state: () => "DRAINING" }));
    assert.ok(isTree(json));
    assert.deepEqual(
      [json.version, json.state, json.uptime_current_epoch, json.uptime_all_epochs],
      ["0.1.0", "DRAINING", "61s", "61s"],
    );
    assert.equal(json.hot_restart_version, "disabled");
    const options = json.command_line_options;
    assert.ok(isTree(options) && isTree(json.node));
    assert.deepEqual(
      [options.concurrency, options.config_path, options.base_id, options.mode],
      [2, "envoy.yaml", "0", "Serve"],
    );
    assert.equal(json.node.id, "n1");
  });

  it("toMemoryJson: has Envoy's fields as texts", () => {
    assert.deepEqual(toMemoryJson(openSource()), {
      allocated: "100",
      heap_size: "250",
      pageheap_unmapped: "0",
      pageheap_free: "150",
      total_thread_cache: "0",
      total_physical_bytes: "300",
    });
  });

  it("toRuntimeJson: the last layer that has a key wins", () => {
    const entries = new Map([
      ["b", ["1", "2"]],
      ["a", ["1", ""]],
    ]);
    assert.deepEqual(toRuntimeJson({ layers: ["low", "high"], entries }), {
      entries: {
        a: { final_value: "1", layer_values: ["1", ""] },
        b: { final_value: "2", layer_values: ["1", "2"] },
      },
      layers: ["low", "high"],
    });
  });
});
