import type { ConnectionTarget } from "../connection-target.ts";
import type { Failure } from "../failure.ts";

/** What a downstream connection speaks: it serves the requests, the connection has the socket. */
export interface ConnectionCodec {
  /** Bytes are in the engine's input region. Hot. */
  onRead(bytes: number, nowMs: number): void;
  /** The peer will send no more. */
  onEnd(): void;
  /** Some of what waited to be written is with the kernel. */
  onWritten(): void;
  /** Has requests run with another snapshot as soon as they can. */
  moveTo(target: ConnectionTarget): void;
  /** Asks the peer to go; an idle connection closes, if it shall. */
  drain(closesIdle: boolean): void;
  /** A head did not come in full in time. */
  refuseHead(failure: Failure): void;
  /** The connection is gone: ends the requests. Says if there were some. */
  end(): boolean;
}
