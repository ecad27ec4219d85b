import { fromBinary } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import * as image from "../../../../api/engine/format-image.ts";
import type { AccessLog } from "../../../../api/gen/envoy/config/accesslog/v3/accesslog_pb.js";
import type { SubstitutionFormatString } from "../../../../api/gen/envoy/config/core/v3/substitution_format_string_pb.js";
import { FileAccessLogSchema } from "../../../../api/gen/envoy/extensions/access_loggers/file/v3/file_pb.js";
import {
  StderrAccessLogSchema,
  StdoutAccessLogSchema,
} from "../../../../api/gen/envoy/extensions/access_loggers/stream/v3/stream_pb.js";
import type { FieldPath } from "../../field-path.ts";
import { compileFormat, refuseFormat as refuse } from "../../format/compile.ts";
import { compileSubstitution } from "../../format/compile-substitution.ts";
import type { FormatSetting } from "../../format/format-setting.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import type { LogSinkModel } from "../../model.ts";
import type { FilterSetting } from "./access-log-filter.ts";
import { compileAccessLogFilter } from "./access-log-filter.ts";

/** Envoy's format when none is configured. */
export const DEFAULT_ACCESS_LOG_FORMAT =
  '[%START_TIME%] "%REQUEST_HEADER(:METHOD)% ' +
  '%REQUEST_HEADER(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" ' +
  "%RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% " +
  "%RESPONSE_HEADER(X-ENVOY-UPSTREAM-SERVICE-TIME)% " +
  '"%REQUEST_HEADER(X-FORWARDED-FOR)%" "%REQUEST_HEADER(USER-AGENT)%" ' +
  '"%REQUEST_HEADER(X-REQUEST-ID)%" "%REQUEST_HEADER(:AUTHORITY)%" "%UPSTREAM_HOST%"\n';

/** What access logs need to know of the rest of the configuration. */
export interface AccessLogSetting extends FormatSetting, FilterSetting {
  /** Number of a file or stream that logs go to; equal ones share a number. */
  sinkIndex(sink: LogSinkModel): number;
}

/** Where a log goes, and in which form. */
interface Logger {
  readonly sink: LogSinkModel;
  readonly format: SubstitutionFormatString | undefined;
  /** Where the format stands. */
  readonly path: FieldPath;
}

/** Where a list of records is. */
export interface RecordList {
  /** Offset of the first. */
  readonly offset: number;
  readonly count: number;
}

/**
 * Compiles the access logs of a connection manager.
 *
 * @returns The list of records for `HCM_ACCESS_LOGS`.
 * @throws MeshError `CONFIG_INVALID` with the path of what is wrong or not implemented.
 */
export function compileAccessLogs(
  writer: ImageWriter,
  logs: readonly AccessLog[],
  context: AccessLogSetting,
  path: FieldPath,
): RecordList {
  const offset = writer.reserve(logs.length * image.ACCESS_LOG_BYTES);
  for (const [index, log] of logs.entries()) {
    const record = offset + index * image.ACCESS_LOG_BYTES;
    compileAccessLog(writer, record, log, context, path.item(index));
  }
  return { offset, count: logs.length };
}

function compileAccessLog(
  writer: ImageWriter,
  record: number,
  log: AccessLog,
  context: AccessLogSetting,
  path: FieldPath,
): void {
  const at = path.field("typed_config");
  if (log.configType.case !== "typedConfig") refuse(at, "value is required");
  const logger = readLogger(log.configType.value, at);
  if (log.filter !== undefined) {
    const filter = compileAccessLogFilter(writer, log.filter, context, path.field("filter"));
    writer.setUint32(record + image.ACCESS_LOG_FILTER, filter);
  }
  writer.setUint32(record + image.ACCESS_LOG_FORMAT, compileLine(writer, logger, context));
  const sink = context.sinkIndex(logger.sink);
  if (sink >= image.ACCESS_LOG_SINKS_MAX) {
    refuse(at, `more than ${image.ACCESS_LOG_SINKS_MAX} access log files`);
  }
  writer.setUint32(record + image.ACCESS_LOG_SINK, sink);
}

function compileLine(writer: ImageWriter, logger: Logger, context: AccessLogSetting): number {
  const { format, path } = logger;
  if (format === undefined) {
    return compileFormat(writer, DEFAULT_ACCESS_LOG_FORMAT, context, path);
  }
  return compileSubstitution(writer, format, context, path).program;
}

function readLogger(config: Any, path: FieldPath): Logger {
  const name = config.typeUrl.slice(config.typeUrl.lastIndexOf("/") + 1);
  const at = path.field("log_format");
  switch (name) {
    case FileAccessLogSchema.typeName: {
      const file = fromBinary(FileAccessLogSchema, config.value);
      const { case: kind, value } = file.accessLogFormat;
      if (kind !== undefined && kind !== "logFormat") {
        refuse(path.field(kind), "not implemented: use log_format");
      }
      return { sink: { kind: "file", path: file.path }, format: value, path: at };
    }
    case StdoutAccessLogSchema.typeName: {
      const { value } = fromBinary(StdoutAccessLogSchema, config.value).accessLogFormat;
      return { sink: { kind: "stdout", path: "" }, format: value, path: at };
    }
    case StderrAccessLogSchema.typeName: {
      const { value } = fromBinary(StderrAccessLogSchema, config.value).accessLogFormat;
      return { sink: { kind: "stderr", path: "" }, format: value, path: at };
    }
    default:
      return refuse(path, `${name}: not implemented`);
  }
}
