/* Answers that the proxy gives itself. */
import {
  E_BASE64,
  E_HOST_MISSING,
  FRAMING_LENGTH,
  FRAMING_NONE,
  HTTP1_ERROR_DETAILS,
  HTTP1_ERROR_STATUSES,
  READ_DATA,
  READ_END,
} from "../../api/engine/http1.ts";
import {
  H_CONTENT_LENGTH,
  H_CONTENT_TYPE,
  H_LOCATION,
  H_X_ENVOY_OVERLOADED,
} from "../../api/engine/header-names.ts";
import {
  HCM_FLAGS,
  HCM_LOCAL_REPLY,
  HCM_STATS,
  HCM_SUPPRESS_ENVOY_HEADERS,
} from "../../api/engine/image.ts";
import {
  EVENT_CLOSE,
  EVENT_TO_DOWNSTREAM,
  STATE_CHAIN,
  STATE_CONNECTION_CLOSE,
  STATE_HEAD_REQUEST,
  STATE_LOCAL_REPLY,
  STATE_REQUEST_END,
  STATE_RESPONSE_BEGUN,
  STATE_RESPONSE_END,
} from "../../api/engine/layout.ts";
import { RESPONSE_FLAG_DPE, RESPONSE_FLAG_UO } from "../../api/engine/response-flags.ts";
import { HTTP_DOWNSTREAM_CX_PROTOCOL_ERROR } from "../../api/engine/stats.ts";
import { runResponseChain } from "../chain/chain.ts";
import { holdReply } from "../chain/grpc-web.ts";
import { now } from "../hcm/clock.ts";
import { setReasonBody } from "../hcm/refusal.ts";
import { addKnown, entryAt, mayHave, removeKnown } from "../head/block.ts";
import { settleLength } from "../http1/framing.ts";
import { readNext } from "../http1/read-message.ts";
import { REQUEST_PATH } from "../http1/start-line.ts";
import { staticText } from "../memory/text.ts";
import { count } from "../observe/counters.ts";
import { mapLocalReply } from "../observe/local-reply-map.ts";
import { finishResponseHeaders } from "../route/finish.ts";
import { ROUTER_FLAGS } from "./charge.ts";
import { Connection, advanceInput } from "./connection.ts";
import { finishStream } from "./finish.ts";
import { isGrpcRequest, setGrpcStatus } from "../grpc/grpc-reply.ts";
import { creditLane } from "./http2/lane.ts";
import { sendLaneData } from "./http2/send.ts";
import { endOutput, outputRoom, writtenLength } from "./mail.ts";
import { endMirrors, feedMirrors } from "./mirror-links.ts";
import { setStatus, writeResponseHead } from "./response.ts";
import { Stream } from "./stream.ts";

const TEXT_PLAIN = staticText("text/plain");
const BAD_BASE64 = staticText("Bad gRPC-web request, invalid base64 data.");
const BAD_BASE64_BYTES: i32 = 42;
const TRUE = staticText("true");
let errorTexts: usize = 0;

/** Copies the details of codec errors. Called once when the module starts. */
export function buildErrorReplies(): void {
  errorTexts = memory.data(512);
  for (let i = 0; i < HTTP1_ERROR_DETAILS.length; i++) {
    const details = HTTP1_ERROR_DETAILS[i];
    store<u32>(errorTexts + (<usize>i << 4), <u32>staticText(details));
    store<u32>(errorTexts + (<usize>i << 4), details.length, 4);
    store<u32>(errorTexts + (<usize>i << 4), HTTP1_ERROR_STATUSES[i], 8);
  }
}

/** Answers a malformed request and closes the connection. */
export function errorReply(connection: Connection, stream: Stream, error: i32): i32 {
  const row = errorTexts + (<usize>error << 4);
  stream.details = load<u32>(row);
  stream.detailsLength = load<i32>(row, 4);
  stream.state |= STATE_CONNECTION_CLOSE;
  if ((stream.state & STATE_RESPONSE_BEGUN) == 0) {
    stream.status = load<i32>(row, 8);
    // A missing Host is found by Envoy's connection manager, the rest by its codec.
    const isMalformed = error != E_HOST_MISSING && error < E_BASE64;
    const flag = (<u64>1) << RESPONSE_FLAG_DPE;
    stream.responseFlags = isMalformed ? stream.responseFlags | flag : stream.responseFlags & ~flag;
    if (isMalformed) {
      count(<usize>load<u32>(stream.hcm, HCM_STATS), HTTP_DOWNSTREAM_CX_PROTOCOL_ERROR);
      setReasonBody(stream);
    } else if (error >= E_BASE64) {
      stream.replyBody = BAD_BASE64;
      stream.replyBodyLength = BAD_BASE64_BYTES;
    } else if (connection.reader.framing == FRAMING_NONE) endRequest(stream);
    return reply(connection, stream);
  }
  count(<usize>load<u32>(stream.hcm, HCM_STATS), HTTP_DOWNSTREAM_CX_PROTOCOL_ERROR);
  finishStream(stream);
  return EVENT_CLOSE;
}

