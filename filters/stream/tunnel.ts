/*
 * Tunnels: what an upgrade, or CONNECT, becomes when the upstream agrees, in HTTP or by being there
 * at all. Each side has its own way to say so: 101 in HTTP/1, 200 in a lane, nothing in TCP.
 */
import { H_CONNECTION, H_CONTENT_LENGTH, H_UPGRADE } from "../../api/engine/header-names.ts";
import { FRAMING_CHUNKED, FRAMING_CLOSE } from "../../api/engine/http1.ts";
import {
  CONNECTION_RAW,
  STATE_CONNECT,
  STATE_RESPONSE_BEGUN,
  STATE_TCP,
  STATE_TUNNEL,
} from "../../api/engine/layout.ts";
import { RESPONSE_FLAG_UC } from "../../api/engine/response-flags.ts";
import { runResponseChain } from "../chain/chain.ts";
import { addKnown, findKnown, mayHave, removeKnown, setKnown } from "../head/block.ts";
import { now } from "../hcm/clock.ts";
import { startTunnel } from "../http1/read-message.ts";
import { H2_TUNNEL } from "../http2/h2-stream.ts";
import { staticText } from "../memory/text.ts";
import { finishResponseHeaders } from "../route/finish.ts";
import { Connection } from "./connection.ts";
import { streamOf } from "./http2/lane.ts";
import { cleanResponse, setStatus, writeSwitchHead } from "./response.ts";
import { Stream } from "./stream.ts";

const VIA_UPSTREAM = staticText("via_upstream");
const UPGRADE = staticText("upgrade");
const TUNNEL_END = staticText("upstream_reset_after_response_started{connection_termination}");
const TUNNEL_END_LENGTH: i32 = 61;

/** True when a response says that the upgrade or CONNECT of its request is done. */
export function opensTunnel(upstream: Connection, stream: Stream, status: i32): bool {
  const isSuccess = status >= 200 && status < 300;
  if ((stream.state & (STATE_CONNECT | STATE_TCP)) != 0) return isSuccess;
  // RFC 8441 §5: there is no 101 in HTTP/2.
  return upstream.lane != 0 ? isSuccess : status == 101 && mayHave(stream.response, H_UPGRADE);
}

/** From now on bytes go both ways as they come. Tells the client so, in its protocol. */
export function beginTunnel(upstream: Connection, stream: Stream, status: i32): void {
  stream.state |= STATE_TUNNEL;
  stream.responseFraming = FRAMING_CLOSE;
  const isConnect = (stream.state & STATE_CONNECT) != 0;
  // The answer to a POST has a framing of its own.
  if (upstream.lane == 0 && stream.requestFraming != FRAMING_CHUNKED) startTunnel(upstream.reader);
  if ((stream.state & STATE_TCP) != 0) {
    stream.state |= STATE_RESPONSE_BEGUN;
    stream.responseStartMs = now;
    return;
  }
  stream.status = isConnect ? status : 101;
  stream.details = VIA_UPSTREAM;
  stream.detailsLength = 12;
  const downstream = changetype<Connection>(stream.downstream);
  if (isConnect && downstream.lane != 0) streamOf(downstream).state |= H2_TUNNEL;
  const block = stream.response;
  if (isConnect) cleanResponse(block);
  else if (upstream.lane != 0) addSwitch(stream);
  removeKnown(block, H_CONTENT_LENGTH);
  setStatus(block, stream.status);
  finishResponseHeaders(stream);
  runResponseChain(stream);
  writeSwitchHead(stream, downstream);
}

/** What HTTP/1 says of a switch, in place of the 200 of HTTP/2. */
function addSwitch(stream: Stream): void {
  cleanResponse(stream.response);
  addKnown(stream.response, H_CONNECTION, UPGRADE, 7);
  const asked = findKnown(stream.request, H_UPGRADE);
  if (asked !== null) setKnown(stream.response, H_UPGRADE, asked.value, asked.valueLength);
}

/** In Envoy's words: a connection that was upgraded ends with a break, whoever closes it. */
export function noteTunnelEnd(upstream: Connection, stream: Stream): void {
  const isPlain = (upstream.flags & CONNECTION_RAW) != 0 || (stream.state & STATE_TCP) != 0;
  if (isPlain) return;
  stream.responseFlags |= (<u64>1) << RESPONSE_FLAG_UC;
  stream.details = TUNNEL_END;
  stream.detailsLength = TUNNEL_END_LENGTH;
}
