import {
  AccessLogFilterSchema,
  AccessLogSchema,
  AndFilterSchema,
  ComparisonFilterSchema,
  DurationFilterSchema,
  GrpcStatusFilterSchema,
  HeaderFilterSchema,
  LogTypeFilterSchema,
  NotHealthCheckFilterSchema,
  OrFilterSchema,
  ResponseFlagFilterSchema,
  RuntimeFilterSchema,
  StatusCodeFilterSchema,
} from "../../../api/gen/envoy/config/accesslog/v3/accesslog_pb.js";
import {
  JsonFormatOptionsSchema,
  SubstitutionFormatStringSchema,
} from "../../../api/gen/envoy/config/core/v3/substitution_format_string_pb.js";
import { FileAccessLogSchema } from "../../../api/gen/envoy/extensions/access_loggers/file/v3/file_pb.js";
import { StdoutAccessLogSchema } from "../../../api/gen/envoy/extensions/access_loggers/stream/v3/stream_pb.js";
import type { MessageFields } from "./field-status.ts";
import { extension, fieldsOf, implemented, implementedNote } from "./field-status.ts";

/** Access logs, their filters, and formats with `%COMMAND%` operators. */
export const ACCESS_LOG_FIELDS: readonly MessageFields[] = [
  fieldsOf(AccessLogSchema, {
    name: implemented,
    filter: implemented,
    typed_config: extension(FileAccessLogSchema, StdoutAccessLogSchema),
  }),
  fieldsOf(AccessLogFilterSchema, {
    status_code_filter: implemented,
    duration_filter: implemented,
    not_health_check_filter: implemented,
    runtime_filter: implemented,
    and_filter: implemented,
    or_filter: implemented,
    header_filter: implemented,
    response_flag_filter: implemented,
    grpc_status_filter: implemented,
    log_type_filter: implementedNote(
      "Lines are written at the end of a stream, so the type is always `DownstreamEnd`.",
    ),
  }),
  fieldsOf(StatusCodeFilterSchema, { comparison: implemented }),
  fieldsOf(DurationFilterSchema, { comparison: implemented }),
  fieldsOf(ComparisonFilterSchema, { op: implemented, value: implemented }),
  fieldsOf(NotHealthCheckFilterSchema, {}),
  fieldsOf(RuntimeFilterSchema, {
    runtime_key: implemented,
    percent_sampled: implemented,
    use_independent_randomness: implemented,
  }),
  fieldsOf(AndFilterSchema, { filters: implemented }),
  fieldsOf(OrFilterSchema, { filters: implemented }),
  fieldsOf(HeaderFilterSchema, { header: implemented }),
  fieldsOf(ResponseFlagFilterSchema, { flags: implemented }),
  fieldsOf(GrpcStatusFilterSchema, { statuses: implemented, exclude: implemented }),
  fieldsOf(LogTypeFilterSchema, { types: implemented, exclude: implemented }),
  fieldsOf(FileAccessLogSchema, { path: implemented, log_format: implemented }),
  fieldsOf(StdoutAccessLogSchema, { log_format: implemented }),
  fieldsOf(SubstitutionFormatStringSchema, {
    text_format: implemented,
    json_format: implemented,
    text_format_source: implemented,
    omit_empty_values: implemented,
    content_type: implemented,
    json_format_options: implemented,
  }),
  fieldsOf(JsonFormatOptionsSchema, { sort_properties: implemented }),
];
