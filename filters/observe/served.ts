/* Exchanges that were served outside of the engine, by the admin interface: only logged here. */
import { READER_RESPONSE } from "../../api/engine/http1.ts";
import {
  STATE_REQUEST_END,
  STATE_RESPONSE_BEGUN,
  STATE_RESPONSE_END,
} from "../../api/engine/layout.ts";
import { now } from "../hcm/clock.ts";
import { prepareRequest } from "../hcm/request.ts";
import { dropHead, nextMessage, readNext } from "../http1/read-message.ts";
import { createReader, releaseReader } from "../http1/reader.ts";
import { staticText } from "../memory/text.ts";
import { logStream } from "./access-log.ts";
import { Connection } from "../stream/connection.ts";
import { Stream, closeStream } from "../stream/stream.ts";

const DETAILS = staticText("admin_filter_response");
const DETAILS_LENGTH: i32 = 21;
const LIMIT: i32 = i32.MAX_VALUE;

/**
 * Writes the access-log lines of a request and its response, whose heads lie one behind the other
 * at `heads`. `stream` was just opened for the connection.
 */
export function logServed(
  connection: Connection,
  stream: Stream,
  heads: usize,
  requestBytes: i32,
  responseBytes: i32,
): void {
  readRequest(connection, stream, heads, requestBytes);
  readResponse(stream, heads + <usize>requestBytes, responseBytes);
  stream.details = DETAILS;
  stream.detailsLength = DETAILS_LENGTH;
  stream.requestEndMs = stream.startMs;
  stream.responseStartMs = now;
  stream.responseEndMs = now;
  stream.state |= STATE_REQUEST_END | STATE_RESPONSE_BEGUN | STATE_RESPONSE_END;
  stream.downstreamWireReceived = stream.requestHeadBytes + stream.bytesReceived;
  stream.downstreamWireSent = responseBytes + stream.bytesSent;
  logStream(stream);
  closeStream(stream);
}

/** A head that the reader does not like is logged as none, like one that came malformed. */
function readRequest(connection: Connection, stream: Stream, bytes: usize, length: i32): void {
  const reader = connection.reader;
  nextMessage(reader);
  reader.block = stream.request;
  readNext(reader, bytes, length);
  stream.version = reader.version;
  if (reader.consumed == length) {
    stream.requestHeadBytes = length;
    stream.requestFieldBytes = reader.fieldBytes;
    // What would be refused in traffic was answered all the same.
    prepareRequest(stream, connection);
    stream.state = 0;
    stream.responseFlags = 0;
  } else dropHead(reader);
  nextMessage(reader);
}

function readResponse(stream: Stream, bytes: usize, length: i32): void {
  const reader = createReader(READER_RESPONSE);
  reader.headBytesMax = LIMIT;
  reader.headerCountMax = LIMIT;
  reader.block = stream.response;
  readNext(reader, bytes, length);
  stream.status = reader.status;
  // Received headers are counted without the space behind the colon, and sent ones with it.
  stream.responseHeadBytes =
    reader.fieldBytes + stream.response.count - stream.response.pseudoCount;
  releaseReader(reader);
}
