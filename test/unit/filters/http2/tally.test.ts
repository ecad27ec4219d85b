import assert from "node:assert/strict";
import {
  FRAME_DATA,
  FRAME_END_HEADERS,
  FRAME_END_STREAM,
  FRAME_PING,
  FRAME_PRIORITY,
  H2_CANCEL,
} from "../../../../api/engine/http2.ts";
import {
  data,
  frame,
  literal,
  request,
  rstStream,
  settings,
  windowUpdate,
  words,
} from "./frames.ts";
import { type H2Exports, openH2Module } from "./h2-module.ts";
import { H2Peer } from "./h2-peer.ts";

const OPEN = FRAME_END_HEADERS;
const END = FRAME_END_STREAM;
const LENGTH_5 = literal("content-length", "5");
const times = (count: number, one: Uint8Array): Uint8Array[] => new Array(count).fill(one);

/** What a client sends, and the statistics that are not 0 behind it. */
const rows: readonly {
  readonly name: string;
  readonly options?: Readonly<Record<string, number>>;
  readonly send: readonly Uint8Array[];
  readonly want: Readonly<Record<string, number>>;
}[] = [
  { name: "an open stream", send: [request(1)], want: { streams_active: 1 } },
  {
    name: "a stream that is taken back",
    send: [request(1, OPEN), rstStream(1, H2_CANCEL)],
    want: { rx_reset: 1 },
  },
  {
    name: "a malformed head",
    send: [request(1, OPEN | END, literal("X-A", "1"))],
    want: { rx_messaging_error: 1, tx_reset: 1 },
  },
  {
    name: "a malformed head that ends the connection",
    options: { H2_OPTION_FLAGS: 0 },
    send: [request(1, OPEN | END, literal("X-A", "1"))],
    want: { rx_messaging_error: 1, streams_active: 1 },
  },
  {
    name: "a head that promises a body and has none",
    send: [request(1, OPEN | END, LENGTH_5)],
    want: { rx_messaging_error: 1, tx_reset: 1 },
  },
  {
    name: "a body that is too long",
    send: [request(1, OPEN, LENGTH_5), data(1, "hello, world")],
    want: { tx_reset: 1 },
  },
  {
    name: "a head over the limit",
    options: { H2_OPTION_HEAD_BYTES_MAX: 100 },
    send: [request(1, OPEN | END, literal("x-long", "v".repeat(100)))],
    want: { header_overflow: 1, streams_active: 1 },
  },
  {
    name: "a head with too many headers",
    options: { H2_OPTION_HEADER_COUNT_MAX: 4 },
    send: [request(1, OPEN | END, literal("x-a", "1"))],
    want: { header_overflow: 1, streams_active: 1 },
  },
  {
    name: "trailers",
    send: [request(1, OPEN), frame(1, OPEN | END, 1, literal("x-t", "1"))],
    want: { streams_active: 1, trailers: 1 },
  },
  {
    name: "a stream above the limit",
    options: { H2_OPTION_STREAMS_MAX: 1 },
    send: [request(1), request(3)],
    want: { stream_refused_errors: 1, streams_active: 1, tx_reset: 1 },
  },
  {
    name: "empty frames",
    send: [request(1, OPEN), ...times(2, frame(FRAME_DATA, 0, 1))],
    want: { inbound_empty_frames_flood: 1, streams_active: 1 },
  },
  {
    name: "PRIORITY frames",
    send: times(101, frame(FRAME_PRIORITY, 0, 3, [0, 0, 0, 1, 1])),
    want: { inbound_priority_frames_flood: 1 },
  },
  {
    name: "WINDOW_UPDATE frames",
    send: times(6, windowUpdate(0, 1)),
    want: { inbound_window_update_frames_flood: 1 },
  },
  {
    name: "PING frames",
    send: times(1001, frame(FRAME_PING, 0, 0, words(0, 0))),
    want: { outbound_control_flood: 1 },
  },
  {
    name: "frames of any kind",
    options: { H2_OPTION_OUTBOUND_FRAMES_MAX: 10 },
    send: times(11, settings()),
    want: { outbound_flood: 1 },
  },
];

describe("statistics of HTTP/2", () => {
  let module: H2Exports;

  before(async function () {
    this.timeout(120_000);
    module = await openH2Module();
  });

  for (const { name, options, send, want } of rows) {
    it(`tally: ${name}`, () => {
      const peer = H2Peer.serve(module, options);
      peer.receive(...send);
      assert.deepEqual(peer.stats(), want);
      peer.close();
    });
  }

  it("tally: what waits for the windows of the peer, until it is sent or given up", () => {
    const peer = H2Peer.serve(module);
    peer.receive(settings([4, 5]), request(1));
    const stream = peer.field("stream");
    peer.sendHead(stream, { ":status": "200" }, false);
    peer.sendBody(stream, "hello, world", true);
    assert.equal(peer.stat("pending_send_bytes"), 7);
    peer.receive(windowUpdate(1, 3));
    peer.takeFrames();
    assert.equal(peer.stat("pending_send_bytes"), 4);
    module.closeStream(peer.connection, stream);
    assert.deepEqual(peer.stats(), {});
    peer.close();
  });

  it("tally: frames that wait to be sent, and those among them that carry no message", () => {
    const peer = H2Peer.serve(module);
    peer.receive(request(1), frame(FRAME_PING, 0, 0, words(0, 0)));
    peer.sendHead(peer.field("stream"), { ":status": "200" }, true);
    module.note(peer.connection);
    assert.equal(peer.stat("outbound_frames_active"), 2);
    assert.equal(peer.stat("outbound_control_frames_active"), 1);
    peer.takeFrames();
    assert.equal(peer.stat("outbound_frames_active"), 0);
    assert.equal(peer.stat("outbound_control_frames_active"), 0);
    peer.close();
  });

  it("tally: the last GOAWAY counts, and not the one that announces it", () => {
    const peer = H2Peer.serve(module);
    module.announce(peer.connection);
    assert.deepEqual(peer.stats(), {});
    module.refuse(peer.connection);
    module.refuse(peer.connection);
    assert.deepEqual(peer.stats(), { goaway_sent: 1 });
    peer.close();
  });
});
