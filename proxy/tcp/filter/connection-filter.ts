import type { ConnectionEnds } from "../../engine/ends.ts";

/** What filters may ask of a connection. */
export interface FilteredConnection {
  /** Who is really at the ends, as far as is known. */
  readonly ends: ConnectionEnds;
  /** Who is at the ends of the socket. */
  readonly direct: ConnectionEnds;
  /** What the client calls us in TLS, in lower case, or "". */
  readonly serverName: string;
  /** Names of the peer's certificate that policies go by; null without one. */
  readonly principals: readonly string[] | null;
}

/** Why a connection is closed, and when. */
export interface Refusal {
  readonly delayMs: number;
  /** For the access log: `CONNECTION_TERMINATION_DETAILS`. */
  readonly details: string;
  /** For the same: a `RESPONSE_FLAG_*`, or -1. */
  readonly flag: number;
}

/** What came of a connection that is refused, for its log. */
export interface RefusedConnection extends Pick<Refusal, "details" | "flag"> {
  /** Bytes that came and went nowhere. */
  readonly receivedBytes: number;
}

/** A network filter of a chain, for all connections that a worker has there. */
export interface ConnectionFilter {
  /** When it judges what a connection receives. */
  readonly judges: "nothing" | "first bytes" | "all bytes";
  /** A connection begins. Null lets it. */
  onOpen(): Refusal | null;
  /** Bytes came, or the end of them. Null lets them pass. */
  onRead(connection: FilteredConnection): Refusal | null;
  /** A connection that began is gone. */
  onClose(): void;
}

/** Counts in one block of statistics. */
export interface FilterCounts {
  add(number: number, by: number): void;
}
