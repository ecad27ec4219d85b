/* What the state of a stream says of a connection in TCP. */
import { STATE_TCP, STATE_TUNNEL } from "../../../api/engine/layout.ts";
import { TCP_TUNNEL } from "../../../api/engine/network/tcp-image.ts";
import { Stream } from "../stream.ts";

/** A connection in TCP that has no upstream, or whose tunnel the upstream has not agreed to. */
export function isUnconnected(stream: Stream): bool {
  return (stream.state & (STATE_TCP | STATE_TUNNEL)) == STATE_TCP;
}

/** A connection in TCP that goes through a tunnel. */
export function isTunneled(stream: Stream): bool {
  return (stream.state & STATE_TCP) != 0 && load<u32>(stream.hcm, TCP_TUNNEL) != 0;
}
