/**
 * The part of the engine image that formats, access logs and local reply rules compile to.
 * Conventions are those of `image.ts`. Untyped constants only, since AssemblyScript reads this
 * file too.
 *
 * A format is a list of operations, run one after the other. Each writes a constant or a value of
 * the stream. A JSON format is the same: its punctuation is constant text, already escaped.
 */

/** A format: list of operations. */
export const FORMAT_OPERATIONS = 0;
export const FORMAT_BYTES = 8;

/** An operation: `OP_*` number, and `WRITE_*` for a value. */
export const OPERATION_CODE = 0;
export const OPERATION_WRITE = 4;
/** Bytes of a value at most, or -1. */
export const OPERATION_LIMIT = 8;
/** A number whose meaning depends on the operation. */
export const OPERATION_ARGUMENT = 12;
/** Texts whose meaning depends on the operation, and their header ids. */
export const OPERATION_TEXT = 16;
export const OPERATION_OTHER = 24;
export const OPERATION_TEXT_ID = 32;
export const OPERATION_OTHER_ID = 36;
export const OPERATION_BYTES = 40;

/** Values of OPERATION_WRITE: as it is, `-` for nothing. */
export const WRITE_TEXT = 0;
/** As it is, nothing for nothing. */
export const WRITE_TEXT_OR_NOTHING = 1;
/** Escaped, inside the quotes of a JSON string; `-` for nothing. */
export const WRITE_PART = 2;
export const WRITE_PART_OR_NOTHING = 3;
/** A whole JSON value: string, number, or `null` for nothing. */
export const WRITE_VALUE = 4;
/** The same, but nothing takes its key away. */
export const WRITE_VALUE_OR_OMIT = 5;

