import * as image from "../../../api/engine/format-image.ts";
import * as peerImage from "../../../api/engine/peer/peer-image.ts";
import type { FormatSetting } from "./format-setting.ts";
import type { Operation } from "./operation.ts";

/** Characters of a header name, after one colon for a pseudo-header. RFC 9110 §5.6.2. */
const HEADER_NAME = /^(?::?[!#$%&'*+.^_`|~0-9A-Za-z-]+)?$/;

/** `NAME` or `NAME?ALTERNATIVE`. */
export function buildHeader(names: string, code: number): Operation | string {
  const [main, alternative = "", ...rest] = names.split("?");
  if (rest.length > 0) return `More than 1 alternative header specified in token: ${names}`;
  if (!HEADER_NAME.test(main) || !HEADER_NAME.test(alternative)) {
    return "Invalid header configuration. Format string contains invalid characters.";
  }
  return { code, text: toBlockName(main, code), other: toBlockName(alternative, code) };
}

/** In the engine, as in HTTP/2, the Host of a request is `:authority`. */
function toBlockName(name: string, code: number): string {
  const lower = name.toLowerCase();
  return lower === "host" && code === image.OP_REQUEST_HEADER ? ":authority" : lower;
}

/** `WQ` or `NQ`, then which path. */
export function buildPath(parameters: string): Operation | string {
  const [query = "", source = ""] = parameters.split(":");
  let argument = 0;
  if (query === "NQ") argument |= image.PATH_FORMAT_NO_QUERY;
  else if (query !== "" && query !== "WQ") {
    return `Invalid PATH option: '${query}', only 'WQ'/'NQ' are allowed`;
  }
  if (source === "ORIG") argument |= image.PATH_FORMAT_ORIGINAL;
  else if (source === "PATH") argument |= image.PATH_FORMAT_PRESENT;
  else if (source !== "" && source !== "ORIG_OR_PATH") {
    return `Invalid PATH option: '${source}', only 'ORIG'/'PATH'/'ORIG_OR_PATH' are allowed`;
  }
  return { code: image.OP_PATH, argument };
}

/** The name of a query parameter, compared after percent-decoding. */
export function buildQueryParameter(name: string): Operation {
  return { code: image.OP_QUERY_PARAM, text: name };
}

/** The query as it is, or decoded. */
export function buildQuery(option: string): Operation | string {
  if (option !== "" && option !== "ORIG" && option !== "DECODED") {
    return `Invalid QUERY_PARAMS option: '${option}', only 'ORIG'/'DECODED' are allowed`;
  }
  return { code: image.OP_QUERY, argument: option === "DECODED" ? 1 : 0 };
}

/** Envoy's names of points in the life of a stream. */
const POINTS: ReadonlyMap<string, number> = new Map([
  ["DS_RX_BEG", image.POINT_DOWNSTREAM_FIRST_RECEIVED],
  ["DS_RX_END", image.POINT_DOWNSTREAM_LAST_RECEIVED],
  ["US_TX_BEG", image.POINT_UPSTREAM_FIRST_SENT],
  ["US_TX_END", image.POINT_UPSTREAM_LAST_SENT],
  ["US_RX_BEG", image.POINT_UPSTREAM_FIRST_RECEIVED],
  ["US_RX_END", image.POINT_UPSTREAM_LAST_RECEIVED],
  ["DS_TX_BEG", image.POINT_DOWNSTREAM_FIRST_SENT],
  ["DS_TX_END", image.POINT_DOWNSTREAM_LAST_SENT],
  // The end of the TLS handshake with the upstream, which is not recorded.
  ["US_HS_END", image.POINT_NEVER],
]);
/** Points that Envoy knows and the engine does not record. */
const UNRECORDED_POINTS: ReadonlySet<string> = new Set([
  "US_CX_BEG",
  "US_CX_END",
  "US_RX_BODY_BEG",
]);
const UNITS: ReadonlyMap<string, number> = new Map([
  ["ms", image.UNIT_MS],
  ["us", image.UNIT_US],
  ["ns", image.UNIT_NS],
]);

/** `FROM:TO` or `FROM:TO:UNIT`. A point of another name is one that a filter may set. */
export function buildDuration(parameters: string): Operation | string {
  const parts = parameters.split(":");
  if (parts.length < 2 || parts.length > 3) {
    return `Invalid common duration configuration: ${parameters}.`;
  }
  const [from, to, precision = "ms"] = parts;
  const unit = UNITS.get(precision);
  if (unit === undefined) return `Invalid common duration precision: ${precision}.`;
  for (const point of [from, to]) {
    if (UNRECORDED_POINTS.has(point)) return `the time point ${point} is not implemented`;
  }
  const argument =
    (POINTS.get(from) ?? image.POINT_NEVER) |
    ((POINTS.get(to) ?? image.POINT_NEVER) << image.DURATION_TO_SHIFT) |
    (unit << image.DURATION_UNIT_SHIFT);
  return { code: image.OP_DURATION, argument };
}

/** An environment variable: a constant, `-` when it is not set. */
export function buildEnvironment(name: string, context: FormatSetting): Operation {
  return { code: image.OP_CONSTANT, text: context.environment(name) ?? "-" };
}

const GRPC_FORMATS: ReadonlyMap<string, number> = new Map([
  ["", image.GRPC_CAMEL],
  ["CAMEL_STRING", image.GRPC_CAMEL],
  ["SNAKE_STRING", image.GRPC_SNAKE],
  ["NUMBER", image.GRPC_NUMBER],
]);

/** How a gRPC status is written. */
export function buildGrpcStatus(format: string): Operation | string {
  const argument = GRPC_FORMATS.get(format);
  if (argument === undefined) {
    return `GrpcStatusFormatter only supports CAMEL_STRING, SNAKE_STRING or NUMBER. Got: ${format}`;
  }
  return { code: image.OP_GRPC_STATUS, argument };
}

const METADATA_TYPES: ReadonlySet<string> = new Set([
  "UPSTREAM_HOST",
  "LISTENER",
  "LISTENER_FILTER_CHAIN",
]);

const METADATA_CODES: ReadonlyMap<string, number> = new Map([
  ["ROUTE", image.OP_ROUTE_METADATA],
  ["VIRTUAL_HOST", image.OP_VIRTUAL_HOST_METADATA],
  ["CLUSTER", image.OP_CLUSTER_METADATA],
]);

/** Metadata of the connection is kept with its filter state, below keys that begin so. */
const METADATA_KEY = "\u0001";

/** `NAMESPACE:KEY` */
export function buildDynamicMetadata(path: string): Operation {
  return { code: image.OP_FILTER_STATE, text: `${METADATA_KEY}${path}` };
}

/** Metadata of what a request is for, or dynamic metadata. */
export function buildMetadata(parameters: string): Operation | string {
  const [type, ...path] = parameters.split(":");
  const code = METADATA_CODES.get(type);
  if (code !== undefined) return { code, text: path.join(":") };
  if (type === "DYNAMIC") return buildDynamicMetadata(path.join(":"));
  if (METADATA_TYPES.has(type)) return `%METADATA(${type}:…)% is not implemented`;
  return `${type} is not supported type of metadata`;
}

/** `KEY`, `KEY:PLAIN`, `KEY:TYPED` or `KEY:FIELD:NAME`. */
export function buildFilterState(parameters: string): Operation | string {
  const [key, type = "TYPED", field = ""] = parameters.split(":");
  if (key === "") return "Invalid filter state configuration, key cannot be empty.";
  if (type !== "PLAIN" && type !== "TYPED" && type !== "FIELD") {
    return "Invalid filter state serialize type, only support PLAIN/TYPED/FIELD.";
  }
  if ((type === "FIELD") !== (field !== "")) {
    return "Invalid filter state serialize type, FIELD should be used with the field name.";
  }
  const peer = PEERS.get(key);
  if (peer !== undefined) return buildPeer(peer, key, type, field);
  const text = field === "" ? key : `${key}\0${field}`;
  return { code: image.OP_FILTER_STATE, text, argument: type === "TYPED" ? 1 : 0 };
}

/** Keys of peers, and where the values are: Istio has one for each way to read them. */
const PEERS: ReadonlyMap<string, string> = new Map([
  ["downstream_peer", "downstream_peer"],
  ["downstream_peer_obj", "downstream_peer"],
  ["upstream_peer", "upstream_peer"],
  ["upstream_peer_obj", "upstream_peer"],
]);

const { PEER_IDENTITY, PEER_AS_PAIRS, PEER_AS_STRUCT, PEER_AS_ANY, PEER_AS_FIELD } = peerImage;
/** Those that may be asked for by themselves. */
const PEER_FIELDS = peerImage.PEER_FIELDS.filter((_, place) => place !== PEER_IDENTITY);

function buildPeer(text: string, key: string, type: string, field: string): Operation {
  const code = image.OP_PEER;
  if (type === "PLAIN") return { code, text, argument: PEER_AS_PAIRS };
  if (type === "TYPED") {
    return { code, text, argument: key === text ? PEER_AS_ANY : PEER_AS_STRUCT };
  }
  const place = PEER_FIELDS.indexOf(field);
  if (place < 0) return { code: image.OP_NOTHING };
  return { code, text, argument: PEER_AS_FIELD | (place << peerImage.PEER_FIELD_SHIFT) };
}
