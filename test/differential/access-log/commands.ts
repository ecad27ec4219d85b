/** A command of a format, and what of its value both proxies agree on. */
interface LoggedCommand {
  readonly command: string;
  /** @param isCounted Whether both send the same number of bytes. */
  readonly mask: (value: unknown, isCounted: boolean) => unknown;
}

type Commands = Readonly<Record<string, LoggedCommand>>;

/** Values that are the same to the letter. */
function exact(...commands: readonly string[]): Commands {
  return each(commands, (value) => value);
}

/** Values that may be lists or objects in JSON. */
function structured(...commands: readonly string[]): Commands {
  return each(commands, (value) => JSON.stringify(value));
}

/** Numbers of bytes. */
function bytes(...commands: readonly string[]): Commands {
  return each(commands, (value, isCounted) => (isCounted ? value : typeof value));
}

/** Times, ports, ids: digits differ, and how many there are. */
function numbers(...commands: readonly string[]): Commands {
  return each(commands, (value) => {
    if (typeof value === "number") return "<number>";
    return typeof value === "string" ? value.replaceAll(/\d+/g, "0") : value;
  });
}

/** Moments: digits differ, but not how many there are; names of days and months do not matter. */
function moments(...commands: readonly string[]): Commands {
  return each(commands, (value) =>
    `${value}`.replaceAll(/\d/g, "0").replaceAll(/[A-Za-z]{3,}/g, "<name>"),
  );
}

/** Identifiers of 36 hexadecimal digits and dashes. */
function ids(...commands: readonly string[]): Commands {
  return each(commands, (value) =>
    `${value}`.replace(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/, "<id>"),
  );
}

function each(commands: readonly string[], mask: LoggedCommand["mask"]): Commands {
  return Object.fromEntries(commands.map((name) => [name, { command: `%${name}%`, mask }]));
}

