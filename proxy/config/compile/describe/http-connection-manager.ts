import { CHAIN_BYTES, CHAIN_DISABLED, CHAIN_KIND } from "../../../../api/engine/chain-image.ts";
import {
  ACCESS_LOG_BYTES,
  ACCESS_LOG_FILTER,
  ACCESS_LOG_FORMAT,
  ACCESS_LOG_SINK,
  FORMAT_OPERATIONS,
  LOCAL_REPLY_MAPPERS,
} from "../../../../api/engine/format-image.ts";
import * as image from "../../../../api/engine/image.ts";
import type { LogSinkModel } from "../../model.ts";
import { describeRouteConfiguration } from "../route/describe/describe-routes.ts";
import { ImageReader } from "../route/describe/image-reader.ts";

/** Each flag by the field of Envoy that sets it. */
const FLAGS: readonly (readonly [number, string])[] = [
  [image.HCM_USE_REMOTE_ADDRESS, "use_remote_address"],
  [image.HCM_SKIP_XFF_APPEND, "skip_xff_append"],
  [image.HCM_GENERATE_REQUEST_ID, "generate_request_id"],
  [image.HCM_PRESERVE_REQUEST_ID, "preserve_external_request_id"],
  [image.HCM_ALWAYS_SET_REQUEST_ID, "always_set_request_id_in_response"],
  [image.HCM_NORMALIZE_PATH, "normalize_path"],
  [image.HCM_MERGE_SLASHES, "merge_slashes"],
  [image.HCM_STRIP_MATCHING_PORT, "strip_matching_host_port"],
  [image.HCM_STRIP_ANY_PORT, "strip_any_host_port"],
  [image.HCM_STRIP_TRAILING_DOT, "strip_trailing_host_dot"],
  [image.HCM_PROXY_100_CONTINUE, "proxy_100_continue"],
  [image.HCM_ACCEPT_HTTP_10, "accept_http_10"],
  [image.HCM_ENABLE_TRAILERS, "enable_trailers"],
  [image.HCM_CHUNKED_LENGTH, "allow_chunked_length"],
  [image.HCM_CUSTOM_METHODS, "allow_custom_methods"],
  [image.HCM_PROPER_CASE, "proper_case_words"],
  [image.HCM_SUPPRESS_ENVOY_HEADERS, "suppress_envoy_headers"],
  [image.HCM_TLS, "tls"],
  [image.HCM_APPEND_X_FORWARDED_PORT, "append_x_forwarded_port"],
  [image.HCM_APPEND_X_FORWARDED_HOST, "append_x_forwarded_host"],
  [image.HCM_DENY_ABSOLUTE_URL, "allow_absolute_url=false"],
  [image.HCM_STREAM_ERROR_ON_INVALID, "stream_error_on_invalid_http_message"],
  [image.HCM_RESPECT_EXPECTED_TIMEOUT, "respect_expected_rq_timeout"],
  [image.HCM_DOWNSTREAM_CLUSTER_HEADERS, "downstream_cluster_headers"],
  [image.HCM_UNIX_SOCKETS_INTERNAL, "unix_sockets"],
  [image.HCM_KEEP_CASE, "preserve_case"],
  [image.HCM_KEEP_CASE_PROPER, "proper_case_beside"],
];

const STRICT_HEADERS: readonly (readonly [number, string])[] = [
  [image.STRICT_RQ_TIMEOUT, "rq-timeout"],
  [image.STRICT_PER_TRY_TIMEOUT, "per-try-timeout"],
  [image.STRICT_MAX_RETRIES, "max-retries"],
  [image.STRICT_RETRY_ON, "retry-on"],
  [image.STRICT_RETRY_GRPC_ON, "retry-grpc-on"],
];

const SERVER_TRANSFORMATIONS = ["overwrite", "append if absent", "pass through"];
const ESCAPED_SLASHES = ["default", "keep", "reject", "unescape and redirect", "unescape"];
const UNDERSCORES = ["allow", "reject", "drop"];

