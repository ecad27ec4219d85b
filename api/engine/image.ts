/**
 * The engine image: configuration compiled to one relocatable block of bytes that the engine runs
 * from. This file has the header and the records of the connection manager and of clusters;
 * `route-image.ts`, `format-image.ts` and `regex-layout.ts` have the rest. Untyped constants only.
 *
 * All numbers are little-endian. A reference is the offset of its target from the start of the
 * image, 0 for none; a text is such a reference followed by its length; a list likewise is a
 * reference followed by a count. Records are aligned to 8 bytes. `STATS` fields are 0 in the image
 * and are filled with an address by the worker that loads it.
 */

/** "CWIM". */
export const IMAGE_MAGIC_VALUE = 0x4d495743;
export const IMAGE_VERSION_VALUE = 4;

/** Header of the image. */
export const IMAGE_MAGIC = 0;
export const IMAGE_VERSION = 4;
export const IMAGE_TOTAL_BYTES = 8;
/** List of cluster records, one behind the other. */
export const IMAGE_CLUSTERS = 12;
/** List of references to HttpConnectionManager records. */
export const IMAGE_HCMS = 20;
/** List of statistics scopes: what to fill in where. */
export const IMAGE_SCOPES = 28;
/** Runtime keys of the static layer: list of {text key, i32 numerator of a million, …}. */
export const IMAGE_RUNTIME = 36;
/** Text: `node.id`, `node.cluster` and so on, for the formatter. */
export const IMAGE_NODE_ID = 44;
export const IMAGE_NODE_CLUSTER = 52;
/** Text: this machine's first address that is not loopback. */
export const IMAGE_LOCAL_ADDRESS = 60;
export const IMAGE_HEADER_BYTES = 72;

/** A statistics scope: {u32 kind, text name, u32 offset of the STATS field}. */
export const SCOPE_KIND = 0;
export const SCOPE_NAME = 4;
export const SCOPE_FIELD = 12;
export const SCOPE_BYTES = 16;
export const SCOPE_KIND_HCM = 1;
export const SCOPE_KIND_CLUSTER = 2;
export const SCOPE_KIND_VIRTUAL_HOST = 3;
export const SCOPE_KIND_TCP = 4;
/** Of HTTP/2: its name is the whole of what stands before its statistics. */
export const SCOPE_KIND_HTTP2 = 5;

/** A cluster. */
export const CLUSTER_NAME = 0;
export const CLUSTER_STATS = 8;
/** `CLUSTER_FLAG_*` bits. */
export const CLUSTER_FLAGS = 12;
/** Text of `alt_stat_name`, or of the name: what UPSTREAM_CLUSTER prints. */
export const CLUSTER_OBSERVED_NAME = 16;
/** Bytes of a response head at most. */
export const CLUSTER_HEAD_BYTES_MAX = 24;
export const CLUSTER_HEADER_COUNT_MAX = 28;
/** An `H2_OPTION_*` record. */
export const CLUSTER_HTTP2 = 32;
/** List of the values of its metadata. */
export const CLUSTER_METADATA = 96;
export const CLUSTER_BYTES = 104;
/** Upstream header names are written in Train-Case. */
export const CLUSTER_FLAG_PROPER_CASE = 1;
/** Upstream trailers are forwarded: `enable_trailers`. */
export const CLUSTER_FLAG_TRAILERS = 2;
export const CLUSTER_FLAG_CHUNKED_LENGTH = 4;
/** Names of responses go downstream as the upstream wrote them. */
export const CLUSTER_FLAG_KEEP_CASE = 8;
/** With it, names that the upstream did not write are in Train-Case. */
export const CLUSTER_FLAG_KEEP_CASE_PROPER = 16;
/** Reason phrases go downstream as the upstream wrote them. */
export const CLUSTER_FLAG_KEEP_REASON = 32;
/** The target of requests is a whole URL. */
export const CLUSTER_FLAG_WHOLE_URL = 64;
/** Istio's headers do not go there: never, or not when the filter spares what is outside. */
export const CLUSTER_FLAG_NO_PEER_HEADERS = 128;
export const CLUSTER_FLAG_EXTERNAL = 256;

/** An HttpConnectionManager. */
export const HCM_FLAGS = 0;
/** Bytes of a request head at most. */
export const HCM_HEAD_BYTES_MAX = 4;
export const HCM_HEADER_COUNT_MAX = 8;
/** 0 is no limit. */
export const HCM_REQUESTS_PER_CONNECTION_MAX = 12;
export const HCM_XFF_TRUSTED_HOPS = 16;
/** `SERVER_HEADER_*`. */
export const HCM_SERVER_TRANSFORMATION = 20;
export const HCM_SERVER_NAME = 24;
export const HCM_VIA = 32;
/** `ESCAPED_SLASHES_*`. */
export const HCM_ESCAPED_SLASHES = 40;
/** `UNDERSCORES_*`. */
export const HCM_UNDERSCORES = 44;
export const HCM_ROUTE_CONFIG = 48;
/** List of access-log records. */
export const HCM_ACCESS_LOGS = 52;
/** Reference to the local reply record, or 0. */
export const HCM_LOCAL_REPLY = 60;
export const HCM_STATS = 64;
/** Text: authority for HTTP/1.0 requests without Host. */
export const HCM_DEFAULT_HOST = 68;
/** Milliseconds, 0 is none: default of the stream idle timeout. */
export const HCM_STREAM_IDLE_TIMEOUT_MS = 76;
export const HCM_DURATION_MAX_MS = 80;
/** Port of the listener, for `strip_matching_host_port`. */
export const HCM_LISTENER_PORT = 84;
/** List of RANGE records: whose requests are internal. */
export const HCM_INTERNAL_RANGES = 88;
/** Text of the statistics prefix. */
export const HCM_STAT_PREFIX = 96;
/** List of CHAIN records; the router is not among them. */
export const HCM_CHAIN = 104;
/** Bytes of a request that may be kept: the listener's `per_connection_buffer_limit_bytes`. */
export const HCM_BUFFER_BYTES_MAX = 112;
/** `STRICT_*` bits: headers that the router checks. */
export const HCM_STRICT_HEADERS = 116;
/** List of text matchers: values of Upgrade that are passed over. */
export const HCM_IGNORED_UPGRADES = 120;
/** `FORWARD_CERTIFICATE_*`. */
export const HCM_FORWARD_CERTIFICATE = 128;
/** An `H2_OPTION_*` record. */
export const HCM_HTTP2 = 136;
/** List of `UPGRADE_*` records. */
export const HCM_UPGRADES = 200;
export const HCM_BYTES = 208;

