/**
 * Header names that the engine knows by a small number, in lower case; the number is the index.
 * Number 0 means "not one of these". Shared with the AssemblyScript side, so plain constants only.
 */
export const HEADER_NAMES = [
  "",
  ":method",
  ":path",
  ":authority",
  ":scheme",
  ":status",
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "date",
  "server",
  "via",
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-request-id",
  "x-envoy-external-address",
  "x-envoy-internal",
  "x-envoy-upstream-service-time",
  "x-envoy-expected-rq-timeout-ms",
  "x-envoy-upstream-rq-timeout-ms",
  "x-envoy-upstream-rq-per-try-timeout-ms",
  "x-envoy-original-path",
  "x-envoy-decorator-operation",
  "x-envoy-attempt-count",
  "x-envoy-downstream-service-cluster",
  "x-envoy-downstream-service-node",
  "x-envoy-max-retries",
  "x-envoy-retry-on",
  "x-envoy-retry-grpc-on",
  "x-envoy-hedge-on-per-try-timeout",
  "x-envoy-upstream-alt-stat-name",
  "x-envoy-upstream-rq-timeout-alt-response",
  "x-envoy-upstream-stream-duration-ms",
  "x-envoy-force-trace",
  "x-envoy-ip-tags",
  "x-envoy-original-dst-host",
  "x-envoy-ratelimited",
  "x-envoy-overloaded",
  "x-envoy-immediate-health-check-fail",
  "x-envoy-upstream-canary",
  "x-envoy-upstream-healthchecked-cluster",
  "x-envoy-degraded",
  "x-envoy-local-overloaded",
  "x-envoy-is-timeout-retry",
  "x-envoy-original-host",
  "x-envoy-peer-metadata",
  "x-envoy-peer-metadata-id",
  "x-forwarded-client-cert",
  "x-client-trace-id",
  "traceparent",
  "tracestate",
  "proxy-authenticate",
  "proxy-authorization",
  "content-type",
  "user-agent",
  "accept",
  "accept-encoding",
  "accept-language",
  "cookie",
  "set-cookie",
  "location",
  "referer",
  "origin",
  "authorization",
  "cache-control",
  "content-encoding",
  "etag",
  "last-modified",
  "vary",
  "grpc-status",
  "grpc-message",
  "grpc-timeout",
  "access-control-request-method",
  "access-control-allow-origin",
  "retry-after",
  "content-location",
  "pragma",
  "age",
  "expires",
  "if-none-match",
  "if-modified-since",
  "range",
  "priority",
  "forwarded",
  "alt-svc",
  "x-envoy-retriable-status-codes",
  "x-envoy-retriable-header-names",
  "x-envoy-original-url",
  ":protocol",
  "baggage",
];

