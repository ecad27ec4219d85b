import { setImmediate } from "node:timers/promises";
import * as http2 from "../../../api/engine/http2.ts";
import type { Turn } from "../../support/soak.ts";
import {
  data,
  type Frame,
  frame,
  PREFACE,
  request as plainRequest,
  rstStream,
  settings,
  windowUpdate,
  words,
} from "../../unit/filters/http2/frames.ts";
import { headers, RawHttp2, request } from "../http2/raw-http2.ts";

const { FRAME_END_HEADERS, FRAME_END_STREAM, H2_CANCEL } = http2;
/** Streams of a connection. */
const STREAM_COUNT = 10;
/** More frames than any limit of floods. */
const FLOOD_COUNT = 12_000;
/** A window that never closes. */
const WIDE = [http2.SETTINGS_INITIAL_WINDOW_SIZE, 0x7fff_ffff] as const;
/** What opens the connection's window nearly as far. */
const MORE_BYTES = 0x7000_0000;
const POST = { ":method": "POST" };
/** A block that names a row which no table has, RFC 7541 §6.1. */
const BAD_BLOCK = [0xff, 0xff, 0xff, 0x0f];

/** Ids of the streams of a client. */
const STREAMS: readonly number[] = Array.from({ length: STREAM_COUNT }, (_, at) => 2 * at + 1);

/** Resolves when streams are over, or their connection is. */
export async function untilOver(peer: RawHttp2, streams: readonly number[]): Promise<void> {
  const isOver = (stream: number): boolean =>
    peer.hasEnded(stream) || peer.find(http2.FRAME_RST_STREAM, stream) !== undefined;
  while (!peer.isClosed && !streams.every(isOver)) await setImmediate();
}

/** Resolves when some of an answer has come. */
async function untilAnswer(peer: RawHttp2): Promise<void> {
  const isAnswer = ({ type }: Frame): boolean =>
    type === http2.FRAME_HEADERS || type === http2.FRAME_RST_STREAM;
  while (!peer.isClosed && !peer.frames.some(isAnswer)) await setImmediate();
}

/** What clients do on connections of their own, right and wrong. `/gone` is never answered. */
export function toHttp2Kinds(port: number): Record<string, Turn> {
  const visit = (play: (peer: RawHttp2) => unknown): Turn => {
    return async () => {
      const peer = await RawHttp2.open(port, WIDE);
      peer.write(windowUpdate(0, MORE_BYTES));
      await play(peer);
      peer.close();
    };
  };
  return {
    ...wholeKinds(visit),
    ...givenUpKinds(visit),
    ...brokenKinds(visit),
    "half a preface": visitWith(port, PREFACE.subarray(0, 10)),
    "half a frame": visitWith(port, PREFACE, settings(), request(1).subarray(0, 20)),
  };
}

type Visit = (play: (peer: RawHttp2) => unknown) => Turn;

/** Requests that are answered, in one way or another. */
function wholeKinds(visit: Visit): Record<string, Turn> {
  return {
    requests: visit(async (peer) => {
      peer.write(...STREAMS.map((stream) => request(stream, { "x-turn": `${stream}` })));
      await untilOver(peer, STREAMS);
    }),
    bodies: visit(async (peer) => {
      peer.write(...STREAMS.map((stream) => request(stream, POST, 0)));
      for (const stream of STREAMS) {
        peer.write(data(stream, "body"), headers(stream, { "x-sum": "4" }, FRAME_END_STREAM));
      }
      await untilOver(peer, STREAMS);
    }),
    "large answers": visit(async (peer) => {
      peer.write(request(1, { ":path": "/large" }), request(3, { ":path": "/large" }));
      await untilOver(peer, [1, 3]);
    }),
    "an answer in between": visit(async (peer) => {
      peer.write(request(1), frame(http2.FRAME_PING, 0, 0, words(1, 2)), request(3));
      peer.write(settings([http2.SETTINGS_HEADER_TABLE_SIZE, 0]), request(5));
      await untilOver(peer, [1, 3, 5]);
    }),
    "a client that goes in order": visit(async (peer) => {
      peer.write(request(1), frame(http2.FRAME_GOAWAY, 0, 0, words(0, 0)));
      await untilOver(peer, [1]);
    }),
    "malformed requests": visit(async (peer) => {
      peer.write(request(1, { "X-Upper": "a" }), request(3, { ":path": "" }));
      peer.write(request(5, { connection: "close" }), request(7, { "content-length": "4" }));
      await untilOver(peer, [1, 3, 5, 7]);
    }),
    "heads over the limit": visit(async (peer) => {
      const heads = Array.from({ length: 120 }, (_, at) => [`x-${at}`, "a".repeat(120)] as const);
      peer.write(request(1, Object.fromEntries(heads)), request(3));
      await untilOver(peer, [1, 3]);
    }),
  };
}

