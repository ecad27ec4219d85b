/*
 * Lanes: what a stream of an HTTP/2 connection has in place of a connection of its own. A lane is a
 * connection record without a socket. The body of the one message is its input, already out of its
 * frames, so that all that handles requests and responses is the same for both protocols.
 */
import {
  CONNECTION_CERTIFICATE,
  CONNECTION_CERTIFICATE_VALIDATED,
  CONNECTION_LANE,
  CONNECTION_TLS,
} from "../../../api/engine/layout.ts";
import {
  H2_CANCEL,
  H2_CONNECT_ERROR,
  H2_INTERNAL_ERROR,
  H2_NO_ERROR,
} from "../../../api/engine/http2.ts";
import { READER_KEEP_ALIVE } from "../../../api/engine/http1.ts";
import { now } from "../../hcm/clock.ts";
import { createReader } from "../../http1/reader.ts";
import { creditConnection, creditStream, leaveReady } from "../../http2/flow.ts";
import { CONNECTION_H2_CLIENT, H2Connection } from "../../http2/h2-connection.ts";
import {
  H2Stream,
  H2_ENDED,
  H2_END_PENDING,
  H2_PEER_ENDED,
  H2_TUNNEL,
} from "../../http2/h2-stream.ts";
import { closeStreamOf, isOver, resetStreamOf } from "../../http2/streams.ts";
import { Connection, createConnection, destroyConnection, keepInput } from "../connection.ts";
import { retainFacts } from "../facts.ts";
import { postConnection } from "../mail.ts";

/** What a lane has of the flags of its connection. */
const SHARED_FLAGS: i32 =
  CONNECTION_TLS | CONNECTION_CERTIFICATE | CONNECTION_CERTIFICATE_VALIDATED;

/** Makes the lane of a stream that a peer has opened. Texts are those of the connection. */
export function openLane(connection: Connection, stream: H2Stream): Connection {
  const flags = CONNECTION_LANE | (connection.flags & SHARED_FLAGS);
  const lane = createConnection(flags, createReader(READER_KEEP_ALIVE));
  lane.lane = changetype<usize>(stream);
  stream.owner = changetype<usize>(lane);
  lane.id = connection.id;
  lane.image = connection.image;
  lane.hcm = connection.hcm;
  lane.remoteIp = connection.remoteIp;
  lane.remoteIpLength = connection.remoteIpLength;
  lane.remote = connection.remote;
  lane.remoteLength = connection.remoteLength;
  lane.local = connection.local;
  lane.localLength = connection.localLength;
  lane.directRemote = connection.directRemote;
  lane.directRemoteLength = connection.directRemoteLength;
  lane.directLocal = connection.directLocal;
  lane.directLocalLength = connection.directLocalLength;
  lane.remotePort = connection.remotePort;
  lane.localPort = connection.localPort;
  lane.openedMs = connection.openedMs;
  lane.facts = connection.facts;
  lane.filterState = connection.filterState;
  retainFacts(lane.facts);
  return lane;
}

/** The stream of a lane. */
// @ts-ignore: decorator
@inline
export function streamOf(lane: Connection): H2Stream {
  return changetype<H2Stream>(lane.lane);
}

/** The HTTP/2 connection of a lane. */
// @ts-ignore: decorator
@inline
export function sessionOf(lane: Connection): H2Connection {
  return changetype<H2Connection>(streamOf(lane).connection);
}

/** Says which lane, or connection, an event is of. */
export function tellOf(connection: usize, event: i32): i32 {
  postConnection(connection);
  return event;
}

/** Some of a body was read from a lane: the peer may send as much again. */
export function creditLane(lane: Connection, bytes: i32): void {
  creditStream(sessionOf(lane), streamOf(lane), bytes);
}

/** Nobody wants what is kept of the body: other streams may have its part of the window. */
export function dropLaneInput(lane: Connection): void {
  creditConnection(sessionOf(lane), lane.inputLength);
  lane.inputLength = 0;
  keepInput(lane);
}

/** Bytes that wait in a lane for the peer's windows, or for the socket. */
export function waitingOf(lane: Connection): i32 {
  return streamOf(lane).pendingLength;
}

/**
 * The peer has given the stream of a lane up, or was told that it is over: nothing more is sent.
 */
export function silenceLane(lane: Connection): void {
  const stream = streamOf(lane);
  leaveReady(sessionOf(lane), stream);
  stream.state |= H2_ENDED | H2_PEER_ENDED;
}

/**
 * Frees a lane. A response that is whole still goes out; a stream in the middle of one is reset,
 * and so is one whose request nobody wants the rest of (RFC 9113 §8.1), or whose response.
 */
export function closeLane(lane: Connection): void {
  const stream = streamOf(lane);
  const session = sessionOf(lane);
  stream.owner = 0;
  dropLaneInput(lane);
  if ((session.flags & CONNECTION_H2_CLIENT) != 0) {
    const sending = H2_PEER_ENDED | H2_END_PENDING;
    if (isOver(stream)) closeStreamOf(session, stream);
    // The last of a tunnel, or of a request that was answered early, is still on its way.
    else if ((stream.state & sending) == sending) return destroyConnection(lane);
    else resetStreamOf(session, stream, H2_CANCEL);
  } else if ((stream.state & (H2_ENDED | H2_END_PENDING)) == 0) {
    // RFC 9113 §8.5.
    const isTunnel = (stream.state & H2_TUNNEL) != 0;
    resetStreamOf(session, stream, isTunnel ? H2_CONNECT_ERROR : H2_INTERNAL_ERROR);
  } else if ((stream.state & H2_ENDED) != 0) endStream(session, stream);
  else stream.endedMs = now;
  destroyConnection(lane);
}

/** A stream that has sent its end, and that nobody owns, is over. */
export function endStream(session: H2Connection, stream: H2Stream): void {
  if ((stream.state & H2_PEER_ENDED) != 0) closeStreamOf(session, stream);
  else resetStreamOf(session, stream, H2_NO_ERROR);
}
