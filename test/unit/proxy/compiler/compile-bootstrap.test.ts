import assert from "node:assert/strict";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BootstrapSchema } from "../../../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { compileBootstrap } from "../../../../proxy/compiler/compile-bootstrap.ts";
import type { CompileRequest } from "../../../../proxy/compiler/compile-request.ts";

function compile(config: string | Uint8Array, facts: Partial<CompileRequest> = {}) {
  return compileBootstrap({ id: 0, name: "test.yaml", config, version: 1, logSinks: [], ...facts });
}

const LOG = `"@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog`;

const admins: readonly { name: string; yaml: string; want: unknown }[] = [
  { name: "none", yaml: "", want: null },
  { name: "none without an address", yaml: "admin: {}", want: null },
  {
    name: "a port",
    yaml: "admin: {address: {socket_address: {address: 127.0.0.1, port_value: 9901}}}",
    want: { address: { kind: "tcp", host: "127.0.0.1", port: 9901 }, log: null },
  },
  {
    name: "a pipe",
    yaml: "admin: {address: {pipe: {path: /run/a.sock, mode: 0600}}}",
    want: { address: { kind: "pipe", path: "/run/a.sock", mode: 384 }, log: null },
  },
];

describe("compile bootstrap", () => {
  for (const { name, yaml, want } of admins) {
    it(`compileBootstrap: the admin interface is ${name}`, () => {
      assert.deepEqual(compile(yaml).admin, want);
    });
  }

  it("compileBootstrap: the access log of the admin interface is compiled with it", () => {
    const log = (format: string): string => `admin:
  address: {pipe: {path: /run/a.sock}}
  access_log: [{name: a, typed_config: {${LOG}, path: /logs/a, ${format}}}]`;
    const { admin } = compile(log("log_format: {text_format: x}"));
    assert.deepEqual(admin?.log?.sinks, [{ kind: "file", path: "/logs/a" }]);
    const message = /admin\.access_log\[0\]\.typed_config\.log_format\.text_format: Not supported/;
    const wrong = log('log_format: {text_format: "%NO%"}');
    assert.throws(() => compile(wrong), { code: "CONFIG_INVALID", message });
  });

  it("compileBootstrap: a message in binary is checked as a text is", () => {
    const message = create(BootstrapSchema, { node: { id: "one" } });
    assert.equal(compile(toBinary(BootstrapSchema, message)).node?.id, "one");
    const wrong = create(BootstrapSchema, { statsFlushInterval: { seconds: -1n } });
    assert.throws(() => compile(toBinary(BootstrapSchema, wrong)), { code: "CONFIG_INVALID" });
  });

  it("compileBootstrap: --service-node and --service-cluster win over the node", () => {
    const yaml = "node: {id: one, cluster: a}";
    assert.equal(compile(yaml, { nodeId: "two" }).node?.id, "two");
    assert.equal(compile(yaml, { nodeId: "two" }).node?.cluster, "a");
    assert.equal(compile("", { nodeCluster: "b" }).node?.cluster, "b");
    const { bootstrap } = compile(yaml, { nodeId: "two" });
    assert.equal(fromBinary(BootstrapSchema, bootstrap).node?.id, "two");
  });

  it("compileBootstrap: statistics are flushed every 5 seconds unless told otherwise", () => {
    assert.equal(compile("").statsFlushMs, 5_000);
    assert.equal(compile("stats_flush_interval: 0.25s").statsFlushMs, 250);
  });

  it("compileBootstrap: the runtime has its layers and its keys, with every value", () => {
    const yaml = `layered_runtime:
  layers:
  - {name: low, static_layer: {a: 1, b: {c: x}}}
  - {name: high, static_layer: {a: 2}}`;
    assert.deepEqual(compile(yaml).runtime, {
      layers: ["low", "high"],
      entries: new Map([
        ["a", ["1", "2"]],
        ["b.c", ["x", ""]],
      ]),
    });
  });
});
