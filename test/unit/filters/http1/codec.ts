import assert from "node:assert/strict";
import * as http1 from "../../../../api/engine/http1.ts";
import { splitsOf } from "../../../support/feed.ts";
import { type CodecExports, FIELD, openCodecModule } from "./codec-module.ts";

/** How a reader is set up. */
export interface ReaderSetup {
  readonly isResponse?: boolean;
  /** `READER_*` bits beside the side. */
  readonly flags?: number;
  readonly headBytesMax?: number;
  readonly headerCountMax?: number;
  /** Whether the peer closes after the last byte. */
  readonly closes?: boolean;
}

/** A message as it was read. All texts are Latin-1. */
export interface ReadMessage {
  /** Values of the pseudo-headers that are set, and the version. */
  readonly start: string;
  readonly headers: readonly string[];
  readonly framing: "none" | "length" | "chunked" | "close";
  /** Names of the `READER_*` flags of the head, without the prefix. */
  readonly flags: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
  /** Whether its end was seen. */
  readonly isWhole: boolean;
}

/** A head as it is written on. */
export interface Formatted {
  readonly headers: readonly string[];
  readonly reason: string;
}

/** What a reader makes of some input. */
export interface Reading {
  readonly messages: readonly ReadMessage[];
  /** `E_*` without the prefix. */
  readonly error: string | null;
  /** Bytes at the end that are part of no complete element yet. */
  readonly restBytes: number;
}

const HEAD_BYTES_MAX = 61_440;
const HEADER_COUNT_MAX = 100;
const REGION_BYTES = 1 << 18;
const FRAMINGS = ["none", "length", "chunked", "close"] as const;
const HEAD_FLAGS = [
  "KEEP_ALIVE",
  "UPGRADE",
  "EXPECT_CONTINUE",
  "CONNECTION_NAMES",
  "CLOSE",
] as const;
const NUMBERS = new Map<string, unknown>(Object.entries(http1));
const ERRORS = new Map<unknown, string>(
  [...NUMBERS]
    .filter(([name]) => /^E_/.test(name))
    .map(([name, number]) => [number, name.slice("E_".length)]),
);

/** The HTTP/1 codec of the engine, driven as its owners drive it. */
export class Codec {
  readonly exports: CodecExports;
  /** Input is offered from here and from there in turn, so that heads have to move. */
  readonly #regions: readonly number[];
  readonly #target: number;
  #turn = 0;

  private constructor(exports: CodecExports) {
    this.exports = exports;
    this.#regions = [exports.allocate(REGION_BYTES), exports.allocate(REGION_BYTES) + 5];
    this.#target = exports.allocate(REGION_BYTES);
  }

  /** Compiles the AssemblyScript if need be. */
  static async open(): Promise<Codec> {
    return new Codec(await openCodecModule());
  }

  /** Reads pieces with a fresh reader. */
  read(pieces: readonly Uint8Array[], setup: ReaderSetup = {}): Reading {
    const { exports } = this;
    const flags = (setup.flags ?? 0) | (setup.isResponse === true ? http1.READER_RESPONSE : 0);
    const reader = exports.open(
      flags,
      setup.isResponse === true ? 1 : 0,
      setup.headBytesMax ?? HEAD_BYTES_MAX,
      setup.headerCountMax ?? HEADER_COUNT_MAX,
    );
    try {
      return new CodecRun(this, reader).read(pieces, setup.closes === true);
    } finally {
      exports.close(reader);
    }
  }

  /** Reads a text whole, at every cut in two, and byte by byte; all must agree. */
  readEveryWay(text: string, setup: ReaderSetup = {}): Reading {
    const bytes = Buffer.from(text, "latin1");
    const [whole, ...others] = [...splitsOf(bytes)].map((pieces) => ({
      pieces,
      reading: this.read(pieces, setup),
    }));
    for (const { pieces, reading } of others) {
      assert.deepEqual(reading, whole.reading, `in pieces ${pieces.map((piece) => piece.length)}`);
    }
    return whole.reading;
  }

  /**
   * Reads one head whole, at every cut in two, and byte by byte; all must agree. Returns how its
   * headers are written on, and the reason phrase that was kept.
   */
  formatEveryWay(head: string, setup: ReaderSetup = {}, isProper = false): Formatted {
    const bytes = Buffer.from(head, "latin1");
    const [whole, ...others] = [...splitsOf(bytes)].map((pieces) =>
      this.#format(pieces, setup, isProper),
    );
    for (const other of others) assert.deepEqual(other, whole);
    return whole;
  }