/** Writes TEXT. */
export const OP_LITERAL = 0;
/** Begins a member or an element that may be taken away: comma if needed, then TEXT. */
export const OP_KEY = 1;
/** Ends an object, which is taken away when it is empty and stands at depth ARGUMENT. */
export const OP_CLOSE = 2;
/** A value that is never there. */
export const OP_NOTHING = 3;
/** A value that is the same for every stream: TEXT. */
export const OP_CONSTANT = 4;
/** First header called TEXT, or else OTHER. */
export const OP_REQUEST_HEADER = 5;
export const OP_RESPONSE_HEADER = 6;
export const OP_RESPONSE_TRAILER = 7;
/** ARGUMENT: `PATH_FORMAT_*` bits. */
export const OP_PATH = 8;
/** First query parameter called TEXT. */
export const OP_QUERY_PARAM = 9;
/** ARGUMENT: 1 is decoded. */
export const OP_QUERY = 10;
/** ARGUMENT: `TIME_*` bits. TEXT: pattern, see `time-pattern.ts`. */
export const OP_TIME = 11;
/** ARGUMENT: two `POINT_*` and a precision, see below. */
export const OP_DURATION = 12;
export const OP_PROTOCOL = 13;
export const OP_UPSTREAM_PROTOCOL = 14;
export const OP_RESPONSE_CODE = 15;
/** ARGUMENT: 1 keeps white space. */
export const OP_RESPONSE_CODE_DETAILS = 16;
/** ARGUMENT: 1 is long names. */
export const OP_RESPONSE_FLAGS = 17;
export const OP_BYTES_RECEIVED = 18;
export const OP_BYTES_SENT = 19;
export const OP_REQUEST_HEADERS_BYTES = 20;
export const OP_RESPONSE_HEADERS_BYTES = 21;
export const OP_RESPONSE_TRAILERS_BYTES = 22;
export const OP_UPSTREAM_WIRE_BYTES_SENT = 23;
export const OP_UPSTREAM_WIRE_BYTES_RECEIVED = 24;
export const OP_DOWNSTREAM_WIRE_BYTES_SENT = 25;
export const OP_DOWNSTREAM_WIRE_BYTES_RECEIVED = 26;
export const OP_UPSTREAM_HEADER_BYTES_SENT = 27;
export const OP_UPSTREAM_HEADER_BYTES_RECEIVED = 28;
export const OP_DOWNSTREAM_HEADER_BYTES_SENT = 29;
export const OP_DOWNSTREAM_HEADER_BYTES_RECEIVED = 30;
/** ARGUMENT of these: `ADDRESS_*`. */
export const OP_UPSTREAM_HOST = 31;
export const OP_UPSTREAM_LOCAL_ADDRESS = 32;
export const OP_DOWNSTREAM_REMOTE_ADDRESS = 33;
export const OP_DOWNSTREAM_DIRECT_REMOTE_ADDRESS = 34;
export const OP_DOWNSTREAM_LOCAL_ADDRESS = 35;
/** The endpoint's hostname, or its address. ARGUMENT: `ADDRESS_WHOLE` or `ADDRESS_ONLY`. */
export const OP_UPSTREAM_HOST_NAME = 36;
/** ARGUMENT: 1 is the name as configured, 0 the one for statistics. */
export const OP_UPSTREAM_CLUSTER = 37;
export const OP_UPSTREAM_FAILURE_REASON = 38;
export const OP_ATTEMPT_COUNT = 39;
export const OP_ROUTE_NAME = 40;
export const OP_CONNECTION_ID = 41;
/** ARGUMENT: `GRPC_*`. */
export const OP_GRPC_STATUS = 42;
export const OP_LOCAL_REPLY_BODY = 43;
export const OP_UNIQUE_ID = 44;
/** The address that connected upstream, once connected. ARGUMENT: `ADDRESS_*`. */
export const OP_UPSTREAM_REMOTE_ADDRESS = 45;
/** What TLS tells of the downstream connection. ARGUMENT: `FACT_*`. */
export const OP_DOWNSTREAM_FACT = 46;
/** A value of the route's metadata. TEXT: namespace and keys, joined by colons. */
export const OP_ROUTE_METADATA = 47;
/** Number of the connection of the last attempt, 0 for none. ARGUMENT: 1 is a text, or nothing. */
export const OP_UPSTREAM_CONNECTION_ID = 48;
/** The host of the last attempt once connected, and its name. ARGUMENT: `ADDRESS_*`. */
export const OP_UPSTREAM_HOST_ATTEMPTED = 49;
export const OP_UPSTREAM_HOST_NAME_ATTEMPTED = 50;
/** The same as OP_ROUTE_METADATA, of the virtual host and of the cluster. */
export const OP_VIRTUAL_HOST_METADATA = 51;
export const OP_CLUSTER_METADATA = 52;
/** What TLS tells of the upstream connection of the last attempt. ARGUMENT: `FACT_*`. */
export const OP_UPSTREAM_FACT = 53;
/** A moment of the peer's certificate. ARGUMENT: `FACT_*`. TEXT: pattern, as of OP_TIME. */
export const OP_DOWNSTREAM_FACT_TIME = 54;
export const OP_UPSTREAM_FACT_TIME = 55;
/** When the line is logged: the name of an Envoy AccessLogType. */
export const OP_LOG_TYPE = 56;
/** A value of the filter state. TEXT: its key. ARGUMENT: 1 is as JSON, 0 as it is. */
export const OP_FILTER_STATE = 57;
export const OP_DOWNSTREAM_DIRECT_LOCAL_ADDRESS = 58;
/** Why the connection was closed. */
export const OP_CONNECTION_END = 59;
/** A peer of the filter state. TEXT: its key. ARGUMENT: `PEER_AS_*`. */
export const OP_PEER = 60;

/** ARGUMENT of OP_PATH: without the query. */
export const PATH_FORMAT_NO_QUERY = 1;
/** The path before a rewrite only. */
export const PATH_FORMAT_ORIGINAL = 2;
/** The path after a rewrite only. */
export const PATH_FORMAT_PRESENT = 4;

/** ARGUMENT of OP_TIME: now, not the start of the stream. */
export const TIME_NOW = 1;
/** In the time zone of the machine, not UTC. */
export const TIME_LOCAL = 2;

/** ARGUMENT of OP_DURATION: from a point, to a point, in units of. */
export const DURATION_TO_SHIFT = 8;
export const DURATION_UNIT_SHIFT = 16;
export const UNIT_MS = 0;
export const UNIT_US = 1;
export const UNIT_NS = 2;
/** The difference may be negative: it is then nothing, unless this bit is set. */
export const DURATION_SIGNED = 1048576;

