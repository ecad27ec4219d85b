import assert from "node:assert/strict";
import { validateConfig } from "../../../../../../proxy/main.ts";
import { toTcpBootstrap } from "../../../../../e2e/tcp/tcp-scene.ts";
import type { Part } from "../../../../../support/proxy-sketch.ts";

const AT = "static_resources.listeners[0].filter_chains[0].filters[0].typed_config";

/** What is refused because of two fields together, and with which words. */
const refused: readonly [name: string, fields: Part, want: string][] = [
  [
    "an interval in both places",
    { access_log_flush_interval: "1s", access_log_options: {} },
    `${AT}.access_log_flush_interval: ` +
      "Only one of access_log_flush_interval or access_log_options can be specified.",
  ],
  [
    "a line when connected in both places",
    { flush_access_log_on_connected: true, access_log_options: {} },
    `${AT}.flush_access_log_on_connected: ` +
      "Only one of flush_access_log_on_connected or access_log_options can be specified.",
  ],
  [
    "a path for POST, with CONNECT",
    { tunneling_config: { hostname: "a:1", post_path: "/b" } },
    `${AT}.tunneling_config.post_path: Can't set a post path when POST method isn't used`,
  ],
];

const taken: readonly [name: string, fields: Part][] = [
  ["an interval in its old place", { access_log_flush_interval: "1s" }],
  ["an interval in its new place", { access_log_options: { access_log_flush_interval: "1s" } }],
  ["a line when connected, in its old place", { flush_access_log_on_connected: true }],
  ["a path for POST", { tunneling_config: { hostname: "a:1", use_post: true, post_path: "/b" } }],
];

describe("compileTcpProxy", () => {
  for (const [name, fields, want] of refused) {
    it(`compileTcpProxy: ${name} is refused`, async () => {
      const config = toTcpBootstrap({ endpoints: [1], proxy: fields });
      await assert.rejects(validateConfig(config, "c"), { code: "CONFIG_INVALID", message: want });
    });
  }

  for (const [name, fields] of taken) {
    it(`compileTcpProxy: ${name} is taken`, async () => {
      await validateConfig(toTcpBootstrap({ endpoints: [1], proxy: fields }), "c");
    });
  }
});
