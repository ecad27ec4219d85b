/* Finds the values that the operations of a format ask for. */
import {
  OPERATION_ARGUMENT,
  OPERATION_CODE,
  OPERATION_TEXT,
  OP_ATTEMPT_COUNT,
  OP_BYTES_RECEIVED,
  OP_BYTES_SENT,
  OP_CLUSTER_METADATA,
  OP_CONNECTION_ID,
  OP_CONNECTION_END,
  OP_CONSTANT,
  OP_DOWNSTREAM_DIRECT_LOCAL_ADDRESS,
  OP_DOWNSTREAM_DIRECT_REMOTE_ADDRESS,
  OP_DOWNSTREAM_FACT,
  OP_DOWNSTREAM_FACT_TIME,
  OP_DOWNSTREAM_HEADER_BYTES_RECEIVED,
  OP_DOWNSTREAM_HEADER_BYTES_SENT,
  OP_DOWNSTREAM_LOCAL_ADDRESS,
  OP_DOWNSTREAM_REMOTE_ADDRESS,
  OP_DOWNSTREAM_WIRE_BYTES_RECEIVED,
  OP_DOWNSTREAM_WIRE_BYTES_SENT,
  OP_DURATION,
  OP_FILTER_STATE,
  OP_GRPC_STATUS,
  OP_LOCAL_REPLY_BODY,
  OP_LOG_TYPE,
  OP_PATH,
  OP_PEER,
  OP_PROTOCOL,
  OP_QUERY,
  OP_QUERY_PARAM,
  OP_REQUEST_HEADER,
  OP_REQUEST_HEADERS_BYTES,
  OP_RESPONSE_CODE,
  OP_RESPONSE_CODE_DETAILS,
  OP_RESPONSE_FLAGS,
  OP_RESPONSE_HEADER,
  OP_RESPONSE_HEADERS_BYTES,
  OP_RESPONSE_TRAILER,
  OP_RESPONSE_TRAILERS_BYTES,
  OP_ROUTE_METADATA,
  OP_ROUTE_NAME,
  OP_TIME,
  OP_UNIQUE_ID,
  OP_UPSTREAM_CLUSTER,
  OP_UPSTREAM_CONNECTION_ID,
  OP_UPSTREAM_FACT,
  OP_UPSTREAM_FACT_TIME,
  OP_UPSTREAM_FAILURE_REASON,
  OP_UPSTREAM_HEADER_BYTES_RECEIVED,
  OP_UPSTREAM_HEADER_BYTES_SENT,
  OP_UPSTREAM_HOST,
  OP_UPSTREAM_HOST_ATTEMPTED,
  OP_UPSTREAM_HOST_NAME,
  OP_UPSTREAM_HOST_NAME_ATTEMPTED,
  OP_UPSTREAM_LOCAL_ADDRESS,
  OP_UPSTREAM_PROTOCOL,
  OP_UPSTREAM_REMOTE_ADDRESS,
  OP_UPSTREAM_WIRE_BYTES_RECEIVED,
  OP_UPSTREAM_WIRE_BYTES_SENT,
  OP_VIRTUAL_HOST_METADATA,
} from "../../../api/engine/format-image.ts";
import {
  CLUSTER_METADATA,
  CLUSTER_NAME,
  CLUSTER_OBSERVED_NAME,
} from "../../../api/engine/image.ts";
import { STATE_TCP } from "../../../api/engine/layout.ts";
import { ROUTE_METADATA, ROUTE_NAME, VHOST_METADATA } from "../../../api/engine/route-image.ts";
import { UUID_BYTES, writeUuid } from "../../hcm/random.ts";
import { HeaderBlock } from "../../head/block.ts";
import { writeDecimal } from "../../memory/bytes.ts";
import { staticText } from "../../memory/text.ts";
import { Connection } from "../../stream/connection.ts";
import { Stream } from "../../stream/stream.ts";
import { isTunneled, isUnconnected } from "../../stream/tcp/tcp-state.ts";
import { setAddress, setClient, setHostName } from "./format-address.ts";
import { setDuration } from "./format-duration.ts";
import { setFact, setFactTime } from "./format-facts.ts";
import { findHeader, headerBytes, setPath, setQuery, setQueryParameter } from "./format-head.ts";
import { setFilterState } from "./format-state.ts";
import { setMetadata } from "./format-metadata.ts";
import { setPeer } from "./format-peer.ts";
import { setTime } from "./format-time.ts";
import { scratchRoom, setNothing, setNumber, setText, setTextOrNothing } from "./format-value.ts";
import { setFlags, setGrpcStatus, setLogType } from "./format-words.ts";