  #format(pieces: readonly Uint8Array[], setup: ReaderSetup, isProper: boolean): Formatted {
    const { exports } = this;
    const isResponse = setup.isResponse === true;
    const flags = (setup.flags ?? 0) | (isResponse ? http1.READER_RESPONSE : 0);
    const reader = exports.open(flags, isResponse ? 1 : 0, HEAD_BYTES_MAX, HEADER_COUNT_MAX);
    let pending = Buffer.alloc(0);
    let result: number = http1.READ_MORE;
    for (const piece of pieces) {
      pending = Buffer.concat([pending, piece]);
      const at = this.place(pending);
      result = exports.read(reader, at, pending.length);
      // Read back, since the names in it are in lower case now.
      pending = Buffer.from(exports.memory.buffer.slice(at, at + pending.length));
    }
    assert.equal(result, http1.READ_HEAD);
    const put = (target: number) => exports.putFormatted(reader, target, isProper ? 1 : 0);
    const formatted = {
      headers: this.written(put).split("\r\n").slice(0, -1),
      reason: this.written((target) => exports.putReason(reader, target)),
    };
    exports.close(reader);
    return formatted;
  }

  /** Puts bytes where a reader may find them, among bytes that must not matter. */
  place(bytes: Uint8Array): number {
    this.#turn ^= 1;
    const memory = new Uint8Array(this.exports.memory.buffer);
    const [from, other] = [this.#regions[this.#turn], this.#regions[this.#turn ^ 1]];
    memory.fill(0x58, other, other + bytes.length + 64);
    memory.fill(this.#turn === 0 ? 0x0d : 0x0a, from + bytes.length, from + bytes.length + 64);
    memory.set(bytes, from);
    return from;
  }

  /** Lets `write` write to memory and returns what it wrote, as Latin-1. */
  written(write: (target: number) => number): string {
    return this.text(this.#target, write(this.#target) - this.#target);
  }

  /** Bytes of memory as Latin-1. */
  text(address: number, length: number): string {
    return Buffer.from(this.exports.memory.buffer, address, length).toString("latin1");
  }

  /** Pseudo-headers, headers or trailers of a reader: `name: value`. */
  lines(reader: number, isTrailers: boolean): string[] {
    const length = this.exports.dump(reader, isTrailers ? 1 : 0, this.#target);
    return this.text(this.#target, length).split("\n").slice(0, -1);
  }
}

/** Reads one connection. */
class CodecRun {
  readonly #codec: Codec;
  readonly #reader: number;
  readonly #messages: ReadMessage[] = [];
  #pending = Buffer.alloc(0);
  #message: ReadMessage | null = null;

  constructor(codec: Codec, reader: number) {
    this.#codec = codec;
    this.#reader = reader;
  }

  read(pieces: readonly Uint8Array[], closes: boolean): Reading {
    const { exports } = this.#codec;
    let result: number = http1.READ_MORE;
    for (const piece of pieces) {
      result = this.#take(piece);
      if (result === http1.READ_ERROR) break;
    }
    if (closes && result !== http1.READ_ERROR) {
      result = exports.end(this.#reader);
      if (result === http1.READ_END) this.#endMessage();
    }
    const isError = result === http1.READ_ERROR;
    if (this.#message !== null) this.#messages.push(this.#message);
    return {
      messages: this.#messages,
      error: isError ? (ERRORS.get(this.#field("error")) ?? "?") : null,
      restBytes: isError ? 0 : this.#pending.length,
    };
  }

  #take(piece: Uint8Array): number {
    const { exports } = this.#codec;
    this.#pending = Buffer.concat([this.#pending, piece]);
    let at = this.#codec.place(this.#pending);
    let left = this.#pending.length;
    while (true) {
      const result = exports.read(this.#reader, at, left);
      const consumed = this.#field("consumed");
      assert.ok(consumed >= 0 && consumed <= left, `consumed ${consumed} of ${left}`);
      at += consumed;
      left -= consumed;
      if (result === http1.READ_HEAD) this.#beginMessage();
      else if (result === http1.READ_DATA) this.#addData();
      else if (result === http1.READ_END) this.#endMessage();
      else {
        // Read back, since the names in it are in lower case now.
        this.#pending = Buffer.from(exports.memory.buffer.slice(at, at + left));
        return result;
      }
    }
  }

  #beginMessage(): void {
    const lines = this.#codec.lines(this.#reader, false);
    const pseudo = lines.filter((line) => line.startsWith(":"));
    const flags = this.#field("flags");
    const version = this.#field("version");
    this.#message = {
      start: [...pseudo.map((line) => line.slice(line.indexOf(" ") + 1)), version].join(" "),
      headers: lines.slice(pseudo.length),
      framing: FRAMINGS[this.#field("framing")],
      flags: HEAD_FLAGS.filter((name) => (flags & Number(NUMBERS.get(`READER_${name}`))) !== 0),
      body: "",
      trailers: [],
      isWhole: false,
    };
  }

  #addData(): void {
    const data = this.#codec.text(this.#field("data"), this.#field("dataLength"));
    assert.notEqual(data, "", "a piece of a body has bytes");
    assert.ok(this.#message !== null, "a body follows a head");
    this.#message = { ...this.#message, body: this.#message.body + data };
  }

  #endMessage(): void {
    assert.ok(this.#message !== null, "the end of a message follows its head");
    const trailers = this.#codec.lines(this.#reader, true);
    this.#messages.push({ ...this.#message, trailers, isWhole: true });
    this.#message = null;
    this.#codec.exports.clear(this.#reader);
  }

  #field(name: keyof typeof FIELD): number {
    return this.#codec.exports.field(this.#reader, FIELD[name]);
  }
}
