import assert from "node:assert/strict";
import { READER_CHUNKED_LENGTH, READER_KEEP_TRAILERS } from "../../../api/engine/http1.ts";
import { Codec, type ReaderSetup } from "../../unit/filters/http1/codec.ts";
import { LoadedEngine } from "./loaded-engine.ts";
import { Random } from "../random.ts";
import { ScriptedConnection } from "./scripted-connection.ts";
import type { FuzzTarget } from "../target.ts";

/** Parts a request from the response that the upstream gives. */
const SEPARATOR = 0x1e;

/** How the settings of `LoadedEngine` set up the codec downstream. */
const SETUPS: readonly ReaderSetup[] = [
  {},
  { headerCountMax: 20, flags: READER_KEEP_TRAILERS | READER_CHUNKED_LENGTH },
];

/** Connections that send the same input to one engine. */
const CONNECTIONS = 2;

/** Different ways to drive the engine through one input. */
const SCRIPTS = 3;

const WORDS = [
  ...["GET ", "POST ", "HEAD ", "CONNECT ", "/", "/direct", "/redirect", "/old//x/../%2f", "*"],
  ...[" HTTP/1.1\r\n", " HTTP/1.0\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n"],
  ...["HTTP/1.1 204 No Content\r\n", "HTTP/1.1 304 x\r\n", "HTTP/1.1 101 x\r\n", "http://b/c"],
  ...["host: b\r\n", "content-length: 5\r\n", "content-length: 0\r\n", "\r\n", "\r\n\r\n", "\n"],
  ...["transfer-encoding: chunked\r\n", "connection: close\r\n", "connection: keep-alive\r\n"],
  ...["connection: x-a, te\r\n", "upgrade: websocket\r\n", "connection: upgrade\r\n", "a: b\r\n"],
  ...["expect: 100-continue\r\n", "te: trailers\r\n", "x_y: z\r\n", "5\r\nhello\r\n", "0\r\n\r\n"],
  ...["0\r\n", "a\r\n", "fffffffffffff\r\n", ";x=y", "x-forwarded-for: 1.2.3.4\r\n", "\x1e", ":"],
  ...["x-a: 1\r\n", "\0", "\t", " ", "\x7f", "\xe9", "x-request-id: 1\r\n", "via: 1.1 x\r\n", ","],
];

/** Messages of HTTP/1, well-formed or not: the codec alone, and the whole engine. */
export const HTTP1_TARGET: FuzzTarget = {
  name: "http1",
  words: WORDS,
  async open() {
    const codec = await Codec.open();
    const fuzzer = new Http1Fuzzer(codec);
    return (input) => fuzzer.run(input);
  },
};

class Http1Fuzzer {
  readonly #codec: Codec;
  /** One engine for each setting; `null` after one that trapped. */
  readonly #engines: (LoadedEngine | null)[] = [null, null];

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  /** Runs one input; throws when a promise is broken. */
  run(input: Buffer): void {
    const separator = input.indexOf(SEPARATOR);
    const end = separator < 0 ? input.length : separator;
    const request = input.subarray(0, end);
    const response = input.subarray(end + 1);
    // What is random depends on the input alone, so that a kept input fails again.
    const seed = input.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 1);
    const random = new Random(seed);
    this.#checkCodec(request, { isResponse: false }, random);
    this.#checkCodec(response, { isResponse: true, closes: true }, random);
    for (const [setting, setup] of SETUPS.entries()) {
      const { messages, error, restBytes } = this.#codec.read([request], setup);
      const most = messages.length + (error !== null || restBytes > 0 ? 1 : 0);
      for (let i = 0; i < SCRIPTS; i++) {
        this.#checkEngine(setting, (loaded) => {
          const before = loaded.requests;
          play(loaded, seed + i, request, response);
          const began = loaded.requests - before;
          assert.ok(began <= CONNECTIONS * most, `${began} requests, but the codec reads ${most}`);
        });
      }
    }
  }

  /** However it is split, the codec sees the same. */
  #checkCodec(bytes: Buffer, setup: ReaderSetup, random: Random): void {
    const limits = { headBytesMax: 300, headerCountMax: 8, flags: random.below(2) * 256 };
    const before = this.#codec.exports.bytesInUse();
    const whole = this.#codec.read([bytes], { ...setup, ...limits });
    const split = this.#codec.read(random.split(bytes), { ...setup, ...limits });
    assert.deepEqual(split, whole);
    assert.equal(this.#codec.exports.bytesInUse(), before, "memory of the codec");
  }

  /** The engine keeps what it promises, and is as it was when the connection is gone. */
  #checkEngine(setting: number, run: (loaded: LoadedEngine) => void): void {
    const loaded = this.#engines[setting] ?? new LoadedEngine(setting);
    // Only an engine that did not trap is used again.
    this.#engines[setting] = null;
    const { calls } = loaded.engine;
    const before = calls.bytesInUse();
    run(loaded);
    const after = calls.bytesInUse();
    if (after !== before) {
      // Pools and tables grow when something is used for the first time, but not again.
      run(loaded);
      assert.equal(calls.bytesInUse(), after, "memory of the engine");
    }
    this.#engines[setting] = loaded;
  }
}

/** Plays connections that send the same, a step of one and then a step of another. */
function play(loaded: LoadedEngine, seed: number, request: Buffer, response: Buffer): void {
  const random = new Random(seed);
  const connections = Array.from({ length: CONNECTIONS }, () => {
    return new ScriptedConnection(loaded, random, request, response);
  });
  const busy = new Set(connections);
  while (busy.size > 0) {
    const connection = random.pick([...busy]);
    if (!connection.step()) busy.delete(connection);
  }
  for (const connection of connections) connection.close();
  assert.equal(loaded.activeRequests, 0, "every stream ends");
}
