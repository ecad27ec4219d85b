import {
  HTTP_DOWNSTREAM_CX_ACTIVE,
  HTTP_DOWNSTREAM_CX_DESTROY,
  HTTP_DOWNSTREAM_CX_DESTROY_ACTIVE_RQ,
  HTTP_DOWNSTREAM_CX_DESTROY_LOCAL,
  HTTP_DOWNSTREAM_CX_DESTROY_LOCAL_ACTIVE_RQ,
  HTTP_DOWNSTREAM_CX_DESTROY_REMOTE,
  HTTP_DOWNSTREAM_CX_DESTROY_REMOTE_ACTIVE_RQ,
  HTTP_DOWNSTREAM_CX_HTTP1_ACTIVE,
  HTTP_DOWNSTREAM_CX_HTTP1_TOTAL,
  HTTP_DOWNSTREAM_CX_HTTP2_ACTIVE,
  HTTP_DOWNSTREAM_CX_HTTP2_TOTAL,
  HTTP_DOWNSTREAM_CX_RX_BYTES_BUFFERED,
  HTTP_DOWNSTREAM_CX_RX_BYTES_TOTAL,
  HTTP_DOWNSTREAM_CX_SSL_ACTIVE,
  HTTP_DOWNSTREAM_CX_SSL_TOTAL,
  HTTP_DOWNSTREAM_CX_TOTAL,
  HTTP_DOWNSTREAM_CX_TX_BYTES_BUFFERED,
  HTTP_DOWNSTREAM_FLOW_CONTROL_PAUSED_READING_TOTAL,
  HTTP_DOWNSTREAM_FLOW_CONTROL_RESUMED_READING_TOTAL,
  HTTP_HISTOGRAMS_AT,
  HTTP_H_DOWNSTREAM_CX_LENGTH_MS,
} from "../../../api/engine/stats.ts";
import type { Engine } from "../../engine/engine.ts";

/** Who ended a connection. */
export type Closer = "local" | "remote";

/** Counts what happens to one downstream connection, among the statistics of its manager. */
export class ConnectionTally {
  readonly #engine: Engine;
  readonly #stats: number;
  readonly #isTls: boolean;
  /** Bytes of the connection. */
  receivedBytes = 0;
  /** Something was received, so that the protocol is known. */
  #hasSpoken = false;
  #isHttp2 = false;
  #isPushedBack = false;

  /**
   * Counts a connection that was just accepted.
   *
   * @param stats Address of the connection manager's statistics.
   */
  constructor(engine: Engine, stats: number, isTls: boolean) {
    this.#engine = engine;
    this.#stats = stats;
    this.#isTls = isTls;
    this.count(HTTP_DOWNSTREAM_CX_TOTAL, 1);
    this.count(HTTP_DOWNSTREAM_CX_ACTIVE, 1);
    if (!isTls) return;
    this.count(HTTP_DOWNSTREAM_CX_SSL_TOTAL, 1);
    this.count(HTTP_DOWNSTREAM_CX_SSL_ACTIVE, 1);
  }

  /** Adds to a counter: `HTTP_*`. */
  count(counter: number, by: number): void {
    this.#engine.floats[(this.#stats >> 3) + counter] += by;
  }

  /** Bytes came. Hot. */
  onRead(bytes: number): void {
    this.receivedBytes += bytes;
    this.count(HTTP_DOWNSTREAM_CX_RX_BYTES_TOTAL, bytes);
    if (this.#hasSpoken) return;
    this.#hasSpoken = true;
    const isHttp2 = this.#isHttp2;
    this.count(isHttp2 ? HTTP_DOWNSTREAM_CX_HTTP2_TOTAL : HTTP_DOWNSTREAM_CX_HTTP1_TOTAL, 1);
    this.count(isHttp2 ? HTTP_DOWNSTREAM_CX_HTTP2_ACTIVE : HTTP_DOWNSTREAM_CX_HTTP1_ACTIVE, 1);
  }

  /** The connection speaks HTTP/2. Called before anything was received. */
  speakHttp2(): void {
    this.#isHttp2 = true;
  }

  /** Reading stops because what was read cannot be sent on. Other pauses are not counted. */
  onPushedBack(): void {
    if (this.#isPushedBack) return;
    this.#isPushedBack = true;
    this.count(HTTP_DOWNSTREAM_FLOW_CONTROL_PAUSED_READING_TOTAL, 1);
  }

  /** Reading goes on. */
  onResumed(): void {
    if (!this.#isPushedBack) return;
    this.#isPushedBack = false;
    this.count(HTTP_DOWNSTREAM_FLOW_CONTROL_RESUMED_READING_TOTAL, 1);
  }

  /** Adds what waits in the connection to the gauges, for a report. */
  noteBuffered(receivedBytes: number, sentBytes: number): void {
    this.count(HTTP_DOWNSTREAM_CX_RX_BYTES_BUFFERED, receivedBytes);
    this.count(HTTP_DOWNSTREAM_CX_TX_BYTES_BUFFERED, sentBytes);
  }

  /** The connection is gone, after so many milliseconds. */
  onClosed(closer: Closer, hadRequest: boolean, lengthMs: number): void {
    const isLocal = closer === "local";
    this.count(HTTP_DOWNSTREAM_CX_ACTIVE, -1);
    if (this.#isTls) this.count(HTTP_DOWNSTREAM_CX_SSL_ACTIVE, -1);
    if (this.#hasSpoken) {
      const isHttp2 = this.#isHttp2;
      this.count(isHttp2 ? HTTP_DOWNSTREAM_CX_HTTP2_ACTIVE : HTTP_DOWNSTREAM_CX_HTTP1_ACTIVE, -1);
    }
    this.count(HTTP_DOWNSTREAM_CX_DESTROY, 1);
    this.count(isLocal ? HTTP_DOWNSTREAM_CX_DESTROY_LOCAL : HTTP_DOWNSTREAM_CX_DESTROY_REMOTE, 1);
    if (hadRequest) {
      this.count(HTTP_DOWNSTREAM_CX_DESTROY_ACTIVE_RQ, 1);
      this.count(
        isLocal
          ? HTTP_DOWNSTREAM_CX_DESTROY_LOCAL_ACTIVE_RQ
          : HTTP_DOWNSTREAM_CX_DESTROY_REMOTE_ACTIVE_RQ,
        1,
      );
    }
    const histogram = this.#stats + HTTP_HISTOGRAMS_AT + HTTP_H_DOWNSTREAM_CX_LENGTH_MS * 4;
    this.#engine.calls.recordTime(histogram, lengthMs);
  }
}