/** Points in the life of a stream. Never reached: */
export const POINT_NEVER = 0;
export const POINT_DOWNSTREAM_FIRST_RECEIVED = 1;
export const POINT_DOWNSTREAM_LAST_RECEIVED = 2;
export const POINT_UPSTREAM_FIRST_SENT = 3;
export const POINT_UPSTREAM_LAST_SENT = 4;
export const POINT_UPSTREAM_FIRST_RECEIVED = 5;
export const POINT_UPSTREAM_LAST_RECEIVED = 6;
export const POINT_DOWNSTREAM_FIRST_SENT = 7;
export const POINT_DOWNSTREAM_LAST_SENT = 8;
/** The end of the stream, or now. */
export const POINT_END = 9;
/** The end of the TLS handshake: before the stream, so spans to it are negative or 0. */
export const POINT_DOWNSTREAM_HANDSHAKE = 10;

/** What of an address. */
export const ADDRESS_WHOLE = 0;
/** Without the port. */
export const ADDRESS_ONLY = 1;
export const ADDRESS_PORT = 2;

/** How a gRPC status is written. */
export const GRPC_CAMEL = 0;
export const GRPC_SNAKE = 1;
export const GRPC_NUMBER = 2;

/** An access log: references to its filter (or 0) and its format, and the number of its sink. */
export const ACCESS_LOG_FILTER = 0;
export const ACCESS_LOG_FORMAT = 4;
export const ACCESS_LOG_SINK = 8;
export const ACCESS_LOG_BYTES = 16;
/** Access logs that differ in where they write, in one worker. */
export const ACCESS_LOG_SINKS_MAX = 256;

/** A filter of an access log: `FILTER_*`. */
export const FILTER_KIND = 0;
/** `COMPARE_*` and the number. */
export const FILTER_COMPARE = 4;
export const FILTER_VALUE = 8;
/** List of references to filters, or of header matchers. */
export const FILTER_LIST = 12;
/** Bits of flags or gRPC statuses, 64 bits. */
export const FILTER_BITS = 24;
export const FILTER_BYTES = 32;

/** Values of FILTER_KIND. */
export const FILTER_STATUS = 0;
export const FILTER_DURATION = 1;
export const FILTER_NOT_HEALTH_CHECK = 2;
/** COMPARE: denominator; VALUE: numerator; BITS: 1 is independent randomness. */
export const FILTER_RANDOM = 3;
export const FILTER_AND = 4;
export const FILTER_OR = 5;
export const FILTER_HEADERS = 6;
/** Any of the flags. */
export const FILTER_FLAGS = 7;
/** VALUE: 1 excludes. */
export const FILTER_GRPC = 8;
export const FILTER_ALWAYS = 9;
export const FILTER_NEVER = 10;
/** BITS: one for each `LOG_TYPE_*` that passes. */
export const FILTER_LOG_TYPE = 11;

/** When a line is logged: numbers of Envoy's AccessLogType. */
export const LOG_TYPE_TCP_CONNECTED = 1;
export const LOG_TYPE_TCP_PERIODIC = 2;
export const LOG_TYPE_TCP_END = 3;
export const LOG_TYPE_HTTP_END = 6;

/** Values of FILTER_COMPARE, as in Envoy. */
export const COMPARE_EQUAL = 0;
export const COMPARE_AT_LEAST = 1;
export const COMPARE_AT_MOST = 2;
export const COMPARE_NOT_EQUAL = 3;

/** Rules for local replies: list of mappers, then the body that applies when no mapper has one. */
export const LOCAL_REPLY_MAPPERS = 0;
export const LOCAL_REPLY_BODY = 8;
export const LOCAL_REPLY_BYTES = 24;

/** A body: reference to a format or 0, and the text of the content type. */
export const REPLY_BODY_FORMAT = 0;
export const REPLY_BODY_TYPE = 4;
export const REPLY_BODY_BYTES = 16;

/** A mapper: filter, status or 0, body text and whether there is one, header additions, body. */
export const MAPPER_FILTER = 0;
export const MAPPER_STATUS = 4;
export const MAPPER_TEXT = 8;
export const MAPPER_HAS_TEXT = 16;
/** Reference to a mutation list of `match-image.ts`, or 0. */
export const MAPPER_MUTATIONS = 20;
export const MAPPER_BODY = 24;
export const MAPPER_BYTES = 40;
