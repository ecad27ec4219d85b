import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import {
  HCM_LISTENER_PORT,
  IMAGE_CLUSTERS,
  IMAGE_HCMS,
  IMAGE_LOCAL_ADDRESS,
  IMAGE_MAGIC,
  IMAGE_NODE_CLUSTER,
  IMAGE_NODE_ID,
  IMAGE_TOTAL_BYTES,
  IMAGE_VERSION,
} from "../../../../../api/engine/image.ts";
import { parseBootstrap } from "../../../../../proxy/config/bootstrap.ts";
import { ImageReader } from "../../../../../proxy/config/compile/route/describe/image-reader.ts";
import { compileSnapshot } from "../../../../../proxy/config/compile/snapshot.ts";
import type { ListenerModel, Snapshot } from "../../../../../proxy/config/model.ts";
import { sampleBootstrap, socketAddress } from "../sample-bootstrap.ts";
import { SAMPLE_SETTING } from "./sample-setting.ts";

/** Compiles the sample with changes to its only listener and to the rest. */
function compile(listener: JsonObject = {}, rest: JsonObject = {}): Snapshot {
  const sample = sampleBootstrap();
  const resources = Object(sample.static_resources);
  const listeners = [{ ...resources.listeners[0], ...listener }];
  const json = { ...sample, static_resources: { ...resources, listeners }, ...rest };
  const bootstrap = parseBootstrap(JSON.stringify(json), { name: "sample.json" });
  return compileSnapshot(bootstrap, 3, SAMPLE_SETTING);
}

function readerOf({ image }: Snapshot): ImageReader {
  return new ImageReader(new DataView(image.buffer, image.byteOffset, image.byteLength));
}

/** Defaults are Envoy's, from listener.proto. */
const listeners: readonly { name: string; json: JsonObject; want: Partial<ListenerModel> }[] = [
  {
    name: "defaults",
    json: {},
    want: {
      name: "main",
      addresses: [{ kind: "tcp", host: "0.0.0.0", port: 10_000 }],
      statName: "0.0.0.0_10000",
      reusesPort: true,
      backlog: 2_147_483_647,
      bufferBytesMax: 1_048_576,
      defaultFilterChain: null,
    },
  },
  { name: "a name from the address", json: { name: "" }, want: { name: "0.0.0.0:10000" } },
  {
    name: "an IPv6 address in statistics",
    json: { address: socketAddress("::1", 80) },
    want: { statName: "[__1]_80" },
  },
  { name: "stat_prefix", json: { stat_prefix: "in" }, want: { statName: "in" } },
  { name: "enable_reuse_port", json: { enable_reuse_port: false }, want: { reusesPort: false } },
  { name: "reuse_port", json: { reuse_port: true }, want: { reusesPort: true } },
  {
    name: "reuse_port, which enable_reuse_port wins over",
    json: { reuse_port: true, enable_reuse_port: false },
    want: { reusesPort: false },
  },
  {
    name: "a tcp_backlog_size that no kernel takes",
    json: { tcp_backlog_size: 4_294_967_295 },
    want: { backlog: 2_147_483_647 },
  },
  { name: "tcp_backlog_size 0", json: { tcp_backlog_size: 0 }, want: { backlog: 0 } },
  { name: "tcp_backlog_size", json: { tcp_backlog_size: 7 }, want: { backlog: 7 } },
  {
    name: "the buffer limit",
    json: { per_connection_buffer_limit_bytes: 99 },
    want: { bufferBytesMax: 99 },
  },
  {
    name: "several addresses",
    json: { additional_addresses: [{ address: { pipe: { path: "/run/a.sock" } } }] },
    want: {
      addresses: [
        { kind: "tcp", host: "0.0.0.0", port: 10_000 },
        { kind: "pipe", path: "/run/a.sock", mode: 0 },
      ],
    },
  },
];

describe("compile snapshot", () => {
  for (const { name, json, want } of listeners) {
    it(`compileSnapshot: a listener with ${name}`, () => {
      const [listener] = compile(json).listeners;
      assert.deepEqual({ ...listener, ...want }, listener);
    });
  }

  it("compileSnapshot: where ports are not shared, enable_reuse_port is false", () => {
    const json = sampleBootstrap();
    Object(json.static_resources).listeners[0].enable_reuse_port = true;
    const bootstrap = parseBootstrap(JSON.stringify(json), { name: "a.json" });
    const { listeners } = compileSnapshot(bootstrap, 1, { ...SAMPLE_SETTING, sharesPorts: false });
    assert.equal(listeners[0].reusesPort, false);
  });

  it("compileSnapshot: equal input gives equal bytes", () => {
    assert.deepEqual(compile(), compile());
  });

  it("compileSnapshot: the input is not changed", () => {
    const bootstrap = parseBootstrap(JSON.stringify(sampleBootstrap()), { name: "a.json" });
    const before = structuredClone(bootstrap);
    compileSnapshot(bootstrap, 1, SAMPLE_SETTING);
    assert.deepEqual(structuredClone(bootstrap), before);
  });

  it("compileSnapshot: the header says what the image is, how long, and whose", () => {
    const snapshot = compile({}, { node: { id: "one", cluster: "shop" } });
    const reader = readerOf(snapshot);
    assert.equal(Buffer.from(snapshot.image.subarray(IMAGE_MAGIC, 4)).toString(), "CWIM");
    assert.equal(reader.uint32(IMAGE_VERSION), 4);
    const total = reader.uint32(IMAGE_TOTAL_BYTES);
    assert.ok(total <= snapshot.image.length && snapshot.image.length - total < 8);
    assert.equal(reader.text(IMAGE_NODE_ID), "one");
    assert.equal(reader.text(IMAGE_NODE_CLUSTER), "shop");
    assert.equal(reader.text(IMAGE_LOCAL_ADDRESS), "10.0.0.1");
    assert.equal(reader.list(IMAGE_CLUSTERS).count, 2);
    assert.equal(snapshot.version, 3);
  });

  it("compileSnapshot: every filter chain has its manager, the default one last", () => {
    const [first] = Object(sampleBootstrap().static_resources).listeners;
    const [chain] = first.filter_chains;
    const snapshot = compile({
      filter_chains: [{ ...chain, name: "a", filter_chain_match: { destination_port: 80 } }],
      default_filter_chain: { ...chain, name: "b" },
    });
    const [{ filterChains, defaultFilterChain }] = snapshot.listeners;
    assert.deepEqual([filterChains[0]?.name, defaultFilterChain?.name], ["a", "b"]);
    assert.equal(filterChains[0]?.match?.destinationPort, 80);
    assert.equal(defaultFilterChain?.match, null);
    const reader = readerOf(snapshot);
    const { target, count } = reader.list(IMAGE_HCMS);
    const records = Array.from({ length: count }, (_, i) => reader.uint32(target + i * 4));
    assert.deepEqual(records, [
      filterChains[0]?.manager.record,
      defaultFilterChain?.manager.record,
    ]);
    assert.equal(reader.uint32(records[0] + HCM_LISTENER_PORT), 10_000);
  });

  it("compileSnapshot: a configuration without resources is an empty image", () => {
    const bootstrap = parseBootstrap("", { name: "a.yaml" });
    const snapshot = compileSnapshot(bootstrap, 1, SAMPLE_SETTING);
    assert.deepEqual([snapshot.listeners, snapshot.clusters, snapshot.logSinks], [[], [], []]);
    assert.equal(readerOf(snapshot).list(IMAGE_HCMS).count, 0);
  });
});
