/*
 * Connections that speak no HTTP downstream: each is one stream. The payload goes to an upstream in
 * TCP as it comes, or into a tunnel: then the engine writes the request that asks for one.
 */
import { H_AUTHORITY, H_METHOD, H_PATH, H_SCHEME } from "../../../api/engine/header-names.ts";
import { FRAMING_CHUNKED, FRAMING_CLOSE, READER_RAW_END } from "../../../api/engine/http1.ts";
import { CLUSTER_BYTES, IMAGE_CLUSTERS } from "../../../api/engine/image.ts";
import {
  EVENT_NONE,
  EVENT_REQUEST,
  FLAG_RAW,
  STATE_CONNECT,
  STATE_TCP,
  STATE_UPGRADE,
} from "../../../api/engine/layout.ts";
import {
  TCP_CLUSTERS,
  TCP_CLUSTER_BYTES,
  TCP_CLUSTER_INDEX,
  TCP_CLUSTER_WEIGHT,
  TCP_TOTAL_WEIGHT,
  TCP_TUNNEL,
  TUNNEL_HOST,
  TUNNEL_MUTATIONS,
  TUNNEL_POST_PATH,
} from "../../../api/engine/network/tcp-image.ts";
import { keepBytes, setPseudo } from "../../head/block.ts";
import { nextRandom } from "../../hcm/random.ts";
import { startRawBody } from "../../http1/read-message.ts";
import {
  REQUEST_AUTHORITY,
  REQUEST_METHOD,
  REQUEST_PATH,
  REQUEST_SCHEME,
} from "../../http1/start-line.ts";
import { staticText } from "../../memory/text.ts";
import { runFormat } from "../../observe/format/format.ts";
import { formatOutput } from "../../observe/format/format-output.ts";
import { applyMutations } from "../../route/mutations.ts";
import { Connection, keepInput, takeInput } from "../connection.ts";
import { beginStream, pumpDownstream } from "../downstream.ts";
import { beginOutput, post } from "../mail.ts";
import { Stream } from "../stream.ts";

/** `version` where no HTTP is spoken. */
export const NO_HTTP: i32 = -1;
const CONNECT = staticText("CONNECT");
const POST = staticText("POST");
const HTTP = staticText("http");

/**
 * Begins the stream of a connection. EVENT_REQUEST when it is to have an upstream; EVENT_NONE when
 * there is no cluster for it. The stream is in the mailbox in both cases.
 */
export function beginTcp(connection: Connection): i32 {
  const stream = openRaw(connection);
  const isFound = chooseCluster(stream);
  const tunnel = load<u32>(stream.hcm, TCP_TUNNEL);
  if (tunnel != 0) writeTunnelHead(stream, stream.image + <usize>tunnel);
  post(changetype<usize>(stream), tunnel != 0 ? 0 : FLAG_RAW);
  return isFound ? EVENT_REQUEST : EVENT_NONE;
}

/** The same for a connection that is refused: only its end is told. */
export function beginRefused(connection: Connection): void {
  post(changetype<usize>(openRaw(connection)), 0);
}

function openRaw(connection: Connection): Stream {
  beginOutput();
  const stream = beginStream(connection);
  connection.stream = changetype<usize>(stream);
  stream.state = STATE_TCP | STATE_UPGRADE;
  stream.version = NO_HTTP;
  stream.requestFraming = FRAMING_CLOSE;
  startRawBody(connection.reader);
  connection.inputLength = 0;
  keepInput(connection);
  return stream;
}

/** Draws the cluster again, for another attempt. False: there is none of that name. */
export function drawAgain(stream: Stream): bool {
  stream.random = nextRandom();
  return chooseCluster(stream);
}

/** By weight, as the random number of the stream has it. */
function chooseCluster(stream: Stream): bool {
  const image = stream.image;
  const total = <u64>load<u32>(stream.hcm, TCP_TOTAL_WEIGHT);
  if (total == 0) return false;
  let left = stream.random % total;
  let entry = image + <usize>load<u32>(stream.hcm, TCP_CLUSTERS);
  while (left >= <u64>load<u32>(entry, TCP_CLUSTER_WEIGHT)) {
    left -= <u64>load<u32>(entry, TCP_CLUSTER_WEIGHT);
    entry += TCP_CLUSTER_BYTES;
  }
  const index = load<i32>(entry, TCP_CLUSTER_INDEX);
  if (index < 0) return false;
  stream.cluster = index;
  const clusters = image + <usize>load<u32>(image, IMAGE_CLUSTERS);
  stream.clusterRecord = clusters + <usize>index * CLUSTER_BYTES;
  return true;
}

/** The request that asks the upstream for the tunnel. Envoy `TcpProxy.TunnelingConfig`. */
function writeTunnelHead(stream: Stream, tunnel: usize): void {
  const block = stream.request;
  const length = runFormat(stream.image + <usize>load<u32>(tunnel, TUNNEL_HOST), stream);
  const host = keepBytes(block, formatOutput(), length);
  setPseudo(block, REQUEST_AUTHORITY, H_AUTHORITY, host, length);
  const pathLength = load<i32>(tunnel, TUNNEL_POST_PATH + 4);
  if (pathLength == 0) {
    stream.state |= STATE_CONNECT;
    setPseudo(block, REQUEST_METHOD, H_METHOD, CONNECT, 7);
  } else {
    stream.requestFraming = FRAMING_CHUNKED;
    setPseudo(block, REQUEST_METHOD, H_METHOD, POST, 4);
    const path = stream.image + <usize>load<u32>(tunnel, TUNNEL_POST_PATH);
    setPseudo(block, REQUEST_PATH, H_PATH, path, pathLength);
    setPseudo(block, REQUEST_SCHEME, H_SCHEME, HTTP, 4);
  }
  applyMutations(stream.image + <usize>load<u32>(tunnel, TUNNEL_MUTATIONS), block, stream);
}

/** The client will send no more. Returns an event. */
export function endTcp(connection: Connection): i32 {
  connection.reader.flags |= READER_RAW_END;
  takeInput(connection, 0, 0);
  return pumpDownstream(connection);
}