function endRequest(stream: Stream): void {
  stream.state |= STATE_REQUEST_END;
  stream.requestEndMs = now;
}

/**
 * Sends a local reply: `status`, `details`, `replyBody` and any headers are on the stream already.
 * The stream is over afterwards.
 */
export function reply(connection: Connection, stream: Stream): i32 {
  const block = stream.response;
  stream.state |= STATE_LOCAL_REPLY;
  stream.replyStatus = stream.status;
  // A request that cannot be understood leaves doubt about what follows it. As in Envoy.
  if (stream.status == 400) stream.state |= STATE_CONNECTION_CLOSE;
  if (connection.pendingLength > 0 && stream.requestEndMs == 0) dropHeldBody(connection, stream);
  if ((stream.responseFlags & ROUTER_FLAGS) != 0) noteRouterFailure(stream);
  if (stream.route == 0) addPathLocation(stream);
  else finishResponseHeaders(stream);
  const isJson = load<u32>(stream.hcm, HCM_LOCAL_REPLY) != 0 && mapLocalReply(stream);
  if (isGrpc(stream)) {
    setGrpcStatus(stream, isJson);
  } else if (stream.replyBodyLength == 0) {
    removeKnown(block, H_CONTENT_TYPE);
  } else if (!mayHave(block, H_CONTENT_TYPE)) {
    addKnown(block, H_CONTENT_TYPE, TEXT_PLAIN, 10);
  }
  writeReply(connection, stream);
  stream.state |= STATE_RESPONSE_END;
  stream.downstreamWireSent += writtenLength();
  finishStream(stream);
  return EVENT_TO_DOWNSTREAM;
}

/** What Envoy's codec refuses is no call yet, and gRPC-Web is no gRPC. */
function isGrpc(stream: Stream): bool {
  if (stream.grpcWeb != 0) return false;
  if ((stream.responseFlags & ((<u64>1) << RESPONSE_FLAG_DPE)) != 0) return false;
  return mayHave(stream.request, H_CONTENT_TYPE) && isGrpcRequest(stream.request);
}

function writeReply(connection: Connection, stream: Stream): void {
  const block = stream.response;
  setStatus(block, stream.status);
  const length = stream.replyBodyLength;
  let hasBody = length > 0 && stream.status != 204 && stream.status != 304;
  if (stream.grpcWeb != 0) {
    holdReply(stream, hasBody ? length : 0);
    hasBody = false;
  }
  if ((stream.state & STATE_CHAIN) != 0) {
    const isEnd = !hasBody || (stream.state & STATE_HEAD_REQUEST) != 0;
    runResponseChain(stream, isEnd);
  }
  if (!hasBody) removeKnown(block, H_CONTENT_LENGTH);
  const framing = hasBody ? FRAMING_LENGTH : FRAMING_NONE;
  settleLength(block, framing, length);
  writeResponseHead(stream, connection, framing);
  if (!hasBody || (stream.state & STATE_HEAD_REQUEST) != 0) return;
  stream.bytesSent += length;
  if (connection.lane != 0) {
    sendLaneData(connection, stream.replyBody, length, true);
    return;
  }
  const room = outputRoom(length);
  memory.copy(room, stream.replyBody, length);
  endOutput(room + length);
}

/** A body that waited for an upstream is passed over, so that the connection can go on. */
function dropHeldBody(connection: Connection, stream: Stream): void {
  const reader = connection.reader;
  while ((stream.state & STATE_REQUEST_END) == 0) {
    const found = readNext(reader, connection.input, connection.inputLength);
    advanceInput(connection, reader.consumed);
    if (found == READ_DATA) {
      stream.bytesReceived += reader.dataLength;
      if (connection.lane != 0) creditLane(connection, reader.dataLength);
      feedMirrors(stream, reader.data, reader.dataLength);
    } else if (found == READ_END) {
      endMirrors(stream, reader.trailers);
      endRequest(stream);
    } else break;
  }
}

/** What the router says of an attempt that came to nothing. */
function noteRouterFailure(stream: Stream): void {
  // Envoy counts the attempt that found no connection.
  if (stream.attemptCount == 0) stream.attemptCount = 1;
  // Tells the client that it was one too many.
  if ((stream.responseFlags & ((<u64>1) << RESPONSE_FLAG_UO)) == 0) return;
  if ((load<i32>(stream.hcm, HCM_FLAGS) & HCM_SUPPRESS_ENVOY_HEADERS) != 0) return;
  addKnown(stream.response, H_X_ENVOY_OVERLOADED, TRUE, 4);
}

/** After unescaping slashes the client is sent to the tidy path. */
function addPathLocation(stream: Stream): void {
  if (stream.status != 307 || mayHave(stream.response, H_LOCATION)) return;
  const path = entryAt(stream.request, REQUEST_PATH);
  addKnown(stream.response, H_LOCATION, path.value, path.valueLength);
}
