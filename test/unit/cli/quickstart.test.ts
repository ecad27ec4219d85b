import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { quickstartCommand } from "../../../cli/quickstart.ts";

const FILE = new URL("../../../examples/quickstart/envoy.yaml", import.meta.url);

/** Every `port_value` in a piece of configuration, in order. */
function portsIn(value: unknown): number[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "port_value" ? [Number(inner)] : portsIn(inner),
  );
}

describe("quickstart command", () => {
  it("quickstart: the defaults of its flags are the ports of the configuration", () => {
    const ports = quickstartCommand.flags.filter(({ kind }) => kind === "port");
    assert.deepEqual(
      ports.map((flag) => [flag.long, flag.default]),
      [
        ["listen-port", "10000"],
        ["admin-port", "9901"],
        ["shop-port", "10101"],
      ],
    );
    const { admin, static_resources } = parse(readFileSync(FILE, "utf8"));
    assert.deepEqual(portsIn(admin), [9901]);
    assert.deepEqual(portsIn(static_resources.listeners), [10000]);
    assert.deepEqual(portsIn(static_resources.clusters), [10101, 10102, 10103, 10104]);
  });
});
