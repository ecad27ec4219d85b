import * as image from "../../../../api/engine/format-image.ts";
import { RESPONSE_FLAG_NAMES } from "../../../../api/engine/response-flags.ts";
import type {
  AccessLogFilter,
  ComparisonFilter,
  GrpcStatusFilter,
  HeaderFilter,
  LogTypeFilter,
  ResponseFlagFilter,
  RuntimeFilter,
} from "../../../../api/gen/envoy/config/accesslog/v3/accesslog_pb.js";
import { FractionalPercent_DenominatorType as Denominator } from "../../../../api/gen/envoy/type/v3/percent_pb.js";
import type { FieldPath } from "../../field-path.ts";
import { refuseFormat as refuse } from "../../format/compile.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { writeHeaderMatchers } from "../route/match/header-match.ts";
import type { Fraction } from "../route/route-setting.ts";

/** What filters need to know of the rest of the configuration. */
export interface FilterSetting {
  /** What the static layers of the runtime say of a key, if anything. A number is hundredths. */
  runtimeFraction(key: string): Fraction | undefined;
}

const DENOMINATORS = {
  [Denominator.HUNDRED]: 100,
  [Denominator.TEN_THOUSAND]: 10_000,
  [Denominator.MILLION]: 1_000_000,
};

/**
 * Compiles a filter of an access log or a local reply mapper.
 *
 * @returns The offset of its record.
 * @throws MeshError `CONFIG_INVALID` with the path of what is not implemented.
 */
export function compileAccessLogFilter(
  writer: ImageWriter,
  filter: AccessLogFilter,
  context: FilterSetting,
  path: FieldPath,
): number {
  const record = writer.reserve(image.FILTER_BYTES);
  const { case: kind, value } = filter.filterSpecifier;
  switch (kind) {
    case "statusCodeFilter":
      writer.setUint32(record + image.FILTER_KIND, image.FILTER_STATUS);
      writeComparison(writer, record, value.comparison, context);
      break;
    case "durationFilter":
      writer.setUint32(record + image.FILTER_KIND, image.FILTER_DURATION);
      writeComparison(writer, record, value.comparison, context);
      break;
    case "notHealthCheckFilter":
      writer.setUint32(record + image.FILTER_KIND, image.FILTER_NOT_HEALTH_CHECK);
      break;
    case "runtimeFilter":
      writeRuntime(writer, record, value, context);
      break;
    case "andFilter":
      writer.setUint32(record + image.FILTER_KIND, image.FILTER_AND);
      writeMembers(writer, record, value.filters, context, path.field("and_filter"));
      break;
    case "orFilter":
      writer.setUint32(record + image.FILTER_KIND, image.FILTER_OR);
      writeMembers(writer, record, value.filters, context, path.field("or_filter"));
      break;
    case "headerFilter":
      writeHeader(writer, record, value, path.field("header_filter"));
      break;
    case "responseFlagFilter":
      writeFlags(writer, record, value, path.field("response_flag_filter"));
      break;
    case "grpcStatusFilter":
      writeGrpc(writer, record, value);
      break;
    case "logTypeFilter":
      writeLogType(writer, record, value);
      break;
    default:
      refuse(path, kind === undefined ? "value is required" : `${kind}: not implemented`);
  }
  return record;
}

/** A number, which the runtime may change, and how to compare with it. */
function writeComparison(
  writer: ImageWriter,
  record: number,
  comparison: ComparisonFilter | undefined,
  context: FilterSetting,
): void {
  const { runtimeKey = "", defaultValue = 0 } = comparison?.value ?? {};
  const value = readRuntime(runtimeKey, defaultValue, context);
  writer.setUint32(record + image.FILTER_COMPARE, comparison?.op ?? image.COMPARE_EQUAL);
  writer.setUint32(record + image.FILTER_VALUE, value);
}

function readRuntime(key: string, fallback: number, context: FilterSetting): number {
  const found = key === "" ? undefined : context.runtimeFraction(key);
  // Anything else than a number does not count here, as in Envoy.
  return found?.denominator === 100 ? found.numerator : fallback;
}

function writeRuntime(
  writer: ImageWriter,
  record: number,
  filter: RuntimeFilter,
  context: FilterSetting,
): void {
  const { runtimeKey, percentSampled, useIndependentRandomness } = filter;
  const numerator = readRuntime(runtimeKey, percentSampled?.numerator ?? 0, context);
  const denominator = DENOMINATORS[percentSampled?.denominator ?? Denominator.HUNDRED];
  writer.setUint32(record + image.FILTER_KIND, image.FILTER_RANDOM);
  writer.setUint32(record + image.FILTER_COMPARE, denominator);
  writer.setUint32(record + image.FILTER_VALUE, numerator);
  writer.setUint64(record + image.FILTER_BITS, useIndependentRandomness ? 1n : 0n);
}

function writeMembers(
  writer: ImageWriter,
  record: number,
  filters: readonly AccessLogFilter[],
  context: FilterSetting,
  path: FieldPath,
): void {
  const at = path.field("filters");
  const members = filters.map((filter, index) =>
    compileAccessLogFilter(writer, filter, context, at.item(index)),
  );
  const list = writer.reserve(members.length * 4);
  for (const [index, member] of members.entries()) writer.setUint32(list + index * 4, member);
  writer.setList(record + image.FILTER_LIST, list, members.length);
}

function writeHeader(
  writer: ImageWriter,
  record: number,
  { header }: HeaderFilter,
  path: FieldPath,
): void {
  const at = path.field("header");
  if (header === undefined) refuse(at, "value is required");
  writer.setUint32(record + image.FILTER_KIND, image.FILTER_HEADERS);
  writeHeaderMatchers(writer, record + image.FILTER_LIST, [header], at);
}

/** No flags means any flag. */
function writeFlags(
  writer: ImageWriter,
  record: number,
  { flags }: ResponseFlagFilter,
  path: FieldPath,
): void {
  let bits = flags.length === 0 ? ~0n & 0xffff_ffff_ffff_ffffn : 0n;
  for (const [index, flag] of flags.entries()) {
    if (!RESPONSE_FLAG_NAMES.includes(flag)) {
      refuse(path.field("flags").item(index), `unknown response flag ${flag}`);
    }
    for (const [bit, name] of RESPONSE_FLAG_NAMES.entries()) {
      if (name === flag) bits |= 1n << BigInt(bit);
    }
  }
  writer.setUint32(record + image.FILTER_KIND, image.FILTER_FLAGS);
  writer.setUint64(record + image.FILTER_BITS, bits);
}

function writeGrpc(writer: ImageWriter, record: number, filter: GrpcStatusFilter): void {
  const bits = filter.statuses.reduce((sum, status) => sum | (1n << BigInt(status)), 0n);
  writer.setUint32(record + image.FILTER_KIND, image.FILTER_GRPC);
  writer.setUint32(record + image.FILTER_VALUE, filter.exclude ? 1 : 0);
  writer.setUint64(record + image.FILTER_BITS, bits);
}

function writeLogType(writer: ImageWriter, record: number, filter: LogTypeFilter): void {
  const listed = filter.types.reduce((sum, type) => sum | (1n << BigInt(type)), 0n);
  const passes = filter.exclude ? ~listed & 0xffff_ffff_ffff_ffffn : listed;
  writer.setUint32(record + image.FILTER_KIND, image.FILTER_LOG_TYPE);
  writer.setUint64(record + image.FILTER_BITS, passes);
}