const HTTP_11 = staticText("HTTP/1.1");
const HTTP_10 = staticText("HTTP/1.0");
const PROTOCOL_BYTES: i32 = 8;
const HTTP_2 = staticText("HTTP/2");
const HTTP_2_BYTES: i32 = 6;

/** Body of the local reply that is being made, for LOCAL_REPLY_BODY. Nothing outside of one. */
let localBody: usize = 0;
let localBodyLength: i32 = 0;

/** Sets what LOCAL_REPLY_BODY says. */
export function setLocalBody(bytes: usize, length: i32): void {
  localBody = bytes;
  localBodyLength = length;
}

/** Finds the value of an operation. Hot. */
export function evaluate(operation: usize, stream: Stream): void {
  const code = load<i32>(operation, OPERATION_CODE);
  switch (code) {
    case OP_REQUEST_HEADER: setRequestHeader(operation, stream); break;
    case OP_RESPONSE_HEADER: findHeader(stream.response, operation, stream.image); break;
    case OP_RESPONSE_TRAILER: setTrailer(operation, stream); break;
    case OP_TIME: setTime(stream, operation); break;
    case OP_DURATION: setDuration(stream, argumentOf(operation)); break;
    case OP_RESPONSE_CODE: setNumber(stream.status); break;
    case OP_RESPONSE_FLAGS: setFlags(stream.responseFlags, argumentOf(operation) != 0); break;
    case OP_BYTES_RECEIVED: setNumber(stream.bytesReceived); break;
    case OP_BYTES_SENT: setNumber(stream.bytesSent); break;
    case OP_PROTOCOL: setProtocol(stream.version); break;
    case OP_RESPONSE_CODE_DETAILS: setDetails(stream, argumentOf(operation) != 0); break;
    case OP_PATH:
    case OP_QUERY:
    case OP_QUERY_PARAM: setFromPath(code, operation, stream); break;
    case OP_CONSTANT: setOperand(operation, stream.image); break;
    case OP_LOCAL_REPLY_BODY: setText(localBody, localBodyLength); break;
    case OP_ROUTE_NAME: setRouteName(stream); break;
    case OP_GRPC_STATUS: setGrpcStatus(stream, argumentOf(operation)); break;
    case OP_UNIQUE_ID: setUniqueId(); break;
    case OP_LOG_TYPE: setLogType(stream); break;
    case OP_FILTER_STATE: setFilterState(operation, stream); break;
    case OP_PEER: setPeer(operation, stream); break;
    case OP_CONNECTION_END: setTextOrNothing(stream.endDetails, stream.endDetailsLength); break;
    default:
      if (code >= OP_UPSTREAM_HOST) evaluatePeers(code, operation, stream);
      else evaluateCounts(code, stream);
  }
}

