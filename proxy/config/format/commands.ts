import * as image from "../../../api/engine/format-image.ts";
import { type Command, plain, withParameters } from "./command.ts";
import {
  buildDuration,
  buildEnvironment,
  buildFilterState,
  buildGrpcStatus,
  buildHeader,
  buildMetadata,
  buildPath,
  buildQuery,
  buildQueryParameter,
  buildDynamicMetadata,
} from "./command-parameters.ts";
import type { FormatSetting } from "./format-setting.ts";
import type { Operation } from "./operation.ts";
import { buildTime } from "./time-pattern.ts";
import { TLS_COMMANDS } from "./tls-commands.ts";

/** A time span between two points, in milliseconds. */
function span(from: number, to: number): Command {
  const argument = from | (to << image.DURATION_TO_SHIFT) | image.DURATION_SIGNED;
  return plain(image.OP_DURATION, argument);
}

/** An address: whole, without its port, and its port alone. */
function addresses(name: string, port: string, code: number): [string, Command][] {
  return [
    [name, plain(code, image.ADDRESS_WHOLE)],
    [`${name}_WITHOUT_PORT`, withParameters("optional", false, (mask) => address(mask, code))],
    [port, plain(code, image.ADDRESS_PORT)],
  ];
}

function address(mask: string, code: number): Operation | string {
  if (mask !== "") return "the length of a network prefix is not implemented";
  return { code, argument: image.ADDRESS_ONLY };
}

function header(code: number): Command {
  return withParameters("required", true, (names) => buildHeader(names, code));
}

function time(argument: number): Command {
  return withParameters("optional", false, (pattern) => buildTime(pattern, argument));
}

function constant(value: (context: FormatSetting) => string): Command {
  return {
    takes: "nothing",
    takesLength: false,
    build: (_, context) => {
      const text = value(context);
      return text === "" ? { code: image.OP_NOTHING } : { code: image.OP_CONSTANT, text };
    },
  };
}

const START = image.POINT_DOWNSTREAM_FIRST_RECEIVED;

