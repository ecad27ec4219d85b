import assert from "node:assert/strict";
import {
  FRAME_ACK,
  FRAME_CONTINUATION,
  FRAME_DATA,
  FRAME_END_HEADERS,
  FRAME_END_STREAM,
  FRAME_GOAWAY,
  FRAME_HEADERS,
  FRAME_PADDED,
  FRAME_PING,
  FRAME_PRIORITY,
  FRAME_PRIORITY_FIELDS,
  FRAME_PUSH_PROMISE,
  FRAME_RST_STREAM,
  FRAME_SETTINGS,
  FRAME_WINDOW_UPDATE,
} from "../../../../api/engine/http2.ts";
import {
  data,
  frame,
  literal,
  REQUEST_HEAD,
  request,
  rstStream,
  settings,
  windowUpdate,
  words,
} from "./frames.ts";
import { type H2Exports, openH2Module } from "./h2-module.ts";
import { H2Peer } from "./h2-peer.ts";

const GET = ":method: GET, :path: /, :authority: a, :scheme: http";
const HEAD = FRAME_END_HEADERS;
const ALL = FRAME_END_HEADERS | FRAME_END_STREAM;

/** RFC 9113: what ends the connection. The last stream is 0 unless it is said. */
const broken: readonly { name: string; send: readonly Uint8Array[]; error: string }[] = [
  {
    name: "a frame of 16,385 bytes (§4.2)",
    send: [frame(FRAME_DATA, 0, 1, [], 16_385)],
    error: "FRAME_SIZE_ERROR FRAME_SIZE",
  },
  { name: "DATA on stream 0 (§6.1)", send: [data(0, "x")], error: "PROTOCOL_ERROR STREAM_ID" },
  {
    name: "DATA on an idle stream (§5.1)",
    send: [data(1, "x")],
    error: "PROTOCOL_ERROR STREAM_ID",
  },
  { name: "HEADERS on stream 0 (§6.2)", send: [request(0)], error: "PROTOCOL_ERROR STREAM_ID" },
  {
    name: "HEADERS on an even stream (§5.1.1)",
    send: [request(2)],
    error: "PROTOCOL_ERROR STREAM_ID",
  },
  {
    name: "padding as long as the frame (§6.1)",
    send: [request(1, HEAD), frame(FRAME_DATA, FRAME_PADDED, 1, [2, 0])],
    error: "PROTOCOL_ERROR PADDING",
  },
  {
    name: "padding without its length (§6.1)",
    send: [request(1, HEAD), frame(FRAME_DATA, FRAME_PADDED, 1)],
    error: "FRAME_SIZE_ERROR FRAME_SIZE",
  },
  {
    name: "padding of a head longer than it (§6.2)",
    send: [frame(FRAME_HEADERS, ALL | FRAME_PADDED, 1, [9, 0x82])],
    error: "PROTOCOL_ERROR PADDING",
  },
  {
    name: "a head too short for its priority (§6.2)",
    send: [frame(FRAME_HEADERS, ALL | FRAME_PRIORITY_FIELDS, 1, [0])],
    error: "FRAME_SIZE_ERROR FRAME_SIZE",
  },
  {
    name: "a head that depends on itself (§5.3.1 of RFC 7540)",
    send: [frame(FRAME_HEADERS, ALL | FRAME_PRIORITY_FIELDS, 1, [0, 0, 0, 1, 0, ...REQUEST_HEAD])],
    error: "PROTOCOL_ERROR PRIORITY",
  },
  {
    name: "CONTINUATION without HEADERS (§6.10)",
    send: [frame(FRAME_CONTINUATION, 4, 1)],
    error: "PROTOCOL_ERROR UNEXPECTED_FRAME",
  },
  {
    name: "a frame within a head (§6.10)",
    send: [request(1, 0), frame(FRAME_PING, 0, 0, words(1, 2))],
    error: "PROTOCOL_ERROR UNEXPECTED_FRAME",
  },
  {
    name: "CONTINUATION of another stream (§6.10)",
    send: [request(1, 0), frame(FRAME_CONTINUATION, 4, 3)],
    error: "PROTOCOL_ERROR UNEXPECTED_FRAME",
  },
  {
    name: "PUSH_PROMISE (§8.4)",
    send: [frame(FRAME_PUSH_PROMISE, 4, 1, words(2))],
    error: "PROTOCOL_ERROR UNEXPECTED_FRAME",
  },
  {
    name: "SETTINGS on a stream (§6.5)",
    send: [frame(FRAME_SETTINGS, 0, 1)],
    error: "PROTOCOL_ERROR STREAM_ID",
  },
  {
    name: "SETTINGS of five bytes (§6.5)",
    send: [frame(FRAME_SETTINGS, 0, 0, [0, 1, 0, 0, 0])],
    error: "FRAME_SIZE_ERROR FRAME_SIZE",
  },
  {
    name: "an acknowledgement with settings (§6.5)",
    send: [frame(FRAME_SETTINGS, FRAME_ACK, 0, new Array(6).fill(0))],
    error: "FRAME_SIZE_ERROR FRAME_SIZE",
  },
  { name: "ENABLE_PUSH of 2 (§6.5.2)", send: [settings([2, 2])], error: "PROTOCOL_ERROR SETTINGS" },
  {
    name: "an initial window of 2^31 (§6.5.2)",
    send: [settings([4, 0x8000_0000])],
    error: "FLOW_CONTROL_ERROR SETTINGS",
  },
  {
    name: "a frame size of 16,383 (§6.5.2)",
    send: [settings([5, 16_383])],
    error: "PROTOCOL_ERROR SETTINGS",
  },
  {
    name: "a frame size of 2^24 (§6.5.2)",
    send: [settings([5, 16_777_216])],
    error: "PROTOCOL_ERROR SETTINGS",
  },
  {
    name: "ENABLE_CONNECT_PROTOCOL of 2 (RFC 8441 §3)",
    send: [settings([8, 2])],
    error: "PROTOCOL_ERROR SETTINGS",
  },
  {
    name: "ENABLE_CONNECT_PROTOCOL taken back (RFC 8441 §3)",
    send: [settings([8, 1]), settings([8, 0])],
    error: "PROTOCOL_ERROR SETTINGS",
  },
  {
    name: "65 settings in one frame",
    send: [settings(...Array.from({ length: 65 }, () => [99, 0] as const))],
    error: "ENHANCE_YOUR_CALM SETTINGS_FLOOD",
  },
  {
    name: "PING on a stream (§6.7)",
    send: [frame(FRAME_PING, 0, 1, words(0, 0))],
    error: "PROTOCOL_ERROR STREAM_ID",
  },
  {
    name: "PING of seven bytes (§6.7)",
    send: [frame(FRAME_PING, 0, 0, new Array(7).fill(0))],
    error: "FRAME_SIZE_ERROR FRAME_SIZE",
  },
  {
    name: "GOAWAY on a stream (§6.8)",
    send: [frame(FRAME_GOAWAY, 0, 1, words(0, 0))],
    error: "PROTOCOL_ERROR STREAM_ID",
  },
  {
    name: "GOAWAY of seven bytes (§6.8)",
    send: [frame(FRAME_GOAWAY, 0, 0, new Array(7).fill(0))],
    error: "FRAME_SIZE_ERROR FRAME_SIZE",
  },
  {
    name: "WINDOW_UPDATE of three bytes (§6.9)",
    send: [frame(FRAME_WINDOW_UPDATE, 0, 0, [0, 0, 1])],
    error: "FRAME_SIZE_ERROR FRAME_SIZE",
  },
  {
    name: "WINDOW_UPDATE of nothing for the connection (§6.9)",
    send: [windowUpdate(0, 0)],
    error: "PROTOCOL_ERROR WINDOW",
  },
  {
    name: "WINDOW_UPDATE beyond 2^31-1 for the connection (§6.9.1)",
    send: [windowUpdate(0, 0x7fff_ffff)],
    error: "FLOW_CONTROL_ERROR WINDOW",
  },
  {
    name: "WINDOW_UPDATE on an idle stream (§5.1)",
    send: [windowUpdate(1, 1)],
    error: "PROTOCOL_ERROR STREAM_ID",
  },
  {
    name: "RST_STREAM on stream 0 (§6.4)",
    send: [rstStream(0, 0)],
    error: "PROTOCOL_ERROR STREAM_ID",
  },
  {
    name: "RST_STREAM on an idle stream (§6.4)",
    send: [rstStream(1, 0)],
    error: "PROTOCOL_ERROR STREAM_ID",
  },
  {
    name: "RST_STREAM of three bytes (§6.4)",
    send: [request(1, HEAD), frame(FRAME_RST_STREAM, 0, 1, [0, 0, 0])],
    error: "FRAME_SIZE_ERROR FRAME_SIZE",
  },
  {
    name: "PRIORITY on stream 0 (§6.3)",
    send: [frame(FRAME_PRIORITY, 0, 0, words(0, 0).slice(0, 5))],
    error: "PROTOCOL_ERROR STREAM_ID",
  },
  {
    name: "a bad header block (§4.3)",
    send: [frame(FRAME_HEADERS, ALL, 1, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
    error: "COMPRESSION_ERROR COMPRESSION",
  },
  {
    name: "DATA behind the end (§5.1)",
    send: [request(1), data(1, "x")],
    error: "STREAM_CLOSED STREAM_CLOSED",
  },
  {
    name: "HEADERS behind the end (§5.1)",
    send: [request(1), request(1)],
    error: "STREAM_CLOSED STREAM_CLOSED",
  },
  {
    name: "HEADERS on a stream that was given up (§5.1)",
    send: [request(1, HEAD), rstStream(1, 8), request(1)],
    error: "STREAM_CLOSED STREAM_CLOSED",
  },
  {
    name: "a stream id that goes back (§5.1.1)",
    send: [request(5), request(3)],
    error: "STREAM_CLOSED STREAM_CLOSED",
  },
];

/** What ends a stream alone, where the options let the connection live. */
const malformed: readonly { name: string; send: readonly Uint8Array[]; error: string }[] = [
  {
    name: "a body that is shorter than content-length (§8.1.1)",
    send: [request(1, HEAD, literal("content-length", "3")), data(1, "hi", FRAME_END_STREAM)],
    error: "PROTOCOL_ERROR CONTENT_LENGTH",
  },
  {
    name: "a body that is longer than content-length (§8.1.1)",
    send: [request(1, HEAD, literal("content-length", "1")), data(1, "hi")],
    error: "PROTOCOL_ERROR CONTENT_LENGTH",
  },
  {
    name: "no body where content-length promises one (§8.1.1)",
    send: [request(1, ALL, literal("content-length", "1"))],
    error: "PROTOCOL_ERROR CONTENT_LENGTH",
  },
  {
    name: "trailers that do not end the stream (§8.1)",
    send: [request(1, HEAD), frame(FRAME_HEADERS, HEAD, 1, literal("x", "1"))],
    error: "PROTOCOL_ERROR HEAD",
  },
  {
    name: "a pseudo-header in trailers (§8.1)",
    send: [request(1, HEAD), frame(FRAME_HEADERS, ALL, 1, [0x82])],
    error: "PROTOCOL_ERROR HEAD",
  },
  {
    name: "a name in upper case (§8.2.1)",
    send: [request(1, ALL, literal("X-A", "1"))],
    error: "PROTOCOL_ERROR HEAD",
  },
  {
    name: "Connection (§8.2.2)",
    send: [request(1, ALL, literal("connection", "close"))],
    error: "PROTOCOL_ERROR HEAD",
  },
  {
    name: "no method (§8.3.1)",
    send: [frame(FRAME_HEADERS, ALL, 1, [0x86, 0x84])],
    error: "PROTOCOL_ERROR HEAD",
  },
  {
    name: "a window that grows beyond 2^31-1 (§6.9.1)",
    send: [request(1, HEAD), windowUpdate(1, 0x7fff_ffff)],
    error: "FLOW_CONTROL_ERROR WINDOW",
  },
  {
    name: "WINDOW_UPDATE of nothing (§6.9)",
    send: [request(1, HEAD), windowUpdate(1, 0)],
    error: "PROTOCOL_ERROR WINDOW",
  },
  {
    name: "PRIORITY of four bytes (§6.3)",
    send: [request(1, HEAD), frame(FRAME_PRIORITY, 0, 1, words(0))],
    error: "FRAME_SIZE_ERROR FRAME_SIZE",
  },
];

describe("readFrames, errors", () => {
  let module: H2Exports;

  before(async function () {
    this.timeout(120_000);
    module = await openH2Module();
  });

  function serve(options: Readonly<Record<string, number>> = {}): H2Peer {
    return H2Peer.serve(module, options);
  }

  for (const { name, send, error } of broken) {
    it(`readFrames: ${name} ends the connection`, () => {
      const peer = serve();
      const events = peer.receive(...send);
      assert.equal(events.at(-1), `error ${error}`);
      const goAway = peer.takeWords().at(-1);
      assert.match(goAway ?? "", new RegExp(`^GOAWAY \\d+ ${error.split(" ")[0]}$`));
      // Nothing is read any more.
      assert.deepEqual(peer.receive(request(9)), [`error ${error}`]);
      peer.close();
    });
  }

  for (const { name, send, error } of malformed) {
    it(`readFrames: ${name} ends the stream alone`, () => {
      const peer = serve();
      const events = peer.receive(...send, request(3));
      assert.equal(events.at(-1), `head 3 ${GET} end`);
      assert.ok(peer.takeWords().includes(`RST_STREAM 1 ${error.split(" ")[0]}`));
      peer.close();
    });
  }

  it("readFrames: a malformed head ends the connection where the options say so", () => {
    const peer = serve({ H2_OPTION_FLAGS: 0 });
    const events = peer.receive(request(1, ALL, literal("X-A", "1")));
    assert.deepEqual(events, ["error PROTOCOL_ERROR HEAD"]);
    peer.close();
  });
});
