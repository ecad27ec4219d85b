import assert from "node:assert/strict";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import * as image from "../../../../../../api/engine/peer/peer-image.ts";
import { NodeSchema } from "../../../../../../api/gen/envoy/config/core/v3/base_pb.js";
import { ConfigSchema } from "../../../../../../api/gen/io/istio/http/peer_metadata/config_pb.js";
import {
  compilePeerMetadata,
  findsPeers,
} from "../../../../../../proxy/config/compile/peer/peer-metadata.ts";
import { ImageReader } from "../../../../../../proxy/config/compile/route/describe/image-reader.ts";
import { FieldPath } from "../../../../../../proxy/config/field-path.ts";
import { ImageWriter } from "../../../../../../proxy/config/image/image-writer.ts";

const BAGGAGE = { baggage: {} };
const HEADERS = { istio_headers: {} };
const SKIPS = { istio_headers: { skip_external_clusters: true } };
const ADDRESS = { workload_discovery: {} };
const NODE = fromJson(NodeSchema, { id: "me", metadata: { NAME: "a" } });
const PATH = FieldPath.root.field("typed_config");

function compile(json: JsonObject): { readonly reader: ImageReader; readonly record: number } {
  const writer = new ImageWriter();
  writer.reserve(64);
  const record = compilePeerMetadata(writer, fromJson(ConfigSchema, json), NODE, PATH);
  return { reader: new ImageReader(new DataView(writer.finish().buffer)), record };
}

/** Settings, flags, and the ways downstream and upstream. */
const rows: readonly (readonly [JsonObject, number, number, number])[] = [
  [{}, 0, 0, 0],
  [{ shared_with_upstream: true }, image.PEER_FLAG_SHARED, 0, 0],
  [{ downstream_discovery: [BAGGAGE] }, 0, 0x1, 0],
  [{ downstream_discovery: [HEADERS, BAGGAGE] }, image.PEER_FLAG_STRIPS_REQUEST, 0x12, 0],
  [{ downstream_discovery: [BAGGAGE, ADDRESS, BAGGAGE] }, 0, 0x1, 0],
  [{ upstream_discovery: [BAGGAGE, HEADERS] }, image.PEER_FLAG_STRIPS_RESPONSE, 0, 0x21],
  [{ upstream_propagation: [HEADERS] }, image.PEER_FLAG_HEADERS_UPSTREAM, 0, 0],
  [{ downstream_propagation: [HEADERS] }, image.PEER_FLAG_HEADERS_DOWNSTREAM, 0, 0],
  [
    { upstream_propagation: [SKIPS] },
    image.PEER_FLAG_HEADERS_UPSTREAM | image.PEER_FLAG_SKIPS_UPSTREAM,
    0,
    0,
  ],
  [
    { downstream_propagation: [SKIPS] },
    image.PEER_FLAG_HEADERS_DOWNSTREAM | image.PEER_FLAG_SKIPS_DOWNSTREAM,
    0,
    0,
  ],
  [{ upstream_propagation: [SKIPS, HEADERS] }, image.PEER_FLAG_HEADERS_UPSTREAM, 0, 0],
  [{ upstream_propagation: [BAGGAGE] }, image.PEER_FLAG_BAGGAGE_UPSTREAM, 0, 0],
  [{ downstream_propagation: [BAGGAGE] }, image.PEER_FLAG_BAGGAGE_DOWNSTREAM, 0, 0],
];

describe("compilePeerMetadata", () => {
  for (const [json, flags, downstream, upstream] of rows) {
    it(`compilePeerMetadata: ${JSON.stringify(json)}`, () => {
      const { reader, record } = compile(json);
      assert.equal(reader.uint32(record + image.PEER_FLAGS), flags);
      assert.equal(reader.uint32(record + image.PEER_DOWNSTREAM_WAYS), downstream);
      assert.equal(reader.uint32(record + image.PEER_UPSTREAM_WAYS), upstream);
    });
  }

  it("compilePeerMetadata: what is told stands in the record, and only that", () => {
    const texts = (json: JsonObject): string[] => {
      const { reader, record } = compile(json);
      const fields = [image.PEER_OWN_ID, image.PEER_OWN_METADATA, image.PEER_OWN_BAGGAGE];
      return fields.map((field) => reader.text(record + field));
    };
    assert.deepEqual(texts({}), ["", "", ""]);
    assert.deepEqual(texts({ upstream_propagation: [BAGGAGE] }), ["", "", "k8s.instance.name=a"]);
    const [id, metadata, baggage] = texts({ downstream_propagation: [HEADERS] });
    assert.deepEqual([id, baggage], ["me", ""]);
    // {LABELS: {}, NAME: "a"}
    assert.equal(metadata, "CgwKBkxBQkVMUxICKgAKCwoETkFNRRIDGgFh");
  });

  it("additional_labels: 64 are kept once each, and one more is refused", () => {
    const names = Array.from({ length: 65 }, (_, place) => `l${place}`);
    const { reader, record } = compile({ additional_labels: [...names.slice(1), "l1"] });
    assert.equal(reader.list(record + image.PEER_LABELS).count, 64);
    assert.throws(() => compile({ additional_labels: names }), {
      code: "CONFIG_INVALID",
      message: "typed_config.additional_labels: more than 64 labels",
    });
  });
});

describe("findsPeers", () => {
  const finds: readonly (readonly [JsonObject, boolean])[] = [
    [{}, false],
    [{ downstream_discovery: [ADDRESS], shared_with_upstream: true }, false],
    [{ upstream_discovery: [ADDRESS] }, false],
    [{ upstream_discovery: [ADDRESS, BAGGAGE] }, true],
    [{ downstream_discovery: [HEADERS] }, true],
    [{ downstream_propagation: [BAGGAGE] }, true],
    [{ upstream_propagation: [HEADERS] }, true],
  ];
  for (const [json, want] of finds) {
    it(`findsPeers: ${JSON.stringify(json)} is ${want}`, () => {
      assert.equal(findsPeers(fromJson(ConfigSchema, json)), want);
    });
  }
});