/** `:method`. */
export const H_METHOD = 1;
/** `:path`. */
export const H_PATH = 2;
/** `:authority`. */
export const H_AUTHORITY = 3;
/** `:scheme`. */
export const H_SCHEME = 4;
/** `:status`. */
export const H_STATUS = 5;
/** `host`. */
export const H_HOST = 6;
/** `connection`. */
export const H_CONNECTION = 7;
/** `content-length`. */
export const H_CONTENT_LENGTH = 8;
/** `transfer-encoding`. */
export const H_TRANSFER_ENCODING = 9;
/** `keep-alive`. */
export const H_KEEP_ALIVE = 10;
/** `proxy-connection`. */
export const H_PROXY_CONNECTION = 11;
/** `te`. */
export const H_TE = 12;
/** `trailer`. */
export const H_TRAILER = 13;
/** `upgrade`. */
export const H_UPGRADE = 14;
/** `expect`. */
export const H_EXPECT = 15;
/** `date`. */
export const H_DATE = 16;
/** `server`. */
export const H_SERVER = 17;
/** `via`. */
export const H_VIA = 18;
/** `x-forwarded-for`. */
export const H_X_FORWARDED_FOR = 19;
/** `x-forwarded-proto`. */
export const H_X_FORWARDED_PROTO = 20;
/** `x-forwarded-host`. */
export const H_X_FORWARDED_HOST = 21;
/** `x-forwarded-port`. */
export const H_X_FORWARDED_PORT = 22;
/** `x-request-id`. */
export const H_X_REQUEST_ID = 23;
/** `x-envoy-external-address`. */
export const H_X_ENVOY_EXTERNAL_ADDRESS = 24;
/** `x-envoy-internal`. */
export const H_X_ENVOY_INTERNAL = 25;
/** `x-envoy-upstream-service-time`. */
export const H_X_ENVOY_UPSTREAM_SERVICE_TIME = 26;
/** `x-envoy-expected-rq-timeout-ms`. */
export const H_X_ENVOY_EXPECTED_RQ_TIMEOUT_MS = 27;
/** `x-envoy-upstream-rq-timeout-ms`. */
export const H_X_ENVOY_UPSTREAM_RQ_TIMEOUT_MS = 28;
/** `x-envoy-upstream-rq-per-try-timeout-ms`. */
export const H_X_ENVOY_UPSTREAM_RQ_PER_TRY_TIMEOUT_MS = 29;
/** `x-envoy-original-path`. */
export const H_X_ENVOY_ORIGINAL_PATH = 30;
/** `x-envoy-decorator-operation`. */
export const H_X_ENVOY_DECORATOR_OPERATION = 31;
/** `x-envoy-attempt-count`. */
export const H_X_ENVOY_ATTEMPT_COUNT = 32;
/** `x-envoy-downstream-service-cluster`. */
export const H_X_ENVOY_DOWNSTREAM_SERVICE_CLUSTER = 33;
/** `x-envoy-downstream-service-node`. */
export const H_X_ENVOY_DOWNSTREAM_SERVICE_NODE = 34;
/** `x-envoy-max-retries`. */
export const H_X_ENVOY_MAX_RETRIES = 35;
/** `x-envoy-retry-on`. */
export const H_X_ENVOY_RETRY_ON = 36;
/** `x-envoy-retry-grpc-on`. */
export const H_X_ENVOY_RETRY_GRPC_ON = 37;
/** `x-envoy-hedge-on-per-try-timeout`. */
export const H_X_ENVOY_HEDGE_ON_PER_TRY_TIMEOUT = 38;
/** `x-envoy-upstream-alt-stat-name`. */
export const H_X_ENVOY_UPSTREAM_ALT_STAT_NAME = 39;
/** `x-envoy-upstream-rq-timeout-alt-response`. */
export const H_X_ENVOY_UPSTREAM_RQ_TIMEOUT_ALT_RESPONSE = 40;
/** `x-envoy-upstream-stream-duration-ms`. */
export const H_X_ENVOY_UPSTREAM_STREAM_DURATION_MS = 41;
/** `x-envoy-force-trace`. */
export const H_X_ENVOY_FORCE_TRACE = 42;
/** `x-envoy-ip-tags`. */
export const H_X_ENVOY_IP_TAGS = 43;
/** `x-envoy-original-dst-host`. */
export const H_X_ENVOY_ORIGINAL_DST_HOST = 44;
/** `x-envoy-ratelimited`. */
export const H_X_ENVOY_RATELIMITED = 45;
/** `x-envoy-overloaded`. */
export const H_X_ENVOY_OVERLOADED = 46;
/** `x-envoy-immediate-health-check-fail`. */
export const H_X_ENVOY_IMMEDIATE_HEALTH_CHECK_FAIL = 47;
/** `x-envoy-upstream-canary`. */
export const H_X_ENVOY_UPSTREAM_CANARY = 48;
/** `x-envoy-upstream-healthchecked-cluster`. */
export const H_X_ENVOY_UPSTREAM_HEALTHCHECKED_CLUSTER = 49;
/** `x-envoy-degraded`. */
export const H_X_ENVOY_DEGRADED = 50;
/** `x-envoy-local-overloaded`. */
export const H_X_ENVOY_LOCAL_OVERLOADED = 51;
/** `x-envoy-is-timeout-retry`. */
export const H_X_ENVOY_IS_TIMEOUT_RETRY = 52;
/** `x-envoy-original-host`. */
export const H_X_ENVOY_ORIGINAL_HOST = 53;
/** `x-envoy-peer-metadata`. */
export const H_X_ENVOY_PEER_METADATA = 54;
/** `x-envoy-peer-metadata-id`. */
export const H_X_ENVOY_PEER_METADATA_ID = 55;
/** `x-forwarded-client-cert`. */
export const H_X_FORWARDED_CLIENT_CERT = 56;
/** `x-client-trace-id`. */
export const H_X_CLIENT_TRACE_ID = 57;
/** `traceparent`. */
export const H_TRACEPARENT = 58;
/** `tracestate`. */
export const H_TRACESTATE = 59;
/** `proxy-authenticate`. */
export const H_PROXY_AUTHENTICATE = 60;
/** `proxy-authorization`. */
export const H_PROXY_AUTHORIZATION = 61;
/** `content-type`. */
export const H_CONTENT_TYPE = 62;
/** `user-agent`. */
export const H_USER_AGENT = 63;
/** `accept`. */
export const H_ACCEPT = 64;
/** `accept-encoding`. */
export const H_ACCEPT_ENCODING = 65;
/** `accept-language`. */
export const H_ACCEPT_LANGUAGE = 66;
/** `cookie`. */
export const H_COOKIE = 67;
/** `set-cookie`. */
export const H_SET_COOKIE = 68;
/** `location`. */
export const H_LOCATION = 69;
/** `referer`. */
export const H_REFERER = 70;
/** `origin`. */
export const H_ORIGIN = 71;
/** `authorization`. */
export const H_AUTHORIZATION = 72;
/** `cache-control`. */
export const H_CACHE_CONTROL = 73;
/** `content-encoding`. */
export const H_CONTENT_ENCODING = 74;
/** `etag`. */
export const H_ETAG = 75;
/** `last-modified`. */
export const H_LAST_MODIFIED = 76;
/** `vary`. */
export const H_VARY = 77;
/** `grpc-status`. */
export const H_GRPC_STATUS = 78;
/** `grpc-message`. */
export const H_GRPC_MESSAGE = 79;
/** `grpc-timeout`. */
export const H_GRPC_TIMEOUT = 80;
/** `access-control-request-method`. */
export const H_ACCESS_CONTROL_REQUEST_METHOD = 81;
/** `access-control-allow-origin`. */
export const H_ACCESS_CONTROL_ALLOW_ORIGIN = 82;
/** `retry-after`. */
export const H_RETRY_AFTER = 83;
/** `content-location`. */
export const H_CONTENT_LOCATION = 84;
/** `pragma`. */
export const H_PRAGMA = 85;
/** `age`. */
export const H_AGE = 86;
/** `expires`. */
export const H_EXPIRES = 87;
/** `if-none-match`. */
export const H_IF_NONE_MATCH = 88;
/** `if-modified-since`. */
export const H_IF_MODIFIED_SINCE = 89;
/** `range`. */
export const H_RANGE = 90;
/** `priority`. */
export const H_PRIORITY = 91;
/** `forwarded`. */
export const H_FORWARDED = 92;
/** `alt-svc`. */
export const H_ALT_SVC = 93;
/** `x-envoy-retriable-status-codes`. */
export const H_X_ENVOY_RETRIABLE_STATUS_CODES = 94;
/** `x-envoy-retriable-header-names`. */
export const H_X_ENVOY_RETRIABLE_HEADER_NAMES = 95;
/** `x-envoy-original-url`. */
export const H_X_ENVOY_ORIGINAL_URL = 96;
/** `:protocol` of extended CONNECT. RFC 8441 §4. */
export const H_PROTOCOL = 97;
/** `baggage`. W3C Baggage. */
export const H_BAGGAGE = 98;
