import {
  GRPC_STATS_BYTES,
  GRPC_STATS_FLAG_ALL_METHODS,
  GRPC_STATS_FLAG_FILTER_STATE,
  GRPC_STATS_FLAG_REPLACE_DOTS,
  GRPC_STATS_FLAG_UPSTREAM,
  GRPC_STATS_FLAGS,
  GRPC_STATS_METHODS,
  GRPC_STATS_METHODS_MASK,
  LISTED_METHOD_BYTES,
  LISTED_METHOD_HASH,
  LISTED_METHOD_TEXT,
} from "../../../../api/engine/chain-image.ts";
import type { GrpcMethodList } from "../../../../api/gen/envoy/config/core/v3/grpc_method_list_pb.js";
import type { FilterConfig } from "../../../../api/gen/envoy/extensions/filters/http/grpc_stats/v3/config_pb.js";
import type { ImageWriter } from "../../image/image-writer.ts";
import { hashText, writeHashTable } from "../route/hash-table.ts";

/** Writes the settings of `envoy.filters.http.grpc_stats`, and returns their offset. */
export function compileGrpcStats(writer: ImageWriter, config: FilterConfig): number {
  const { perMethodStatSpecifier: which } = config;
  const record = writer.reserve(GRPC_STATS_BYTES);
  const isAll = which.case === "statsForAllMethods" && which.value.value;
  const flags =
    (isAll ? GRPC_STATS_FLAG_ALL_METHODS : 0) |
    // Of listed methods Envoy leaves the names as they are.
    (isAll && config.replaceDotsInGrpcServiceName ? GRPC_STATS_FLAG_REPLACE_DOTS : 0) |
    (config.enableUpstreamStats ? GRPC_STATS_FLAG_UPSTREAM : 0) |
    (config.emitFilterState ? GRPC_STATS_FLAG_FILTER_STATE : 0);
  writer.setUint32(record + GRPC_STATS_FLAGS, flags);
  if (which.case === "individualMethodStatsAllowlist") writeMethods(writer, record, which.value);
  return record;
}

function writeMethods(writer: ImageWriter, record: number, { services }: GrpcMethodList): void {
  const all = services.flatMap(({ name, methodNames }) =>
    methodNames.map((method) => `${name}/${method}`),
  );
  const methods = [...new Set(all)];
  const hashes = methods.map((method) => hashText(method));
  const table = writeHashTable(writer, hashes, LISTED_METHOD_BYTES, (slot, index) => {
    writer.setUint32(slot + LISTED_METHOD_HASH, hashes[index]);
    writer.setText(slot + LISTED_METHOD_TEXT, methods[index]);
  });
  writer.setUint32(record + GRPC_STATS_METHODS, table.offset);
  writer.setUint32(record + GRPC_STATS_METHODS_MASK, table.mask);
}