/** A range of IP addresses: 1 for IPv6, how many bits count, and the 4 or 16 bytes. */
export const RANGE_IS_V6 = 0;
export const RANGE_BITS = 4;
export const RANGE_ADDRESS = 8;
export const RANGE_BYTES = 24;

/** One of `upgrade_configs`. The type is in lower case. */
export const UPGRADE_TYPE = 0;
export const UPGRADE_IS_ENABLED = 8;
/** `UPGRADE_CONNECT_*` bits of `connect_config`; 0 without it. */
export const UPGRADE_CONNECT = 12;
export const UPGRADE_BYTES = 16;

/** CONNECT ends here: the upstream gets what is in the tunnel. */
export const UPGRADE_CONNECT_ENDS = 1;
/** So does POST: the upstream gets its body. */
export const UPGRADE_CONNECT_POST = 2;
/** Before that goes a PROXY header of version 1, or of version 2. */
export const UPGRADE_CONNECT_HEADER_V1 = 4;
export const UPGRADE_CONNECT_HEADER_V2 = 8;

/** Values of HCM_FORWARD_CERTIFICATE, as in Envoy. */
export const FORWARD_CERTIFICATE_SANITIZE = 0;
export const FORWARD_CERTIFICATE_FORWARD_ONLY = 1;
export const FORWARD_CERTIFICATE_APPEND = 2;
export const FORWARD_CERTIFICATE_SET = 3;
export const FORWARD_CERTIFICATE_ALWAYS = 4;

/** Bits of HCM_FLAGS. */
export const HCM_USE_REMOTE_ADDRESS = 1;
export const HCM_SKIP_XFF_APPEND = 2;
export const HCM_GENERATE_REQUEST_ID = 4;
export const HCM_PRESERVE_REQUEST_ID = 8;
export const HCM_ALWAYS_SET_REQUEST_ID = 16;
export const HCM_NORMALIZE_PATH = 32;
export const HCM_MERGE_SLASHES = 64;
export const HCM_STRIP_MATCHING_PORT = 128;
export const HCM_STRIP_ANY_PORT = 256;
export const HCM_STRIP_TRAILING_DOT = 512;
export const HCM_PROXY_100_CONTINUE = 1024;
export const HCM_ACCEPT_HTTP_10 = 2048;
export const HCM_ENABLE_TRAILERS = 4096;
export const HCM_CHUNKED_LENGTH = 8192;
export const HCM_CUSTOM_METHODS = 16384;
export const HCM_PROPER_CASE = 32768;
export const HCM_SUPPRESS_ENVOY_HEADERS = 65536;
export const HCM_TLS = 131072;
export const HCM_APPEND_X_FORWARDED_PORT = 262144;
export const HCM_APPEND_X_FORWARDED_HOST = 524288;
export const HCM_DENY_ABSOLUTE_URL = 1048576;
export const HCM_STREAM_ERROR_ON_INVALID = 2097152;
/** `x-envoy-expected-rq-timeout-ms` of a request is its timeout: `respect_expected_rq_timeout`. */
export const HCM_RESPECT_EXPECTED_TIMEOUT = 4194304;
export const HCM_DOWNSTREAM_CLUSTER_HEADERS = 8388608;
/** Peers at Unix sockets are internal. */
export const HCM_UNIX_SOCKETS_INTERNAL = 16777216;
/** Names of requests go upstream as the client wrote them. */
export const HCM_KEEP_CASE = 33554432;
/** With it, names that the client did not write are in Train-Case. */
export const HCM_KEEP_CASE_PROPER = 67108864;

/** Bits of HCM_STRICT_HEADERS, in the order in which Envoy checks. */
export const STRICT_RQ_TIMEOUT = 1;
export const STRICT_PER_TRY_TIMEOUT = 2;
export const STRICT_MAX_RETRIES = 4;
export const STRICT_RETRY_ON = 8;
export const STRICT_RETRY_GRPC_ON = 16;

/** Values of HCM_SERVER_TRANSFORMATION, as in Envoy. */
export const SERVER_HEADER_OVERWRITE = 0;
export const SERVER_HEADER_APPEND_IF_ABSENT = 1;
export const SERVER_HEADER_PASS_THROUGH = 2;

/** Values of HCM_ESCAPED_SLASHES, as in Envoy. */
export const ESCAPED_SLASHES_DEFAULT = 0;
export const ESCAPED_SLASHES_KEEP = 1;
export const ESCAPED_SLASHES_REJECT = 2;
export const ESCAPED_SLASHES_UNESCAPE_REDIRECT = 3;
export const ESCAPED_SLASHES_UNESCAPE_FORWARD = 4;

/** Values of HCM_UNDERSCORES, as in Envoy. */
export const UNDERSCORES_ALLOW = 0;
export const UNDERSCORES_REJECT = 1;
export const UNDERSCORES_DROP = 2;
