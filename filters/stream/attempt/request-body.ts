/* Bodies of requests, and what else clients send, on their way upstream. */
import {
  FLAG_END,
  FLAG_MORE,
  FLAG_REQUEST_END,
  FLAG_CLOSE,
  STATE_REQUEST_END,
  STATE_TUNNEL,
  STATE_UPGRADE,
} from "../../../api/engine/layout.ts";
import {
  FRAMING_CHUNKED,
  READ_DATA,
  READ_END,
  READ_ERROR,
  READ_MORE,
} from "../../../api/engine/http1.ts";
import { now } from "../../hcm/clock.ts";
import { readNext } from "../../http1/read-message.ts";
import { Connection, advanceInput, keepInput } from "../connection.ts";
import { creditLane } from "../http2/lane.ts";
import { isRaw, passData, passEnd } from "./body-piece.ts";
import { post } from "../mail.ts";
import { Stream } from "../stream.ts";

/** Notes that nothing more of the request will come. */
export function markRequestEnd(stream: Stream): void {
  stream.state |= STATE_REQUEST_END;
  stream.requestEndMs = now;
}

/** True until the upstream has agreed to a tunnel: what it might read as a request is not sent. */
// @ts-ignore: decorator
@inline
export function isUpgrading(stream: Stream): bool {
  return (stream.state & (STATE_UPGRADE | STATE_TUNNEL)) == STATE_UPGRADE;
}

/** Fills the mailbox after `pumpBody`. */
export function postBody(connection: Connection, stream: Stream): void {
  keepInput(connection);
  let flags = connection.inputLength > 0 ? FLAG_MORE : 0;
  if ((stream.state & STATE_REQUEST_END) != 0) {
    flags |= FLAG_REQUEST_END | FLAG_END;
    // The end of a tunnel is the end of the connection.
    const isTunnel = (stream.state & STATE_TUNNEL) != 0;
    if (isRaw(stream) || (isTunnel && stream.requestFraming != FRAMING_CHUNKED)) {
      flags |= FLAG_CLOSE;
    }
  }
  post(changetype<usize>(stream), flags);
}

/** Moves what the input holds of the body to the output. Returns an error number or 0. Hot. */
export function pumpBody(connection: Connection, stream: Stream): i32 {
  const reader = connection.reader;
  while ((stream.state & STATE_REQUEST_END) == 0) {
    const found = readNext(reader, connection.input, connection.inputLength);
    stream.downstreamWireReceived += reader.consumed;
    advanceInput(connection, reader.consumed);
    if (found == READ_MORE) break;
    if (found == READ_ERROR) return reader.error;
    let error = 0;
    if (found == READ_DATA) {
      stream.bytesReceived += reader.dataLength;
      if (connection.lane != 0) creditLane(connection, reader.dataLength);
      error = passData(stream, reader);
    } else if (found == READ_END) {
      markRequestEnd(stream);
      error = passEnd(stream, reader);
    }
    if (error != 0) return error;
  }
  return 0;
}
