/* Which upgrades a request may ask for: `upgrade_configs` of the route and of the manager. */
import { FRAMING_NONE } from "../../api/engine/http1.ts";
import { H_UPGRADE } from "../../api/engine/header-names.ts";
import {
  HCM_UPGRADES,
  UPGRADE_BYTES,
  UPGRADE_CONNECT,
  UPGRADE_CONNECT_ENDS,
  UPGRADE_CONNECT_HEADER_V1,
  UPGRADE_CONNECT_HEADER_V2,
  UPGRADE_CONNECT_POST,
  UPGRADE_IS_ENABLED,
  UPGRADE_TYPE,
} from "../../api/engine/image.ts";
import {
  FLAG_HEADER_V1,
  FLAG_HEADER_V2,
  FLAG_RAW,
  STATE_CONNECT,
  STATE_TERMINATES,
} from "../../api/engine/layout.ts";
import { FORWARD_UPGRADES, ROUTE_ACTION, ROUTE_CLUSTER } from "../../api/engine/route-image.ts";
import { entryAt, findKnown } from "../head/block.ts";
import { REQUEST_METHOD } from "../http1/start-line.ts";
import { lowerByte } from "../memory/bytes.ts";
import { Connection } from "../stream/connection.ts";
import { Stream } from "../stream/stream.ts";
import { staticText } from "../memory/text.ts";

const CONNECT = staticText("connect");
const CONNECT_BYTES: i32 = 7;
/** "POST" as a little-endian word. */
const POST: u32 = 0x54534f50;

/**
 * Whether the upgrade, or tunnel, that a request asks for is wanted. Not for requests with a body:
 * what would follow a refused upgrade could be read as another request. Notes on the stream when
 * the tunnel ends here.
 */
export function mayUpgrade(stream: Stream, connection: Connection, decision: i32): bool {
  const isTunnel = (stream.state & STATE_CONNECT) != 0;
  const entry = isTunnel
    ? entryAt(stream.request, REQUEST_METHOD)
    : findKnown(stream.request, H_UPGRADE);
  if (entry === null || hasBody(stream, connection)) return false;
  let record: usize = 0;
  if (decision == ROUTE_CLUSTER) {
    record = find(stream, upgradesOf(stream), entry.value, entry.valueLength);
  }
  if (record == 0) {
    record = find(stream, stream.hcm + HCM_UPGRADES, entry.value, entry.valueLength);
  }
  if (record == 0 || load<i32>(record, UPGRADE_IS_ENABLED) == 0) return false;
  const connect = load<i32>(record, UPGRADE_CONNECT);
  if (isTunnel && (connect & UPGRADE_CONNECT_ENDS) != 0) stream.state |= STATE_TERMINATES;
  return true;
}

/** Whether the body of a request goes on as CONNECT's would: Envoy `allow_post`. */
export function isPayload(stream: Stream): bool {
  const method = entryAt(stream.request, REQUEST_METHOD);
  if (method.valueLength != 4 || load<u32>(method.value) != POST) return false;
  return (connectFlags(stream) & UPGRADE_CONNECT_POST) != 0;
}

/** How the upstream of a request that ends here is spoken to: `FLAG_RAW` and its companions. */
export function payloadFlags(stream: Stream): i32 {
  const connect = connectFlags(stream);
  let flags = FLAG_RAW;
  if ((connect & UPGRADE_CONNECT_HEADER_V1) != 0) flags |= FLAG_HEADER_V1;
  if ((connect & UPGRADE_CONNECT_HEADER_V2) != 0) flags |= FLAG_HEADER_V2;
  return flags;
}

/** The `connect_config` of the route. Envoy takes it from upgrades that are not enabled, too. */
function connectFlags(stream: Stream): i32 {
  const record = find(stream, upgradesOf(stream), CONNECT, CONNECT_BYTES);
  return record == 0 ? 0 : load<i32>(record, UPGRADE_CONNECT);
}

/** The list of a route that leads to a cluster. */
function upgradesOf(stream: Stream): usize {
  return stream.image + <usize>load<u32>(stream.route, ROUTE_ACTION) + FORWARD_UPGRADES;
}

/** In HTTP/2 what comes is the payload, unless a length says that it is a body. */
function hasBody(stream: Stream, connection: Connection): bool {
  const length = connection.reader.contentLength;
  if (connection.lane != 0 || length == 0) return length > 0;
  return stream.requestFraming != FRAMING_NONE;
}

/** The record of a list that is about the type, or 0. */
function find(stream: Stream, list: usize, value: usize, valueLength: i32): usize {
  const first = stream.image + <usize>load<u32>(list);
  for (let i = 0; i < load<i32>(list, 4); i++) {
    const record = first + <usize>i * UPGRADE_BYTES;
    const type = stream.image + <usize>load<u32>(record, UPGRADE_TYPE);
    const length = load<i32>(record, UPGRADE_TYPE + 4);
    if (length == valueLength && isAlike(value, type, length)) return record;
  }
  return 0;
}

/** The type of the configuration is in lower case. */
function isAlike(value: usize, type: usize, length: i32): bool {
  for (let i = 0; i < length; i++) {
    if (lowerByte(load<u8>(value + i)) != <u32>load<u8>(type + i)) return false;
  }
  return true;
}