/** What is compared, by the name of its field. */
export const COMMANDS: Commands = {
  ...exact(
    "REQ(:METHOD)",
    "REQ(:PATH)",
    "REQ(:PATH):2",
    "REQ(:AUTHORITY)",
    "REQ(:SCHEME)",
    "REQ(HOST)",
    "REQ(X-ENVOY-ORIGINAL-PATH?:PATH)",
    "REQ(X-B)",
    "REQ(X-B):1",
    "REQ(X-C)",
    "REQ(X-NOTHING?X-B):4",
    "REQ(X-NOTHING)",
    "REQ(X-FORWARDED-PROTO)",
    "REQ(X-FORWARDED-FOR)",
    "REQ(X-ENVOY-EXTERNAL-ADDRESS)",
    "REQ(X-ENVOY-INTERNAL)",
    "REQ(CONTENT-LENGTH)",
    "REQ(TRANSFER-ENCODING)",
    "REQUEST_HEADER(:METHOD)",
    "RESP(X-A)",
    "RESP(X-A?SERVER)",
    "RESP(:STATUS)",
    "RESP(CONTENT-TYPE)",
    "RESP(LOCATION)",
    "RESPONSE_HEADER(SERVER):3",
    "TRAILER(X-END)",
    "TRAILER(X-END):2",
    "TRAILER(X-NOTHING?X-END)",
    "RESPONSE_TRAILER(GRPC-STATUS)",
    "PATH(WQ)",
    "PATH(NQ)",
    "PATH(WQ:ORIG)",
    "PATH(NQ:PATH)",
    "QUERY_PARAM(a)",
    "QUERY_PARAM(c)",
    "QUERY_PARAMS",
    "QUERY_PARAMS(DECODED)",
    "QUERY_PARAMS(DECODED):3",
    "PROTOCOL",
    "UPSTREAM_PROTOCOL",
    "RESPONSE_CODE",
    "RESPONSE_CODE_DETAILS",
    "RESPONSE_CODE_DETAILS(ALLOW_WHITESPACES)",
    "RESPONSE_FLAGS",
    "RESPONSE_FLAGS_LONG",
    "BYTES_RECEIVED",
    "UPSTREAM_CLUSTER",
    "UPSTREAM_CLUSTER_RAW",
    "UPSTREAM_TRANSPORT_FAILURE_REASON",
    "UPSTREAM_REQUEST_ATTEMPT_COUNT",
    "UPSTREAM_HOST_NAME_WITHOUT_PORT",
    "UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
    "UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT",
    "UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT",
    "UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT",
    "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
    "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT",
    "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT",
    "DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT",
    "ROUTE_NAME",
    "VIRTUAL_CLUSTER_NAME",
    "LISTENER_NAME",
    "FILTER_CHAIN_NAME",
    "HOSTNAME",
    "ENVIRONMENT(HOME)",
    "ENVIRONMENT(HOME):2",
    "ENVIRONMENT(NOT_SET_ANYWHERE)",
    "GRPC_STATUS",
    "GRPC_STATUS(SNAKE_STRING)",
    "GRPC_STATUS(NUMBER)",
    "GRPC_STATUS_NUMBER",
    "LOCAL_REPLY_BODY",
    "ACCESS_LOG_TYPE",
    "REQUESTED_SERVER_NAME",
    "DOWNSTREAM_TLS_VERSION",
    "DOWNSTREAM_PEER_SUBJECT",
    "DYNAMIC_METADATA(a:b)",
    "METADATA(DYNAMIC:a:b)",
    "FILTER_STATE(a)",
    "FILTER_STATE(a:PLAIN)",
    "UPSTREAM_FILTER_STATE(a)",
    "CONNECTION_TERMINATION_DETAILS",
    "TRACE_ID",
  ),
  ...structured(
    "METADATA(VIRTUAL_HOST:a:b)",
    "METADATA(VIRTUAL_HOST:a:c):3",
    "METADATA(CLUSTER:a:b)",
    "METADATA(CLUSTER:a:c):3",
    "CLUSTER_METADATA(a:b)",
    "CLUSTER_METADATA(a:c)",
    "CLUSTER_METADATA(a)",
    "CLUSTER_METADATA(none)",
  ),
  ...bytes(
    "RESPONSE_TRAILERS_BYTES",
    "BYTES_SENT",
    "RESPONSE_HEADERS_BYTES",
    "DOWNSTREAM_WIRE_BYTES_SENT",
    "DOWNSTREAM_WIRE_BYTES_RECEIVED",
    "DOWNSTREAM_HEADER_BYTES_SENT",
    "DOWNSTREAM_HEADER_BYTES_RECEIVED",
    "UPSTREAM_WIRE_BYTES_SENT",
    "UPSTREAM_WIRE_BYTES_RECEIVED",
    "UPSTREAM_HEADER_BYTES_SENT",
    "UPSTREAM_HEADER_BYTES_RECEIVED",
    "REQUEST_HEADERS_BYTES",
  ),
  ...numbers(
    "START_TIME(%s)",
    "START_TIME(%s.%3f)",
    "DURATION",
    "REQUEST_DURATION",
    "REQUEST_TX_DURATION",
    "RESPONSE_DURATION",
    "RESPONSE_TX_DURATION",
    "COMMON_DURATION(DS_RX_BEG:DS_RX_END)",
    "COMMON_DURATION(DS_RX_BEG:US_TX_BEG:us)",
    "COMMON_DURATION(US_TX_BEG:US_TX_END:us)",
    "COMMON_DURATION(US_TX_END:US_RX_BEG:us)",
    "COMMON_DURATION(US_RX_BEG:US_RX_END:ns)",
    "COMMON_DURATION(US_RX_END:DS_TX_END:ms)",
    "COMMON_DURATION(DS_TX_BEG:DS_TX_END:us)",
    "COMMON_DURATION(DS_RX_BEG:DS_TX_END)",
    "ROUNDTRIP_DURATION",
    "UPSTREAM_HOST",
    "UPSTREAM_HOST_NAME",
    "UPSTREAM_HOSTS_ATTEMPTED",
    "UPSTREAM_HOST_NAMES_ATTEMPTED",
    "UPSTREAM_CONNECTION_ID",
    "UPSTREAM_CONNECTION_IDS_ATTEMPTED",
    "UPSTREAM_REMOTE_ADDRESS",
    "UPSTREAM_REMOTE_PORT",
    "UPSTREAM_LOCAL_ADDRESS",
    "UPSTREAM_LOCAL_PORT",
    "DOWNSTREAM_REMOTE_ADDRESS",
    "DOWNSTREAM_REMOTE_PORT",
    "DOWNSTREAM_LOCAL_ADDRESS",
    "DOWNSTREAM_LOCAL_PORT",
    "DOWNSTREAM_DIRECT_REMOTE_ADDRESS",
    "DOWNSTREAM_DIRECT_REMOTE_PORT",
    "DOWNSTREAM_DIRECT_LOCAL_ADDRESS",
    "CONNECTION_ID",
    "RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)",
  ),
  ...moments(
    "START_TIME",
    "START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)",
    "START_TIME(%Y/%m/%dT%H:%M:%S%z)",
    "START_TIME(%d/%b/%Y:%H:%M:%S %z)",
    "START_TIME(%1f)",
    "START_TIME(%3f)",
    "START_TIME(%6f)",
    "START_TIME(%9f)",
    "START_TIME(%f)",
    "START_TIME(%S.%E3f)",
    "START_TIME(%E3S)",
    "START_TIME(%a, %A %b %B)",
    "START_TIME(%D %T)",
    "START_TIME(%F %R)",
    "START_TIME(%j %U %w %u %V %G)",
    "START_TIME(%I:%M %p)",
    "START_TIME(%%)",
    "START_TIME(%Z)",
    "START_TIME_LOCAL",
    "START_TIME_LOCAL(%Y-%m-%dT%H:%M:%S%z)",
    "EMIT_TIME",
    "EMIT_TIME(%Y %3f)",
    "EMIT_TIME_LOCAL(%H %z)",
  ),
  ...ids("REQ(X-REQUEST-ID)", "STREAM_ID", "UNIQUE_ID"),
};
