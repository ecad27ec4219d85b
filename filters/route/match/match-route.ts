/* Whether one route matches a request. Envoy `RouteEntryImplBase::matchRoute`. Hot. */
import { H_CONTENT_TYPE } from "../../../api/engine/header-names.ts";
import {
  PATH_KIND_CONNECT,
  PATH_KIND_EXACT,
  PATH_KIND_REGEX,
  PATH_KIND_SEPARATED,
  ROUTE_FLAGS,
  ROUTE_FLAG_CONDITIONS,
  ROUTE_FLAG_GRPC,
  ROUTE_FLAG_IGNORE_CASE,
  ROUTE_FLAG_NOT_PRESENTED,
  ROUTE_FLAG_NOT_VALIDATED,
  ROUTE_FLAG_PARAMETERS,
  ROUTE_FLAG_PRESENTED,
  ROUTE_FLAG_VALIDATED,
  ROUTE_FRACTION,
  ROUTE_HEADERS,
  ROUTE_PATH,
  ROUTE_PATH_KIND,
  ROUTE_QUERIES,
} from "../../../api/engine/route-image.ts";
import { entryAt, findKnown } from "../../head/block.ts";
import { REQUEST_PATH } from "../../http1/start-line.ts";
import { equalBytes } from "../../memory/bytes.ts";
import {
  CONNECTION_CERTIFICATE,
  CONNECTION_CERTIFICATE_VALIDATED,
  STATE_CONNECT,
} from "../../../api/engine/layout.ts";
import { Connection } from "../../stream/connection.ts";
import { Stream } from "../../stream/stream.ts";
import { pathEnd } from "../authority.ts";
import { isWithin } from "./fraction.ts";
import { equalsLower } from "../hash-search.ts";
import { matchHeaders } from "./match-header.ts";
import { matchQueries } from "./match-query.ts";
import { matchesRegex } from "../scratch.ts";

/** "application/grpc" as two little-endian numbers. */
const APPLICAT: u64 = 0x746163696c707061;
const ION_GRPC: u64 = 0x637072672f6e6f69;
const TLS_FLAGS: u32 =
  ROUTE_FLAG_PRESENTED | ROUTE_FLAG_NOT_PRESENTED | ROUTE_FLAG_VALIDATED | ROUTE_FLAG_NOT_VALIDATED;

/** True when the route at that address matches. `length` has no query. */
export function matchRoute(stream: Stream, route: usize, path: usize, length: i32): bool {
  const flags = load<u32>(route, ROUTE_FLAGS);
  if (!matchPath(stream, route, flags, path, length)) return false;
  return (flags & ROUTE_FLAG_CONDITIONS) == 0 || matchConditions(stream, route, flags);
}

// @ts-ignore: decorator
@inline
function matchPath(stream: Stream, route: usize, flags: u32, path: usize, length: i32): bool {
  const kind = load<i32>(route, ROUTE_PATH_KIND);
  const isTunnel = (stream.state & STATE_CONNECT) != 0;
  if (isTunnel || kind == PATH_KIND_CONNECT) return isTunnel && kind == PATH_KIND_CONNECT;
  const text = stream.image + <usize>load<u32>(route, ROUTE_PATH);
  if (kind == PATH_KIND_REGEX) {
    const isWhole = (flags & ROUTE_FLAG_PARAMETERS) != 0;
    return matchesRegex(text, path, isWhole ? wholeLength(stream) : length);
  }
  const textLength = load<i32>(route, ROUTE_PATH + 4);
  if (kind == PATH_KIND_EXACT ? length != textLength : length < textLength) return false;
  const isSame =
    (flags & ROUTE_FLAG_IGNORE_CASE) == 0
      ? equalBytes(path, text, textLength)
      : equalsLower(path, text, textLength);
  if (!isSame || kind != PATH_KIND_SEPARATED) return isSame;
  return length == textLength || load<u8>(path + textLength) == 47;
}

/** Length of the path with its parameters. */
function wholeLength(stream: Stream): i32 {
  const path = entryAt(stream.request, REQUEST_PATH);
  return pathEnd(path.value, path.valueLength);
}

function matchConditions(stream: Stream, route: usize, flags: u32): bool {
  const image = stream.image;
  const block = stream.request;
  if (!isWithin(route + ROUTE_FRACTION, stream.random)) return false;
  if ((flags & ROUTE_FLAG_GRPC) != 0 && !isGrpc(stream)) return false;
  if (!matchHeaders(route + ROUTE_HEADERS, image, block)) return false;
  const path = entryAt(block, REQUEST_PATH);
  if (!matchQueries(route + ROUTE_QUERIES, image, path.value, path.valueLength)) return false;
  return (flags & TLS_FLAGS) == 0 || matchTls(stream, flags);
}

/** Envoy `Grpc::Common::hasGrpcContentType`: application/grpc, or that with `+…` behind. */
function isGrpc(stream: Stream): bool {
  const type = findKnown(stream.request, H_CONTENT_TYPE);
  if (type === null || type.valueLength < 16) return false;
  const isSame = load<u64>(type.value) == APPLICAT && load<u64>(type.value, 8) == ION_GRPC;
  return isSame && (type.valueLength == 16 || load<u8>(type.value, 16) == 43);
}

/**
 * Envoy `matchesTlsContext`: whether the peer has a certificate, and whether it was found to be
 * trusted.
 */
function matchTls(stream: Stream, flags: u32): bool {
  const facts = changetype<Connection>(stream.downstream).flags;
  const isPresented = (facts & CONNECTION_CERTIFICATE) != 0;
  const isValidated = (facts & CONNECTION_CERTIFICATE_VALIDATED) != 0;
  if ((flags & (isPresented ? ROUTE_FLAG_NOT_PRESENTED : ROUTE_FLAG_PRESENTED)) != 0) return false;
  return (flags & (isValidated ? ROUTE_FLAG_NOT_VALIDATED : ROUTE_FLAG_VALIDATED)) == 0;
}
