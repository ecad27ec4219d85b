/*
 * Mirrored requests. A mirror is a stream of its own, with a copy of the request's head, whose
 * response nobody sees. Envoy `ShadowWriterImpl` and what its AsyncClient adds.
 */
import {
  CONNECTION_SINK,
  STATE_HEAD_REQUEST,
  STATE_INTERNAL,
  STATE_MIRROR,
  STATE_REQUEST_END,
} from "../../api/engine/layout.ts";
import { FRAMING_NONE, READER_KEEP_TRAILERS } from "../../api/engine/http1.ts";
import {
  H_AUTHORITY,
  H_X_ENVOY_INTERNAL,
  H_X_FORWARDED_FOR,
} from "../../api/engine/header-names.ts";
import {
  CLUSTER_BYTES,
  HCM_ACCESS_LOGS,
  HCM_BYTES,
  HCM_STATS,
  IMAGE_CLUSTERS,
  IMAGE_LOCAL_ADDRESS,
} from "../../api/engine/image.ts";
import {
  FORWARD_MIRRORS,
  MIRROR_BYTES,
  MIRROR_CLUSTER,
  MIRROR_FLAGS,
  MIRROR_FLAG_KEEP_HOST,
  MIRROR_FRACTION,
  MIRROR_HEADER,
  MIRROR_HEADER_ID,
  ROUTE_ACTION,
} from "../../api/engine/route-image.ts";
import { HTTP_STATS_BYTES } from "../../api/engine/stats.ts";
import { now } from "../hcm/clock.ts";
import { appendToList } from "../hcm/list-header.ts";
import { nextRandom } from "../hcm/random.ts";
import {
  HeaderBlock,
  copyHeaders,
  entryAt,
  reserveArena,
  setKnown,
  setPseudo,
} from "../head/block.ts";
import { startBody } from "../http1/read-message.ts";
import { createReader } from "../http1/reader.ts";
import { REQUEST_AUTHORITY } from "../http1/start-line.ts";
import { copyBytes, writeAscii } from "../memory/bytes.ts";
import { allocate } from "../memory/slab.ts";
import { staticText } from "../memory/text.ts";
import { portStart } from "../route/authority.ts";
import { namedCluster } from "../route/choose-cluster.ts";
import { isWithin } from "../route/match/fraction.ts";
import { settleTimeouts } from "../route/request-timeout.ts";
import { Connection, createConnection } from "./connection.ts";
import { endMirror, feedMirror, joinMirrors } from "./mirror-links.ts";
import { Stream, openStream } from "./stream.ts";

const TRUE = staticText("true");
const SUFFIX_BYTES: i32 = 7;

/** Statistics that nobody reads: what a mirror does is no traffic of the connection manager. */
let unseen: usize = 0;

/** How many mirror policies the route of a stream has. */
export function mirrorCount(stream: Stream): i32 {
  return load<i32>(forwardOf(stream), FORWARD_MIRRORS + 4);
}

/** Makes the stream of one mirror, or 0 where sampling or the cluster's name says no. */
export function openMirrorStream(stream: Stream, place: i32): usize {
  const list = stream.image + <usize>load<u32>(forwardOf(stream), FORWARD_MIRRORS);
  const policy = list + <usize>place * MIRROR_BYTES;
  if (!isWithin(policy + MIRROR_FRACTION, stream.random)) return 0;
  let cluster = load<i32>(policy, MIRROR_CLUSTER);
  if (load<u32>(policy, MIRROR_HEADER + 4) != 0) {
    cluster = namedCluster(stream, policy + MIRROR_HEADER, load<u32>(policy, MIRROR_HEADER_ID));
  }
  if (cluster < 0) return 0;
  // After an internal redirect the body is here already, as far as there is one.
  const isBodyRead =
    stream.requestFraming != FRAMING_NONE && (stream.state & STATE_REQUEST_END) != 0;
  const mirror = openStream();
  takeOver(mirror, stream, cluster);
  if ((load<u32>(policy, MIRROR_FLAGS) & MIRROR_FLAG_KEEP_HOST) == 0) addSuffix(mirror);
  const sink = openSink(mirror, stream);
  mirror.downstream = changetype<usize>(sink);
  mirror.hcm = sink.hcm;
  settleTimeouts(mirror);
  joinMirrors(stream, mirror);
  if (isBodyRead) {
    feedMirror(mirror, stream.kept, stream.keptLength);
    endMirror(mirror, changetype<HeaderBlock | null>(stream.requestTrailers));
  }
  return changetype<usize>(mirror);
}

