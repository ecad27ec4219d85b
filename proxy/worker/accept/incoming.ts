import type { InternalOrigin } from "../../cluster/internal-dial.ts";
import type { Transport } from "../../engine/transport.ts";
import type { TransportStream } from "../../tls/socket/transport-stream.ts";
import type { ConnectionFacts } from "../../listener/connection-facts.ts";
import type { AcceptedHandle } from "../accepting-server.ts";

/** Who hears of what a connection sends before it has a filter chain. */
export interface IncomingListener {
  /** The bytes are valid during the call. */
  onBytes(bytes: Uint8Array): void;
  /** The peer sends no more, or is gone. */
  onGone(): void;
}

/** A connection that was accepted and has no filter chain yet. */
export interface Incoming {
  readonly facts: ConnectionFacts;
  /** What the system knows it by; an object of no meaning within the worker. */
  readonly handle: object;
  /** Path of the Unix socket that accepted it, or empty. */
  readonly pipePath: string;
  /** What comes with it from within the worker; null for others. */
  readonly origin: InternalOrigin | null;
  /** What was received and belongs to the connection. */
  bytes: Uint8Array;
  /** Has somebody hear what is sent from now on. */
  listen(listener: IncomingListener): void;
  /** The connection in plain text. `bytes` are to be worked on first. */
  takeTransport(): Transport;
  /** What TLS is to run on, which nobody reads any more. */
  takeHandle(): AcceptedHandle | TransportStream;
  /** Closes it. */
  close(): void;
}
