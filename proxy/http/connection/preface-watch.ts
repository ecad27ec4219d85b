import type { Engine } from "../../engine/engine.ts";

/** What a client that speaks HTTP/2 sends first. RFC 9113 §3.4. */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/**
 * Finds out from its first bytes whether a peer speaks HTTP/2: `codec_type: AUTO` without ALPN. A
 * preface that comes in pieces is kept until it is whole, or turns out to be none.
 */
export class PrefaceWatch {
  readonly #engine: Engine;
  /** The beginning that is kept. */
  #kept = 0;
  verdict: "unknown" | "http1" | "http2" = "unknown";

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Looks at so many bytes in the engine's input region. Returns how many there are with those that
   * were kept, which are put before them.
   */
  take(bytes: number): number {
    const { input } = this.#engine;
    const kept = this.#kept;
    const isAlike = startsAlike(input, Math.min(bytes, PREFACE.length - kept), kept);
    if (isAlike && kept + bytes < PREFACE.length) {
      this.#kept += bytes;
      return 0;
    }
    this.verdict = isAlike ? "http2" : "http1";
    if (kept > 0) this.#engine.prependInput(PREFACE.subarray(0, kept), bytes);
    return kept + bytes;
  }
}

function startsAlike(input: Uint8Array, length: number, from: number): boolean {
  for (let i = 0; i < length; i++) {
    if (input[i] !== PREFACE[from + i]) return false;
  }
  return true;
}
