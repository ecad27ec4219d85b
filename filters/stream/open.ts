/* Opening and closing connection records, and what happens to their streams. */
import {
  HCM_CHUNKED_LENGTH,
  HCM_CUSTOM_METHODS,
  HCM_ENABLE_TRAILERS,
  HCM_FLAGS,
  HCM_HEADER_COUNT_MAX,
  HCM_HEAD_BYTES_MAX,
  HCM_KEEP_CASE,
  HCM_KEEP_CASE_PROPER,
  CLUSTER_FLAGS,
  CLUSTER_FLAG_CHUNKED_LENGTH,
  CLUSTER_FLAG_KEEP_CASE,
  CLUSTER_FLAG_KEEP_CASE_PROPER,
  CLUSTER_FLAG_KEEP_REASON,
  CLUSTER_FLAG_TRAILERS,
  CLUSTER_HEADER_COUNT_MAX,
  CLUSTER_HEAD_BYTES_MAX,
} from "../../api/engine/image.ts";
import {
  READER_CHUNKED_LENGTH,
  READER_CUSTOM_METHODS,
  READER_KEEP_CASE,
  READER_KEEP_CASE_PROPER,
  READER_KEEP_REASON,
  READER_KEEP_TRAILERS,
  READER_RESPONSE,
  READER_SETTINGS,
} from "../../api/engine/http1.ts";
import { CONNECTION_UPSTREAM, STATE_RESPONSE_BEGUN } from "../../api/engine/layout.ts";
import { now } from "../hcm/clock.ts";
import { clearBlock, keepBytes } from "../head/block.ts";
import { createReader } from "../http1/reader.ts";
import { RESPONSE_PSEUDO } from "../http1/start-line.ts";
import { allocate } from "../memory/slab.ts";
import { Connection, createConnection, destroyConnection } from "./connection.ts";
import { closeLane } from "./http2/lane.ts";
import { closeSession } from "./http2/session.ts";
import { Stream, closeStream } from "./stream.ts";

/** Makes the record of an accepted connection. `hcm` is the address of its manager record. */
export function openDownstreamRecord(image: usize, hcm: usize, flags: i32): Connection {
  const connection = createConnection(flags, createReader(0));
  bindManager(connection, image, hcm);
  connection.openedMs = now;
  return connection;
}

/** Has a connection read its next requests as the manager whose record is at `hcm` wants. */
export function bindManager(connection: Connection, image: usize, hcm: usize): void {
  const settings = load<i32>(hcm, HCM_FLAGS);
  let flags = 0;
  if ((settings & HCM_ENABLE_TRAILERS) != 0) flags |= READER_KEEP_TRAILERS;
  if ((settings & HCM_CHUNKED_LENGTH) != 0) flags |= READER_CHUNKED_LENGTH;
  if ((settings & HCM_CUSTOM_METHODS) != 0) flags |= READER_CUSTOM_METHODS;
  if ((settings & HCM_KEEP_CASE) != 0) flags |= READER_KEEP_CASE;
  if ((settings & HCM_KEEP_CASE_PROPER) != 0) flags |= READER_KEEP_CASE_PROPER;
  connection.image = image;
  connection.hcm = hcm;
  const reader = connection.reader;
  reader.flags = (reader.flags & ~READER_SETTINGS) | flags;
  reader.headBytesMax = load<i32>(hcm, HCM_HEAD_BYTES_MAX);
  reader.headerCountMax = load<i32>(hcm, HCM_HEADER_COUNT_MAX);
}

/** Makes the record of a connection to an endpoint of the cluster whose record is at `cluster`. */
export function openUpstreamRecord(cluster: usize): Connection {
  const connection = createConnection(CONNECTION_UPSTREAM, createReader(READER_RESPONSE));
  connection.cluster = cluster;
  connection.openedMs = now;
  return connection;
}

/** Has a connection read its next response as the cluster whose record is at `cluster` wants. */
export function bindCluster(connection: Connection, cluster: usize): void {
  const settings = load<i32>(cluster, CLUSTER_FLAGS);
  let flags = 0;
  if ((settings & CLUSTER_FLAG_TRAILERS) != 0) flags |= READER_KEEP_TRAILERS;
  if ((settings & CLUSTER_FLAG_CHUNKED_LENGTH) != 0) flags |= READER_CHUNKED_LENGTH;
  if ((settings & CLUSTER_FLAG_KEEP_CASE) != 0) flags |= READER_KEEP_CASE;
  if ((settings & CLUSTER_FLAG_KEEP_CASE_PROPER) != 0) flags |= READER_KEEP_CASE_PROPER;
  if ((settings & CLUSTER_FLAG_KEEP_REASON) != 0) flags |= READER_KEEP_REASON;
  connection.cluster = cluster;
  const reader = connection.reader;
  reader.flags = (reader.flags & ~READER_SETTINGS) | flags;
  reader.headBytesMax = load<i32>(cluster, CLUSTER_HEAD_BYTES_MAX);
  reader.headerCountMax = load<i32>(cluster, CLUSTER_HEADER_COUNT_MAX);
}

/** Frees a record. A stream downstream was finished before; one upstream is taken off here. */
export function closeRecord(connection: Connection): void {
  const isUpstream = (connection.flags & CONNECTION_UPSTREAM) != 0;
  if (isUpstream && connection.stream != 0) detachUpstream(changetype<Stream>(connection.stream));
  if (connection.opening != 0) closeStream(changetype<Stream>(connection.opening));
  if (connection.lane != 0) {
    closeLane(connection);
    return;
  }
  if (connection.http2 != 0) closeSession(connection);
  destroyConnection(connection);
}

/** Takes a stream off its upstream, so that another attempt or a local reply can be made. */
export function detachUpstream(stream: Stream): void {
  if (stream.upstream == 0) return;
  changetype<Connection>(stream.upstream).stream = 0;
  stream.upstream = 0;
  // The text goes away with the connection, and the access log may want it.
  stream.upstreamLocal = keepInRequest(stream, stream.upstreamLocal, stream.upstreamLocalLength);
  // What came of a response head must not become part of another response.
  if ((stream.state & STATE_RESPONSE_BEGUN) == 0) clearBlock(stream.response, RESPONSE_PSEUDO);
}

/** Copies a text for a connection to keep. */
export function keepText(bytes: usize, length: i32): usize {
  if (length == 0) return 0;
  const text = allocate(<usize>length + 16);
  memory.copy(text, bytes, length);
  return text;
}

/** Copies a text for a stream to keep. */
export function keepInRequest(stream: Stream, bytes: usize, length: i32): usize {
  return length == 0 ? 0 : keepBytes(stream.request, bytes, length);
}