function forwardOf(stream: Stream): usize {
  return stream.image + <usize>load<u32>(stream.route, ROUTE_ACTION);
}

/** What a mirror has of the stream that it mirrors. */
function takeOver(mirror: Stream, stream: Stream, cluster: i32): void {
  const block = mirror.request;
  const image = stream.image;
  copyHeaders(block, stream.request);
  setKnown(block, H_X_ENVOY_INTERNAL, TRUE, 4);
  const local = image + <usize>load<u32>(image, IMAGE_LOCAL_ADDRESS);
  const localLength = load<i32>(image, IMAGE_LOCAL_ADDRESS + 4);
  if (localLength > 0) appendToList(block, H_X_FORWARDED_FOR, local, localLength, 1);
  const clusters = image + <usize>load<u32>(image, IMAGE_CLUSTERS);
  mirror.clusterRecord = clusters + <usize>cluster * CLUSTER_BYTES;
  mirror.cluster = cluster;
  mirror.state = stream.state & (STATE_HEAD_REQUEST | STATE_REQUEST_END);
  if (stream.requestFraming != FRAMING_NONE) mirror.state &= ~STATE_REQUEST_END;
  mirror.state |= STATE_MIRROR | STATE_INTERNAL;
  mirror.image = image;
  mirror.route = stream.route;
  mirror.virtualHost = stream.virtualHost;
  mirror.timeoutMs = stream.timeoutMs;
  mirror.idleTimeoutMs = stream.idleTimeoutMs;
  mirror.version = stream.version;
  mirror.requestFraming = stream.requestFraming;
  mirror.requestHeadBytes = stream.requestHeadBytes;
  mirror.random = nextRandom();
  mirror.startMs = now;
  mirror.requestEndMs = stream.requestEndMs;
}

/** `shop.example:8080` becomes `shop.example-shadow:8080`. */
function addSuffix(mirror: Stream): void {
  const block = mirror.request;
  const authority = entryAt(block, REQUEST_AUTHORITY);
  const value = authority.value;
  const valueLength = authority.valueLength;
  const colon = portStart(value, valueLength);
  const end = colon < 0 ? valueLength : colon;
  const target = reserveArena(block, valueLength + SUFFIX_BYTES);
  copyBytes(target, value, end);
  writeAscii(target + end, "-shadow");
  copyBytes(target + end + SUFFIX_BYTES, value + end, valueLength - end);
  setPseudo(block, REQUEST_AUTHORITY, H_AUTHORITY, target, valueLength + SUFFIX_BYTES);
}

/** The downstream connection of a mirror: its input is the body of the request. */
function openSink(mirror: Stream, stream: Stream): Connection {
  const reader = createReader(READER_KEEP_TRAILERS);
  reader.framing = mirror.requestFraming;
  reader.contentLength = changetype<Connection>(stream.downstream).reader.contentLength;
  reader.block = mirror.request;
  // The trailers were within the limits of the connection that they came on.
  reader.headBytesMax = i32.MAX_VALUE;
  reader.headerCountMax = i32.MAX_VALUE;
  startBody(reader);
  const sink = createConnection(CONNECTION_SINK, reader);
  sink.image = stream.image;
  sink.hcm = silentManager(stream.hcm);
  sink.stream = changetype<usize>(mirror);
  sink.openedMs = now;
  return sink;
}

/** A copy of the connection manager's record that neither counts nor logs. */
function silentManager(hcm: usize): usize {
  if (unseen == 0) {
    unseen = allocate(HTTP_STATS_BYTES);
    memory.fill(unseen, 0, HTTP_STATS_BYTES);
  }
  const copy = allocate(HCM_BYTES);
  memory.copy(copy, hcm, HCM_BYTES);
  store<u32>(copy, <u32>unseen, HCM_STATS);
  store<u32>(copy, 0, HCM_ACCESS_LOGS + 4);
  return copy;
}
