import assert from "node:assert/strict";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import * as image from "../../../../../../api/engine/chain-image.ts";
import { FilterConfigSchema } from "../../../../../../api/gen/envoy/extensions/filters/http/grpc_stats/v3/config_pb.js";
import { compileGrpcStats } from "../../../../../../proxy/config/compile/filter/grpc-stats.ts";
import { ImageReader } from "../../../../../../proxy/config/compile/route/describe/image-reader.ts";
import { ImageWriter } from "../../../../../../proxy/config/image/image-writer.ts";

const ALL = image.GRPC_STATS_FLAG_ALL_METHODS;
const DOTS = image.GRPC_STATS_FLAG_REPLACE_DOTS;
const services = [
  { name: "a.B", method_names: ["C", "D", "C"] },
  { name: "E", method_names: ["F"] },
];

/** Settings, their flags, and the methods that are listed. */
const rows: readonly (readonly [JsonObject, number, readonly string[]])[] = [
  [{}, 0, []],
  [{ stats_for_all_methods: false }, 0, []],
  [{ stats_for_all_methods: true }, ALL, []],
  [{ stats_for_all_methods: true, replace_dots_in_grpc_service_name: true }, ALL | DOTS, []],
  [{ replace_dots_in_grpc_service_name: true }, 0, []],
  [{ enable_upstream_stats: true }, image.GRPC_STATS_FLAG_UPSTREAM, []],
  [{ emit_filter_state: true }, image.GRPC_STATS_FLAG_FILTER_STATE, []],
  [{ individual_method_stats_allowlist: { services } }, 0, ["E/F", "a.B/C", "a.B/D"]],
];

describe("compileGrpcStats", () => {
  for (const [json, flags, methods] of rows) {
    it(`compileGrpcStats: ${JSON.stringify(json)}`, () => {
      const writer = new ImageWriter();
      writer.reserve(64);
      const record = compileGrpcStats(writer, fromJson(FilterConfigSchema, json));
      const reader = new ImageReader(new DataView(writer.finish().buffer));
      assert.equal(reader.uint32(record + image.GRPC_STATS_FLAGS), flags);
      assert.deepEqual(readMethods(reader, record).sort(), methods);
    });
  }
});

function readMethods(reader: ImageReader, record: number): string[] {
  const table = reader.uint32(record + image.GRPC_STATS_METHODS);
  if (table === 0) return [];
  const slots = reader.uint32(record + image.GRPC_STATS_METHODS_MASK) + 1;
  const texts = Array.from({ length: slots }, (_, slot) => {
    return reader.text(table + slot * image.LISTED_METHOD_BYTES + image.LISTED_METHOD_TEXT);
  });
  return texts.filter((text) => text !== "");
}
