import assert from "node:assert/strict";
import { H2_OPTION_FLAG_STREAM_ERRORS } from "../../../api/engine/http2.ts";
import {
  data,
  frame,
  request,
  rstStream,
  settings,
  windowUpdate,
} from "../../unit/filters/http2/frames.ts";
import { type H2Exports, openH2Module } from "../../unit/filters/http2/h2-module.ts";
import { H2Peer } from "../../unit/filters/http2/h2-peer.ts";
import { Random } from "../random.ts";
import type { FuzzTarget } from "../target.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** Whole frames, and beginnings of frames. */
const WORDS = [
  ...[request(1), request(3), request(5, 4), request(7, 0), request(1, 5, [0xbe])].map(text),
  ...[data(1, "x"), data(5, "hello"), data(5, "", 1), data(1, "", 0)].map(text),
  ...[frame(0, 8, 5, [2, 120, 0, 0]), frame(1, 12, 9, [1, 0x82, 0]), frame(9, 4, 7, [0x84])].map(
    text,
  ),
  ...[frame(1, 5, 1, [0x88]), frame(1, 4, 3, [0x88]), frame(1, 4, 1, [0x08, 3, 49, 48, 51])].map(
    text,
  ),
  ...[frame(1, 5, 5, [0, 1, 120, 1, 121]), frame(1, 0x25, 11, [0, 0, 0, 1, 9, 0x82])].map(text),
  ...[settings(), settings([4, 0]), settings([4, 2 ** 31 - 1]), settings([1, 0], [3, 1])].map(text),
  ...[frame(4, 1, 0), frame(6, 0, 0, new Uint8Array(8)), frame(6, 1, 0, new Uint8Array(8))].map(
    text,
  ),
  ...[windowUpdate(0, 9), windowUpdate(1, 2 ** 31 - 1), windowUpdate(5, 0)].map(text),
  ...[rstStream(1, 8), rstStream(5, 7), frame(2, 0, 3, [0, 0, 0, 1, 1])].map(text),
  ...[frame(7, 0, 0, [0, 0, 0, 1, 0, 0, 0, 0]), frame(5, 4, 1, [0, 0, 0, 2, 0x82])].map(text),
  text(frame(0x4d, 0, 1, [1, 2, 3])),
  ...["\0\x40\0", "\0\0\x05", "\0\0\0\x01\x05\0\0\0"],
];

const GET = { ":method": "GET", ":path": "/", ":authority": "a", ":scheme": "http" };

/** One side of a connection, and what it found and sent. */
interface Course {
  readonly found: readonly string[];
  readonly sent: string;
}

/**
 * One input of the fuzzer: what a peer sends once its connection is open. A server and a client
 * find the same in it whether it comes whole or in pieces, send the same, count their streams, and
 * give all memory back.
 */
function fuzzHttp2(module: H2Exports, input: Buffer): void {
  const seed = input.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 1);
  const random = new Random(seed);
  const options = {
    H2_OPTION_FLAGS: random.pick([0, H2_OPTION_FLAG_STREAM_ERRORS]),
    H2_OPTION_STREAMS_MAX: random.pick([1, 2, 100]),
    H2_OPTION_HEAD_BYTES_MAX: random.pick([50, 61_440]),
    H2_OPTION_STREAM_WINDOW: random.pick([8, 65_535]),
  };
  const pieces = split(input, random);
  for (const isClient of [false, true]) {
    const whole = run(open(module, isClient, options), [input]);
    // Records of streams are kept for the next ones.
    const kept = module.bytesInUse();
    assert.deepEqual(run(open(module, isClient, options), pieces), whole);
    assert.equal(module.bytesInUse(), kept, "all memory is given back");
  }
}

function split(input: Buffer, random: Random): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < input.length; ) {
    const length = 1 + random.below(random.pick([2, 20, 200]));
    pieces.push(input.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

function open(
  module: H2Exports,
  isClient: boolean,
  options: Readonly<Record<string, number>>,
): H2Peer {
  module.setNow(0);
  if (!isClient) return H2Peer.serve(module, options);
  const peer = new H2Peer(module, true, options);
  peer.receive(settings());
  peer.ask(GET, true);
  peer.ask({ ...GET, ":method": "POST" }, false);
  peer.ask(GET, true);
  peer.takeOutput();
  return peer;
}

function run(peer: H2Peer, pieces: readonly Uint8Array[]): Course {
  const events = peer.receive(...pieces);
  assert.equal(peer.stat("streams_active"), peer.field("streamCount"));
  const sent = text(peer.takeOutput());
  assert.equal(peer.stat("pending_send_bytes"), 0);
  peer.close();
  // A piece of a body may come in more pieces, and an error is told whenever somebody asks.
  const found = [...new Set(events.filter((event) => !event.startsWith("data")))];
  return { found, sent };
}

/** Frames of HTTP/2: see `fuzzHttp2`. */
export const HTTP2_TARGET: FuzzTarget = {
  name: "http2",
  words: WORDS,
  async open() {
    const module = await openH2Module();
    return (input) => fuzzHttp2(module, input);
  },
};
