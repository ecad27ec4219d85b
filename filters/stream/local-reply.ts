/* Answers that the proxy gives itself. */
import {
  FRAMING_LENGTH,
  FRAMING_NONE,
  HTTP1_ERROR_DETAILS,
  HTTP1_ERROR_STATUSES,
} from "../../api/engine/http1.ts";
import {
  H_CONTENT_LENGTH,
  H_CONTENT_TYPE,
  H_LOCATION,
  H_STATUS,
} from "../../api/engine/header-names.ts";
import { HCM_LOCAL_REPLY } from "../../api/engine/image.ts";
import {
  EVENT_CLOSE,
  EVENT_TO_DOWNSTREAM,
  STATE_CHAIN,
  STATE_CONNECTION_CLOSE,
  STATE_HEAD_REQUEST,
  STATE_LOCAL_REPLY,
  STATE_RESPONSE_BEGUN,
} from "../../api/engine/layout.ts";
import { addKnown, entryAt, mayHave, reserveArena, setKnown, setPseudo } from "../head/block.ts";
import { REQUEST_PATH } from "../http1/start-line.ts";
import { statusLine } from "../http1/status-line.ts";
import { writeDecimal } from "../memory/bytes.ts";
import { staticText } from "../memory/text.ts";
import { mapLocalReply } from "../observe/local-reply-map.ts";
import { runResponseChain } from "../chain/chain.ts";
import { finishResponseHeaders } from "../route/finish.ts";
import { Connection } from "./connection.ts";
import { finishStream } from "./finish.ts";
import { endOutput, outputRoom } from "./mail.ts";
import { writeResponseHead } from "./response.ts";
import { Stream } from "./stream.ts";

const TEXT_PLAIN = staticText("text/plain");
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
    const line = statusLine(stream.status);
    // Envoy's body for codec errors is the reason phrase.
    stream.replyBody = line + 13;
    stream.replyBodyLength = lengthOfReason(line);
    return reply(connection, stream);
  }
  finishStream(stream);
  return EVENT_CLOSE;
}

function lengthOfReason(line: usize): i32 {
  let length = 0;
  while (load<u8>(line + 13 + length) != 13) length++;
  return length;
}

/**
 * Sends a local reply: `status`, `details`, `replyBody` and any headers are on the stream already.
 * The stream is over afterwards.
 */
export function reply(connection: Connection, stream: Stream): i32 {
  const block = stream.response;
  stream.state |= STATE_LOCAL_REPLY;
  if (stream.route != 0 && stream.upstream == 0 && stream.cluster < 0) finishResponseHeaders(stream);
  if ((stream.state & STATE_CHAIN) != 0) runResponseChain(stream);
  if (stream.status == 307 && !mayHave(block, H_LOCATION) && stream.route == 0) addPathLocation(stream);
  if (load<u32>(stream.hcm, HCM_LOCAL_REPLY) != 0) mapLocalReply(stream);
  setStatus(stream);
  const length = stream.replyBodyLength;
  const hasBody = length > 0 && stream.status != 204 && stream.status != 304;
  if (hasBody) {
    if (!mayHave(block, H_CONTENT_TYPE)) addKnown(block, H_CONTENT_TYPE, TEXT_PLAIN, 10);
    const digits = reserveArena(block, 12);
    setKnown(block, H_CONTENT_LENGTH, digits, writeDecimal(digits, length));
  }
  writeResponseHead(stream, connection, hasBody ? FRAMING_LENGTH : FRAMING_NONE);
  if (hasBody && (stream.state & STATE_HEAD_REQUEST) == 0) {
    const room = outputRoom(length);
    memory.copy(room, stream.replyBody, length);
    endOutput(room + length);
    stream.bytesSent += length;
  }
  finishStream(stream);
  return EVENT_TO_DOWNSTREAM;
}

function setStatus(stream: Stream): void {
  const digits = reserveArena(stream.response, 3);
  writeDecimal(digits, stream.status);
  setPseudo(stream.response, 0, H_STATUS, digits, 3);
}

/** After unescaping slashes the client is sent to the tidy path. */
function addPathLocation(stream: Stream): void {
  const path = entryAt(stream.request, REQUEST_PATH);
  addKnown(stream.response, H_LOCATION, path.value, path.valueLength);
}
