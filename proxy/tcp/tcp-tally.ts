import {
  TCP_DOWNSTREAM_CX_RX_BYTES_BUFFERED,
  TCP_DOWNSTREAM_CX_RX_BYTES_TOTAL,
  TCP_DOWNSTREAM_CX_TX_BYTES_BUFFERED,
  TCP_DOWNSTREAM_CX_TX_BYTES_TOTAL,
  TCP_DOWNSTREAM_FLOW_CONTROL_PAUSED_READING_TOTAL,
  TCP_DOWNSTREAM_FLOW_CONTROL_RESUMED_READING_TOTAL,
} from "../../api/engine/network/tcp-stats.ts";
import type { Engine } from "../engine/engine.ts";

/** Counts what happens to one connection, among the statistics of its TCP proxy. */
export class TcpTally {
  readonly #engine: Engine;
  readonly #stats: number;
  #isPushedBack = false;
  #receivedBytes = 0;
  #sentBytes = 0;

  /** @param stats Address of the TCP proxy's statistics. */
  constructor(engine: Engine, stats: number) {
    this.#engine = engine;
    this.#stats = stats;
  }

  /** Adds to a counter: `TCP_*`. Hot. */
  count(counter: number, by = 1): void {
    this.#engine.floats[(this.#stats >> 3) + counter] += by;
  }

  /** Bytes that came from the client. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Bytes that went to the client. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Hot. */
  onReceived(bytes: number): void {
    this.#receivedBytes += bytes;
    this.count(TCP_DOWNSTREAM_CX_RX_BYTES_TOTAL, bytes);
  }

  /** Hot. */
  onSent(bytes: number): void {
    this.#sentBytes += bytes;
    this.count(TCP_DOWNSTREAM_CX_TX_BYTES_TOTAL, bytes);
  }

  /** Reading stops because what was read cannot be sent on. */
  onPushedBack(): void {
    if (this.#isPushedBack) return;
    this.#isPushedBack = true;
    this.count(TCP_DOWNSTREAM_FLOW_CONTROL_PAUSED_READING_TOTAL);
  }

  /** Reading goes on. */
  onResumed(): void {
    if (!this.#isPushedBack) return;
    this.#isPushedBack = false;
    this.count(TCP_DOWNSTREAM_FLOW_CONTROL_RESUMED_READING_TOTAL);
  }

  /** Adds what waits in the connection to the gauges, for a report. */
  noteBuffered(receivedBytes: number, sentBytes: number): void {
    this.count(TCP_DOWNSTREAM_CX_RX_BYTES_BUFFERED, receivedBytes);
    this.count(TCP_DOWNSTREAM_CX_TX_BYTES_BUFFERED, sentBytes);
  }
}