/** Describes the record of a connection manager with its chain, logs and routes, indented. */
export function describeHttpConnectionManager(
  view: DataView,
  record: number,
  sinks: readonly LogSinkModel[],
): string[] {
  const reader = new ImageReader(view);
  const number = (field: number): number => reader.uint32(record + field);
  const text = (field: number): string => `"${reader.text(record + field)}"`;
  const lines = [
    `connection manager ${text(image.HCM_STAT_PREFIX)} at ${record}`,
    `flags ${namesOf(FLAGS, number(image.HCM_FLAGS))}`,
    `head at most ${number(image.HCM_HEAD_BYTES_MAX)} bytes, ` +
      `${number(image.HCM_HEADER_COUNT_MAX)} headers`,
    `requests per connection ${number(image.HCM_REQUESTS_PER_CONNECTION_MAX)}, ` +
      `stream idle ${number(image.HCM_STREAM_IDLE_TIMEOUT_MS)} ms, ` +
      `stream at most ${number(image.HCM_DURATION_MAX_MS)} ms`,
    `server ${text(image.HCM_SERVER_NAME)} ` +
      `${SERVER_TRANSFORMATIONS[number(image.HCM_SERVER_TRANSFORMATION)]}, ` +
      `via ${text(image.HCM_VIA)}, default host ${text(image.HCM_DEFAULT_HOST)}`,
    `trusted hops ${number(image.HCM_XFF_TRUSTED_HOPS)}, ` +
      `internal ranges ${number(image.HCM_INTERNAL_RANGES + 4)}, ` +
      `strict headers [${namesOf(STRICT_HEADERS, number(image.HCM_STRICT_HEADERS))}], ` +
      `escaped slashes ${ESCAPED_SLASHES[number(image.HCM_ESCAPED_SLASHES)]}, ` +
      `underscores ${UNDERSCORES[number(image.HCM_UNDERSCORES)]}, ` +
      `port ${number(image.HCM_LISTENER_PORT)}, ` +
      `body kept up to ${number(image.HCM_BUFFER_BYTES_MAX)} bytes, ` +
      `ignored upgrades ${reader.list(record + image.HCM_IGNORED_UPGRADES).count}`,
    ...describeChain(reader, record),
    ...describeLogs(reader, record, sinks),
    ...describeReplies(reader, record),
    ...describeRouteConfiguration(view, number(image.HCM_ROUTE_CONFIG)),
  ];
  return lines.map((line) => `  ${line}`);
}

function namesOf(table: readonly (readonly [number, string])[], bits: number): string {
  return table.flatMap(([bit, name]) => ((bits & bit) === 0 ? [] : [name])).join(" ");
}

function describeChain(reader: ImageReader, record: number): string[] {
  const { target, count } = reader.list(record + image.HCM_CHAIN);
  return Array.from({ length: count }, (_, place) => {
    const filter = target + place * CHAIN_BYTES;
    const isDisabled = reader.uint32(filter + CHAIN_DISABLED) !== 0;
    return `filter of kind ${reader.uint32(filter + CHAIN_KIND)}${isDisabled ? ", disabled" : ""}`;
  });
}

function describeLogs(
  reader: ImageReader,
  record: number,
  sinks: readonly LogSinkModel[],
): string[] {
  const { target, count } = reader.list(record + image.HCM_ACCESS_LOGS);
  return Array.from({ length: count }, (_, place) => {
    const log = target + place * ACCESS_LOG_BYTES;
    const { kind, path } = sinks[reader.uint32(log + ACCESS_LOG_SINK)];
    const format = reader.uint32(log + ACCESS_LOG_FORMAT);
    const operations = reader.list(format + FORMAT_OPERATIONS).count;
    const filter = reader.uint32(log + ACCESS_LOG_FILTER) === 0 ? "" : ", filtered";
    return `access log to ${kind === "file" ? path : kind}: ${operations} operations${filter}`;
  });
}

function describeReplies(reader: ImageReader, record: number): string[] {
  const replies = reader.uint32(record + image.HCM_LOCAL_REPLY);
  if (replies === 0) return [];
  return [`local reply mappers: ${reader.list(replies + LOCAL_REPLY_MAPPERS).count}`];
}