/** Streams and connections that end in the middle. */
function givenUpKinds(visit: Visit): Record<string, Turn> {
  const gone = { ":path": "/gone" };
  const resets = STREAMS.map((stream) => rstStream(stream, H2_CANCEL));
  return {
    "requests that are reset": visit(async (peer) => {
      peer.write(...STREAMS.map((stream) => request(stream, gone)));
      await setImmediate();
      peer.write(...resets, request(101));
      await untilOver(peer, [101]);
    }),
    "bodies that are reset": visit(async (peer) => {
      peer.write(...STREAMS.map((stream) => request(stream, { ...POST, ...gone }, 0)));
      peer.write(...STREAMS.map((stream) => data(stream, "half")));
      await setImmediate();
      peer.write(...resets, request(101));
      await untilOver(peer, [101]);
    }),
    "answers that are reset": visit(async (peer) => {
      peer.write(request(1, { ":path": "/large" }), request(3, { ":path": "/large" }));
      await untilAnswer(peer);
      peer.write(rstStream(1, H2_CANCEL), rstStream(3, H2_CANCEL), request(5));
    }),
    "a connection cut with its requests": visit(async (peer) => {
      peer.write(...STREAMS.map((stream) => request(stream, gone)));
      await setImmediate();
    }),
    "a connection cut in bodies": visit(async (peer) => {
      peer.write(...STREAMS.map((stream) => request(stream, { ...POST, ...gone }, 0)));
      peer.write(...STREAMS.map((stream) => data(stream, "half")));
      await setImmediate();
    }),
    "a connection reset in answers": visit(async (peer) => {
      peer.write(...STREAMS.map((stream) => request(stream, { ":path": "/large" })));
      await untilAnswer(peer);
      peer.socket.resetAndDestroy();
    }),
  };
}

/** What a connection is closed for. */
function brokenKinds(visit: Visit): Record<string, Turn> {
  const refused = (...pieces: readonly Uint8Array[]): Turn =>
    visit(async (peer) => {
      peer.write(request(1, { ":path": "/gone" }), ...pieces);
      while (!peer.isClosed && peer.find(http2.FRAME_GOAWAY) === undefined) await setImmediate();
    });
  const flood = (piece: Uint8Array): Uint8Array =>
    Buffer.concat(Array.from({ length: FLOOD_COUNT }, () => piece));
  const opened = Array.from({ length: 2000 }, (_, at) => {
    return Buffer.concat([plainRequest(2 * at + 3), rstStream(2 * at + 3, H2_CANCEL)]);
  });
  const empty = data(5, "");
  const block = Buffer.alloc(16_000, 1);
  return {
    "DATA without a stream": refused(data(9, "x")),
    "a stream that is even": refused(request(2)),
    "a frame that is too long": refused(frame(http2.FRAME_DATA, 0, 1, [], 70_000)),
    "a window over 2^31": refused(windowUpdate(0, 0x7fff_ffff)),
    "a window of nothing": refused(windowUpdate(0, 0)),
    "a bad header block": refused(frame(http2.FRAME_HEADERS, FRAME_END_HEADERS, 3, BAD_BLOCK)),
    "a head without its rest": refused(plainRequest(3, FRAME_END_STREAM), request(5)),
    "a flood of CONTINUATION": refused(
      frame(http2.FRAME_HEADERS, FRAME_END_STREAM, 3, block),
      ...Array.from({ length: 20 }, () => frame(http2.FRAME_CONTINUATION, 0, 3, block)),
    ),
    "a flood of PING": refused(flood(frame(http2.FRAME_PING, 0, 0, words(1, 2)))),
    "a flood of SETTINGS": refused(flood(settings())),
    "a flood of resets": refused(...opened),
    "a flood of empty DATA": refused(
      request(5, POST, 0),
      ...Array.from({ length: 20 }, () => empty),
    ),
    "a flood of WINDOW_UPDATE": refused(flood(windowUpdate(0, 1))),
    "a flood of PRIORITY": refused(flood(frame(http2.FRAME_PRIORITY, 0, 3, [0, 0, 0, 0, 1]))),
  };
}

/** A connection that ends behind some bytes. */
function visitWith(port: number, ...pieces: readonly Uint8Array[]): Turn {
  return async () => {
    const peer = await RawHttp2.open(port);
    peer.write(...pieces);
    await setImmediate();
    peer.close();
  };
}
