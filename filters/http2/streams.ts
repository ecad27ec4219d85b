/* Opening and closing the streams of a connection. RFC 9113 §5.1. */
import {
  HTTP2_GOAWAY_SENT,
  HTTP2_PENDING_SEND_BYTES,
  HTTP2_STREAMS_ACTIVE,
} from "../../api/engine/http2-stats.ts";
import { now } from "../hcm/clock.ts";
import { addTo, count } from "../observe/counters.ts";
import { leaveReady } from "./flow.ts";
import { H2Stream, H2_ENDED, H2_PEER_ENDED, closeH2Stream, openH2Stream } from "./h2-stream.ts";
import { writeGoAway, writeReset } from "./output.ts";
import {
  CONNECTION_H2_CLOSING,
  CONNECTION_H2_DRAINING,
  CONNECTION_H2_PEER_CLOSING,
  H2Connection,
  rememberReset,
  streamWindowOf,
} from "./h2-connection.ts";
import { addStream, removeStream } from "./stream-table.ts";

/** Greatest stream id, and what a GOAWAY says that only announces another. RFC 9113 §6.8. */
const STREAM_ID_MAX: u32 = 0x7fffffff;

/** Opens a stream of that id, whoever asked for it. */
export function openStreamOf(connection: H2Connection, id: u32): H2Stream {
  const stream = openH2Stream(id, changetype<usize>(connection));
  stream.sendWindow = connection.peerStreamWindow;
  stream.window = streamWindowOf(connection);
  stream.receiveWindow = stream.window;
  stream.openedMs = now;
  stream.creditedMs = now;
  addStream(connection.table, stream);
  connection.streamsOpened++;
  addTo(connection.stats, HTTP2_STREAMS_ACTIVE, 1);
  return stream;
}

/** True when the peer lets us open another stream. */
export function mayOpenStream(connection: H2Connection): bool {
  if ((connection.flags & CONNECTION_H2_PEER_CLOSING) != 0) return false;
  if (connection.nextStream > STREAM_ID_MAX) return false;
  return <u32>connection.table.count < connection.peerStreamsMax;
}

/** Opens a stream as a client. `mayOpenStream` was asked before. */
export function openLocalStream(connection: H2Connection): H2Stream {
  const stream = openStreamOf(connection, connection.nextStream);
  connection.nextStream += 2;
  return stream;
}

/** True when both sides have sent their end. */
export function isOver(stream: H2Stream): bool {
  return (stream.state & (H2_ENDED | H2_PEER_ENDED)) == (H2_ENDED | H2_PEER_ENDED);
}

/** Takes a stream out of its connection and gives it back. Nobody may hold it any more. */
export function closeStreamOf(connection: H2Connection, stream: H2Stream): void {
  leaveReady(connection, stream);
  if (connection.dataStream == changetype<usize>(stream)) connection.dataStream = 0;
  removeStream(connection.table, stream);
  const pending = stream.pendingLength;
  if (pending > 0) addTo(connection.stats, HTTP2_PENDING_SEND_BYTES, -pending);
  addTo(connection.stats, HTTP2_STREAMS_ACTIVE, -1);
  closeH2Stream(stream);
  connection.streamsClosed++;
}

/** Gives a stream up: tells the peer, unless all was said, and closes it. */
export function resetStreamOf(connection: H2Connection, stream: H2Stream, error: i32): void {
  if (!isOver(stream)) {
    writeReset(connection, stream.id, error);
    rememberReset(connection, stream.id);
  }
  closeStreamOf(connection, stream);
}

/** Announces that the connection will end: the peer should open no more streams. */
export function announceEnd(connection: H2Connection, error: i32): void {
  if ((connection.flags & (CONNECTION_H2_DRAINING | CONNECTION_H2_CLOSING)) != 0) return;
  connection.flags |= CONNECTION_H2_DRAINING;
  writeGoAway(connection, STREAM_ID_MAX, error);
}

/** Says which stream is the last that is served; later ones are not looked at. */
export function refuseFurther(connection: H2Connection, error: i32): void {
  if ((connection.flags & CONNECTION_H2_CLOSING) != 0) return;
  connection.flags |= CONNECTION_H2_CLOSING;
  count(connection.stats, HTTP2_GOAWAY_SENT);
  writeGoAway(connection, connection.lastPeerStream, error);
}