/** The commands that are implemented, by name. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["REQ", header(image.OP_REQUEST_HEADER)],
  ["REQUEST_HEADER", header(image.OP_REQUEST_HEADER)],
  ["RESP", header(image.OP_RESPONSE_HEADER)],
  ["RESPONSE_HEADER", header(image.OP_RESPONSE_HEADER)],
  ["TRAILER", header(image.OP_RESPONSE_TRAILER)],
  ["RESPONSE_TRAILER", header(image.OP_RESPONSE_TRAILER)],
  ["PATH", withParameters("optional", true, buildPath)],
  ["QUERY_PARAM", withParameters("required", true, buildQueryParameter)],
  ["QUERY_PARAMS", withParameters("optional", true, buildQuery)],
  ["START_TIME", time(0)],
  ["START_TIME_LOCAL", time(image.TIME_LOCAL)],
  ["EMIT_TIME", time(image.TIME_NOW)],
  ["EMIT_TIME_LOCAL", time(image.TIME_NOW | image.TIME_LOCAL)],
  ["DURATION", span(START, image.POINT_END)],
  ["REQUEST_DURATION", span(START, image.POINT_DOWNSTREAM_LAST_RECEIVED)],
  ["REQUEST_TX_DURATION", span(START, image.POINT_UPSTREAM_LAST_SENT)],
  ["RESPONSE_DURATION", span(START, image.POINT_UPSTREAM_FIRST_RECEIVED)],
  [
    "RESPONSE_TX_DURATION",
    span(image.POINT_UPSTREAM_FIRST_RECEIVED, image.POINT_DOWNSTREAM_LAST_SENT),
  ],
  ["COMMON_DURATION", withParameters("required", false, buildDuration)],
  // Measured for QUIC only, in Envoy too.
  ["ROUNDTRIP_DURATION", plain(image.OP_NOTHING)],
  ["PROTOCOL", plain(image.OP_PROTOCOL)],
  ["UPSTREAM_PROTOCOL", plain(image.OP_UPSTREAM_PROTOCOL)],
  ["RESPONSE_CODE", plain(image.OP_RESPONSE_CODE)],
  [
    "RESPONSE_CODE_DETAILS",
    withParameters("optional", false, (option) => ({
      code: image.OP_RESPONSE_CODE_DETAILS,
      argument: option === "ALLOW_WHITESPACES" ? 1 : 0,
    })),
  ],
  ["RESPONSE_FLAGS", plain(image.OP_RESPONSE_FLAGS, 0)],
  ["RESPONSE_FLAGS_LONG", plain(image.OP_RESPONSE_FLAGS, 1)],
  ["BYTES_RECEIVED", plain(image.OP_BYTES_RECEIVED)],
  ["BYTES_SENT", plain(image.OP_BYTES_SENT)],
  ["REQUEST_HEADERS_BYTES", plain(image.OP_REQUEST_HEADERS_BYTES)],
  ["RESPONSE_HEADERS_BYTES", plain(image.OP_RESPONSE_HEADERS_BYTES)],
  ["RESPONSE_TRAILERS_BYTES", plain(image.OP_RESPONSE_TRAILERS_BYTES)],
  ["UPSTREAM_WIRE_BYTES_SENT", plain(image.OP_UPSTREAM_WIRE_BYTES_SENT)],
  ["UPSTREAM_WIRE_BYTES_RECEIVED", plain(image.OP_UPSTREAM_WIRE_BYTES_RECEIVED)],
  ["DOWNSTREAM_WIRE_BYTES_SENT", plain(image.OP_DOWNSTREAM_WIRE_BYTES_SENT)],
  ["DOWNSTREAM_WIRE_BYTES_RECEIVED", plain(image.OP_DOWNSTREAM_WIRE_BYTES_RECEIVED)],
  ["UPSTREAM_HEADER_BYTES_SENT", plain(image.OP_UPSTREAM_HEADER_BYTES_SENT)],
  ["UPSTREAM_HEADER_BYTES_RECEIVED", plain(image.OP_UPSTREAM_HEADER_BYTES_RECEIVED)],
  ["DOWNSTREAM_HEADER_BYTES_SENT", plain(image.OP_DOWNSTREAM_HEADER_BYTES_SENT)],
  ["DOWNSTREAM_HEADER_BYTES_RECEIVED", plain(image.OP_DOWNSTREAM_HEADER_BYTES_RECEIVED)],
  ["UPSTREAM_HOST", plain(image.OP_UPSTREAM_HOST, image.ADDRESS_WHOLE)],
  ["UPSTREAM_HOST_NAME", plain(image.OP_UPSTREAM_HOST_NAME, image.ADDRESS_WHOLE)],
  ["UPSTREAM_HOST_NAME_WITHOUT_PORT", plain(image.OP_UPSTREAM_HOST_NAME, image.ADDRESS_ONLY)],
  ["UPSTREAM_CLUSTER", plain(image.OP_UPSTREAM_CLUSTER, 0)],
  ["UPSTREAM_CLUSTER_RAW", plain(image.OP_UPSTREAM_CLUSTER, 1)],
  ...addresses("UPSTREAM_LOCAL_ADDRESS", "UPSTREAM_LOCAL_PORT", image.OP_UPSTREAM_LOCAL_ADDRESS),
  ...addresses("UPSTREAM_REMOTE_ADDRESS", "UPSTREAM_REMOTE_PORT", image.OP_UPSTREAM_REMOTE_ADDRESS),
  ["UPSTREAM_TRANSPORT_FAILURE_REASON", plain(image.OP_UPSTREAM_FAILURE_REASON)],
  ["UPSTREAM_REQUEST_ATTEMPT_COUNT", plain(image.OP_ATTEMPT_COUNT)],
  ["UPSTREAM_CONNECTION_ID", plain(image.OP_UPSTREAM_CONNECTION_ID, 0)],
  // Envoy forgets earlier attempts with each new one, so these are lists of one at most.
  ["UPSTREAM_CONNECTION_IDS_ATTEMPTED", plain(image.OP_UPSTREAM_CONNECTION_ID, 1)],
  ["UPSTREAM_HOSTS_ATTEMPTED", plain(image.OP_UPSTREAM_HOST_ATTEMPTED, image.ADDRESS_WHOLE)],
  [
    "UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT",
    plain(image.OP_UPSTREAM_HOST_ATTEMPTED, image.ADDRESS_ONLY),
  ],
  [
    "UPSTREAM_HOST_NAMES_ATTEMPTED",
    plain(image.OP_UPSTREAM_HOST_NAME_ATTEMPTED, image.ADDRESS_WHOLE),
  ],
  [
    "UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT",
    plain(image.OP_UPSTREAM_HOST_NAME_ATTEMPTED, image.ADDRESS_ONLY),
  ],
  ...addresses(
    "DOWNSTREAM_REMOTE_ADDRESS",
    "DOWNSTREAM_REMOTE_PORT",
    image.OP_DOWNSTREAM_REMOTE_ADDRESS,
  ),
  ...addresses(
    "DOWNSTREAM_DIRECT_REMOTE_ADDRESS",
    "DOWNSTREAM_DIRECT_REMOTE_PORT",
    image.OP_DOWNSTREAM_DIRECT_REMOTE_ADDRESS,
  ),
  ...addresses(
    "DOWNSTREAM_LOCAL_ADDRESS",
    "DOWNSTREAM_LOCAL_PORT",
    image.OP_DOWNSTREAM_LOCAL_ADDRESS,
  ),
  ...addresses(
    "DOWNSTREAM_DIRECT_LOCAL_ADDRESS",
    "DOWNSTREAM_DIRECT_LOCAL_PORT",
    image.OP_DOWNSTREAM_DIRECT_LOCAL_ADDRESS,
  ),
  ["CONNECTION_ID", plain(image.OP_CONNECTION_ID)],
  ["ROUTE_NAME", plain(image.OP_ROUTE_NAME)],
  // Virtual clusters are not implemented, so a stream has none.
  ["VIRTUAL_CLUSTER_NAME", plain(image.OP_NOTHING)],
  ["LISTENER_NAME", constant((context) => context.listenerName)],
  ["FILTER_CHAIN_NAME", constant((context) => context.filterChainName)],
  ["HOSTNAME", constant((context) => context.hostname)],
  ["ENVIRONMENT", withParameters("required", true, buildEnvironment)],
  ["GRPC_STATUS", withParameters("optional", false, buildGrpcStatus)],
  ["GRPC_STATUS_NUMBER", plain(image.OP_GRPC_STATUS, image.GRPC_NUMBER)],
  ["LOCAL_REPLY_BODY", plain(image.OP_LOCAL_REPLY_BODY)],
  ["ACCESS_LOG_TYPE", plain(image.OP_LOG_TYPE)],
  ["UNIQUE_ID", plain(image.OP_UNIQUE_ID)],
  [
    "STREAM_ID",
    {
      takes: "nothing",
      takesLength: false,
      build: () => ({ code: image.OP_REQUEST_HEADER, text: "x-request-id" }),
    },
  ],
  // Nothing traces yet, so a stream has no span.
  ["TRACE_ID", plain(image.OP_NOTHING)],
  ["SPAN_ID", plain(image.OP_NOTHING)],
  ["CONNECTION_TERMINATION_DETAILS", plain(image.OP_CONNECTION_END)],
  ["CUSTOM_FLAGS", { ...plain(image.OP_CONSTANT), build: () => ({ code: image.OP_CONSTANT }) }],
  ["DYNAMIC_METADATA", withParameters("required", true, buildDynamicMetadata)],
  [
    "CLUSTER_METADATA",
    withParameters("required", false, (text) => ({ code: image.OP_CLUSTER_METADATA, text })),
  ],
  ["METADATA", withParameters("optional", true, buildMetadata)],
  ["FILTER_STATE", withParameters("optional", true, buildFilterState)],
  [
    "UPSTREAM_FILTER_STATE",
    withParameters("optional", true, (text) => {
      const operation = buildFilterState(text);
      return typeof operation === "string" ? operation : { code: image.OP_NOTHING };
    }),
  ],
  ...TLS_COMMANDS,
]);

/** Commands of Envoy for which the engine has no data. */
export const UNSUPPORTED_COMMANDS: ReadonlySet<string> = new Set([
  "CEL",
  "TYPED_CEL",
  "COALESCE",
  "UPSTREAM_METADATA",
  "BYTES_RETRANSMITTED",
  "PACKETS_RETRANSMITTED",
  "UPSTREAM_CONNECTION_POOL_READY_DURATION",
  "UPSTREAM_REMOTE_ADDRESS_ENDPOINT_ID",
  "UPSTREAM_DETECTED_CLOSE_TYPE",
  "UPSTREAM_LOCAL_CLOSE_REASON",
  "DOWNSTREAM_DETECTED_CLOSE_TYPE",
  "DOWNSTREAM_LOCAL_CLOSE_REASON",
  "DOWNSTREAM_TLS_GROUP",
  "DOWNSTREAM_LOCAL_ADDRESS_ENDPOINT_ID",
  "DOWNSTREAM_DIRECT_LOCAL_ADDRESS_ENDPOINT_ID",
  "UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT",
  "UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED",
  "DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT",
  "DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED",
]);