/** Who takes part. */
function evaluatePeers(code: i32, operation: usize, stream: Stream): void {
  const part = argumentOf(operation);
  const connection = changetype<Connection>(stream.downstream);
  switch (code) {
    case OP_UPSTREAM_HOST:
      setAddress(stream.upstreamHost, stream.upstreamHostLength, part);
      break;
    case OP_UPSTREAM_HOST_NAME: setHostName(stream, part); break;
    case OP_UPSTREAM_LOCAL_ADDRESS:
      if (isUnconnected(stream)) setNothing();
      else setAddress(stream.upstreamLocal, stream.upstreamLocalLength, part);
      break;
    case OP_UPSTREAM_REMOTE_ADDRESS:
      // There is one only once connected.
      if (stream.upstreamStartMs == 0) setNothing();
      else setAddress(stream.upstreamHost, stream.upstreamHostLength, part);
      break;
    case OP_UPSTREAM_CLUSTER:
      setCluster(stream, part != 0 ? CLUSTER_NAME : CLUSTER_OBSERVED_NAME);
      break;
    case OP_UPSTREAM_FAILURE_REASON:
      setJoined(stream.failureReason, stream.failureReasonLength);
      break;
    case OP_ATTEMPT_COUNT: setNumber(stream.attemptCount); break;
    case OP_DOWNSTREAM_REMOTE_ADDRESS: setClient(stream, part); break;
    case OP_DOWNSTREAM_DIRECT_REMOTE_ADDRESS:
      if (connection.directRemote == 0) {
        setAddress(connection.remote, connection.remoteLength, part);
      } else setAddress(connection.directRemote, connection.directRemoteLength, part);
      break;
    case OP_DOWNSTREAM_DIRECT_LOCAL_ADDRESS:
      if (connection.directLocal == 0) {
        setAddress(connection.local, connection.localLength, part);
      } else setAddress(connection.directLocal, connection.directLocalLength, part);
      break;
    case OP_DOWNSTREAM_LOCAL_ADDRESS:
      setAddress(connection.local, connection.localLength, part);
      break;
    case OP_CONNECTION_ID: setNumber(connection.id); break;
    case OP_DOWNSTREAM_FACT: setFact(connection.facts, part); break;
    case OP_UPSTREAM_FACT: setFact(stream.upstreamFacts, part); break;
    case OP_DOWNSTREAM_FACT_TIME: setFactTime(connection.facts, operation, stream.image); break;
    case OP_UPSTREAM_FACT_TIME: setFactTime(stream.upstreamFacts, operation, stream.image); break;
    case OP_ROUTE_METADATA:
      setMetadataOf(stream.route, ROUTE_METADATA, operation, stream.image);
      break;
    case OP_VIRTUAL_HOST_METADATA:
      setMetadataOf(stream.virtualHost, VHOST_METADATA, operation, stream.image);
      break;
    case OP_CLUSTER_METADATA:
      setMetadataOf(stream.clusterRecord, CLUSTER_METADATA, operation, stream.image);
      break;
    case OP_UPSTREAM_CONNECTION_ID: setUpstreamId(stream.upstreamId, part != 0); break;
    case OP_UPSTREAM_HOST_ATTEMPTED:
      if (stream.upstreamId == 0) setNothing();
      else setAddress(stream.upstreamHost, stream.upstreamHostLength, part);
      break;
    case OP_UPSTREAM_HOST_NAME_ATTEMPTED:
      if (stream.upstreamId == 0) setNothing();
      else setHostName(stream, part);
      break;
    default: setNothing();
  }
}

/** The number of a connection, or the list that has this number alone. */
function setUpstreamId(id: u32, isList: bool): void {
  if (!isList) {
    setNumber(id);
  } else if (id == 0) {
    setNothing();
  } else {
    const room = scratchRoom(12);
    setText(room, writeDecimal(room, id));
  }
}

function setProtocol(version: i32): void {
  if (version < 0) setNothing();
  else if (version == 20) setText(HTTP_2, HTTP_2_BYTES);
  else setText(version == 10 ? HTTP_10 : HTTP_11, PROTOCOL_BYTES);
}

/** How much was moved. */
function evaluateCounts(code: i32, stream: Stream): void {
  switch (code) {
    case OP_UPSTREAM_PROTOCOL:
      if (stream.upstreamStartMs == 0 || (stream.state & STATE_TCP) != 0) setNothing();
      else setProtocol(stream.upstreamVersion);
      break;
    case OP_REQUEST_HEADERS_BYTES:
      setNumber(hasRequest(stream) ? headerBytes(stream.request) : 0);
      break;
    case OP_RESPONSE_HEADERS_BYTES: setNumber(headerBytes(stream.response)); break;
    case OP_RESPONSE_TRAILERS_BYTES: setTrailerBytes(stream); break;
    case OP_UPSTREAM_WIRE_BYTES_SENT:
      // In a tunnel the payload counts twice, as in Envoy.
      setNumber(stream.upstreamWireSent + (isTunneled(stream) ? stream.bytesReceived : 0));
      break;
    case OP_UPSTREAM_WIRE_BYTES_RECEIVED:
      setNumber(stream.upstreamWireReceived + (isTunneled(stream) ? stream.bytesSent : 0));
      break;
    case OP_DOWNSTREAM_WIRE_BYTES_SENT: setNumber(stream.downstreamWireSent); break;
    case OP_DOWNSTREAM_WIRE_BYTES_RECEIVED: setNumber(stream.downstreamWireReceived); break;
    case OP_UPSTREAM_HEADER_BYTES_SENT: setNumber(stream.upstreamHeadSent); break;
    case OP_UPSTREAM_HEADER_BYTES_RECEIVED: setNumber(stream.upstreamHeadReceived); break;
    case OP_DOWNSTREAM_HEADER_BYTES_SENT: setNumber(stream.responseHeadBytes); break;
    case OP_DOWNSTREAM_HEADER_BYTES_RECEIVED: setNumber(stream.requestFieldBytes); break;
    default: setNothing();
  }
}

