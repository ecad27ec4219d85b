import assert from "node:assert/strict";
import {
  FRAME_DATA,
  FRAME_END_HEADERS,
  FRAME_END_STREAM,
  FRAME_HEADERS,
} from "../../../../../api/engine/http2.ts";
import { EVENT_CLOSE, EVENT_NONE, EVENT_REQUEST } from "../../../../../api/engine/layout.ts";
import { frame, PREFACE, REQUEST_HEAD, settings } from "../../http2/frames.ts";
import { Exchange } from "../../exchange.ts";

const POST_HEAD = [0x83, ...REQUEST_HEAD.slice(1)];

/** A connection of HTTP/2 whose client has sent its preface. */
class Http2Exchange extends Exchange {
  constructor() {
    super({ manager: { codec_type: "HTTP2" } });
    this.engine.calls.openHttp2(this.downstream, 1);
    this.send(PREFACE, settings());
  }

  /** Has the connection read frames; returns the first event. */
  send(...frames: readonly Uint8Array[]): number {
    return this.receive(this.downstream, Buffer.concat(frames).toString("latin1"));
  }

  /** Works on what is left; returns the first event that is none. */
  goOn(): number {
    return this.engine.calls.proceed(this.downstream, 2);
  }

  /** Leaves room for less than one large body. */
  fillMemory(): void {
    const { calls } = this.engine;
    while (calls.bytesLeft() > 600_000) calls.allocate(60_000);
  }
}

describe("lanes", () => {
  it("a body that there is no memory for: the window of the connection opens again", () => {
    const exchange = new Http2Exchange();
    const { calls } = exchange.engine;
    exchange.fillMemory();
    const piece = Buffer.alloc(16_384, "x");
    let refused = 0;
    // Each request brings 240 KiB, and the window of the connection is 1 MiB.
    for (let id = 1; id < 40; id += 2) {
      const head = frame(FRAME_HEADERS, FRAME_END_HEADERS, id, POST_HEAD);
      assert.equal(exchange.send(head), EVENT_REQUEST);
      const lane = exchange.engine.mailConnection;
      assert.equal(exchange.goOn(), EVENT_NONE);
      calls.pauseLane(lane, 1);
      let isOpen = true;
      for (let sent = 0; sent < 15; sent++) {
        const flags = sent === 14 ? FRAME_END_STREAM : 0;
        let event = exchange.send(frame(FRAME_DATA, flags, id, piece));
        for (; event !== EVENT_NONE; event = exchange.goOn()) {
          assert.notEqual(event, EVENT_CLOSE);
          if (exchange.engine.mailConnection !== lane || !isOpen) continue;
          isOpen = false;
          refused++;
          calls.closeConnection(lane);
        }
      }
      calls.flushHttp2(exchange.downstream);
      if (isOpen) throw new Error("there was room for the body");
    }
    assert.equal(refused, 20);
  });
});