// @ts-ignore: decorator
@inline
function argumentOf(operation: usize): i32 {
  return load<i32>(operation, OPERATION_ARGUMENT);
}

function setOperand(operation: usize, image: usize): void {
  const length = load<i32>(operation, OPERATION_TEXT + 4);
  setText(image + <usize>load<u32>(operation, OPERATION_TEXT), length);
}

/** A head that is malformed counts as none. */
// @ts-ignore: decorator
@inline
function hasRequest(stream: Stream): bool {
  return stream.requestHeadBytes != 0;
}

function setRequestHeader(operation: usize, stream: Stream): void {
  if (hasRequest(stream)) findHeader(stream.request, operation, stream.image);
  else setNothing();
}

function setFromPath(code: i32, operation: usize, stream: Stream): void {
  if (!hasRequest(stream)) setNothing();
  else if (code == OP_PATH) setPath(stream, operation);
  else if (code == OP_QUERY) setQuery(stream, argumentOf(operation) != 0);
  else setQueryParameter(stream, operation);
}

function setTrailer(operation: usize, stream: Stream): void {
  if (stream.responseTrailers == 0) setNothing();
  else findHeader(changetype<HeaderBlock>(stream.responseTrailers), operation, stream.image);
}

function setTrailerBytes(stream: Stream): void {
  if (stream.responseTrailers == 0) setNumber(0);
  else setNumber(headerBytes(changetype<HeaderBlock>(stream.responseTrailers)));
}

function setRouteName(stream: Stream): void {
  if (stream.route == 0) {
    setNothing();
    return;
  }
  const name = stream.image + <usize>load<u32>(stream.route, ROUTE_NAME);
  setTextOrNothing(name, load<i32>(stream.route, ROUTE_NAME + 4));
}

/** A value of the metadata whose list is a field of a record, which may be 0. */
function setMetadataOf(record: usize, field: i32, operation: usize, image: usize): void {
  if (record == 0) {
    setNothing();
    return;
  }
  const path = image + <usize>load<u32>(operation, OPERATION_TEXT);
  setMetadata(image, record + <usize>field, path, load<i32>(operation, OPERATION_TEXT + 4));
}

function setCluster(stream: Stream, field: i32): void {
  if (stream.clusterRecord == 0) {
    setNothing();
    return;
  }
  const record = stream.clusterRecord + <usize>field;
  setTextOrNothing(stream.image + <usize>load<u32>(record), load<i32>(record, 4));
}

function setDetails(stream: Stream, keepsSpace: bool): void {
  if (keepsSpace) setTextOrNothing(stream.details, stream.detailsLength);
  else setJoined(stream.details, stream.detailsLength);
}

/** A text with underscores for white space, so that it stays one word of the line. */
function setJoined(bytes: usize, length: i32): void {
  if (length == 0) {
    setNothing();
    return;
  }
  const room = scratchRoom(length);
  for (let i = 0; i < length; i++) {
    const byte = load<u8>(bytes + i);
    const isSpace = byte == 32 || byte - 9 < 5;
    store<u8>(room + i, isSpace ? 95 : byte);
  }
  setText(room, length);
}

function setUniqueId(): void {
  const room = scratchRoom(UUID_BYTES);
  writeUuid(room);
  setText(room, UUID_BYTES);
}
