import * as http2 from "../../../../api/engine/http2.ts";
import { type HpackExports, openHpackModule } from "./hpack-module.ts";
import { type Field, toLine } from "./reference/plain-hpack.ts";

/** What a block is the head of. */
export type HeadKind = "request" | "response" | "trailers";

/** Limits of a decoder; without any it has Envoy's. */
export interface DecoderSetup {
  readonly headBytesMax?: number;
  readonly headerCountMax?: number;
  readonly allowsProtocol?: boolean;
}

/** What a decoder makes of a block. All texts are Latin-1. */
export interface Decoded {
  /** `E_HPACK_*` without the prefix: the connection is over. */
  readonly error: string | null;
  /** `E_HEAD_*` without the prefix: the message is malformed. */
  readonly headError: string | null;
  /** `HEAD_*` without the prefix. */
  readonly overflow: string;
  /** Entries of the block, pseudo-headers first: `name: value`. */
  readonly fields: readonly string[];
  readonly status: number;
  readonly contentLength: number;
}

const HEAD_BYTES_MAX = 61_440;
const HEADER_COUNT_MAX = 100;
const REGION_BYTES = 1 << 20;
const PSEUDO_COUNTS: Readonly<Record<HeadKind, number>> = { request: 4, response: 1, trailers: 0 };
/** Places of pseudo-headers in a block; `:protocol` has none. */
const PLACES: Readonly<Record<string, number>> = {
  ":method": 0,
  ":path": 1,
  ":authority": 2,
  ":scheme": 3,
  ":status": 0,
};

/** HPACK of the engine, driven as the HTTP/2 codec drives it. */
export class Hpack {
  readonly exports: HpackExports;
  readonly #input: number;
  readonly #output: number;

  private constructor(exports: HpackExports) {
    this.exports = exports;
    this.#input = exports.allocate(REGION_BYTES);
    this.#output = exports.allocate(REGION_BYTES);
  }

  /** Compiles the AssemblyScript if need be. */
  static async open(): Promise<Hpack> {
    return new Hpack(await openHpackModule());
  }

  /** A decoder, which its owner closes. */
  decoder(kind: HeadKind, setup: DecoderSetup = {}): HpackDecoder {
    return new HpackDecoder(this, PSEUDO_COUNTS[kind], setup);
  }

  /** An encoder, which its owner closes. */
  encoder(tableBytesMax = 4096): HpackEncoder {
    return new HpackEncoder(this, tableBytesMax);
  }

  /** Decodes one block with a fresh decoder. */
  decodeOnce(kind: HeadKind, block: Uint8Array, setup: DecoderSetup = {}): Decoded {
    const decoder = this.decoder(kind, setup);
    try {
      return decoder.decode(block);
    } finally {
      decoder.close();
    }
  }

  /** Puts bytes where they can be read, at any alignment and among bytes that must not matter. */
  place(bytes: Uint8Array): number {
    const memory = new Uint8Array(this.exports.memory.buffer);
    const at = this.#input + (bytes.length % 8);
    memory.fill(0xff, this.#input, at + bytes.length + 64);
    memory.set(bytes, at);
    return at;
  }

  /** Lets `write` write at most `room` bytes and returns them. */
  written(write: (target: number) => number): Buffer {
    const end = write(this.#output);
    return Buffer.from(this.exports.memory.buffer.slice(this.#output, end));
  }

  /** Fields that `write` dumps. */
  dumped(write: (target: number) => number): Field[] {
    const bytes = this.written(write);
    const texts: string[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = at + 4 + bytes.readInt32LE(at);
      texts.push(bytes.toString("latin1", at + 4, end));
      at = end;
    }
    return Array.from({ length: texts.length / 2 }, (_, index) => [
      texts[index * 2],
      texts[index * 2 + 1],
    ]);
  }

  /** A block with these fields, and the memory of their texts, which are the caller's to free. */
  block(kind: HeadKind, fields: readonly Field[]): { block: number; free(): void } {
    const { exports } = this;
    const block = exports.newBlock(PSEUDO_COUNTS[kind]);
    const texts = fields.map(([name, value]) => {
      const text = exports.allocate(name.length + value.length + 16);
      Buffer.from(exports.memory.buffer).write(name + value, text, "latin1");
      const place = kind === "trailers" ? -1 : (PLACES[name] ?? -1);
      exports.add(block, place, text, name.length, value.length);
      return text;
    });
    const free = () => {
      exports.freeBlock(block);
      for (const text of texts) exports.release(text);
    };
    return { block, free };
  }
}

/** One decoder, with the block it decodes to. */
export class HpackDecoder {
  readonly #hpack: Hpack;
  readonly #pseudoCount: number;
  readonly #decoder: number;
  readonly #block: number;

  /** Use `Hpack.decoder`. */
  constructor(hpack: Hpack, pseudoCount: number, setup: DecoderSetup) {
    this.#hpack = hpack;
    this.#pseudoCount = pseudoCount;
    this.#decoder = hpack.exports.newDecoder(
      setup.headBytesMax ?? HEAD_BYTES_MAX,
      setup.headerCountMax ?? HEADER_COUNT_MAX,
      setup.allowsProtocol === true ? 1 : 0,
    );
    this.#block = hpack.exports.newBlock(pseudoCount);
  }

  decode(bytes: Uint8Array): Decoded {
    const { exports } = this.#hpack;
    exports.clear(this.#block, this.#pseudoCount);
    const at = this.#hpack.place(bytes);
    const error = exports.decode(this.#decoder, at, bytes.length, this.#block);
    return {
      error: nameOf("E_HPACK_", error),
      headError: nameOf("E_HEAD_", exports.headError(this.#decoder)),
      overflow: nameOf("HEAD_", exports.overflow(this.#decoder)) ?? "FITS",
      fields: this.#hpack.dumped((target) => exports.dump(this.#block, target)).map(toLine),
      status: exports.status(this.#decoder),
      contentLength: Number(exports.contentLength(this.#decoder)),
    };
  }

  /** Takes an acknowledged SETTINGS_HEADER_TABLE_SIZE. */
  limit(bytes: number): void {
    this.#hpack.exports.limitDecoder(this.#decoder, bytes);
  }

  /** The dynamic table, the newest first. */
  table(): Field[] {
    const { exports } = this.#hpack;
    return this.#hpack.dumped((target) => exports.decoderRows(this.#decoder, target));
  }

  /** The size of the dynamic table. */
  get tableSize(): number {
    return this.#hpack.exports.decoderSize(this.#decoder);
  }

  /** Joins the cookies of the last block. */
  joinCookies(): string[] {
    const { exports } = this.#hpack;
    exports.join(this.#block);
    return this.#hpack.dumped((target) => exports.dump(this.#block, target)).map(toLine);
  }

  close(): void {
    this.#hpack.exports.freeDecoder(this.#decoder);
    this.#hpack.exports.freeBlock(this.#block);
  }
}

/** One encoder. */
export class HpackEncoder {
  readonly #hpack: Hpack;
  readonly #encoder: number;

  /** Use `Hpack.encoder`. */
  constructor(hpack: Hpack, tableBytesMax: number) {
    this.#hpack = hpack;
    this.#encoder = hpack.exports.newEncoder(tableBytesMax);
  }

  /** Encodes a head; fails when it writes where it was not allowed to. */
  encode(kind: HeadKind, fields: readonly Field[]): Buffer {
    const { exports } = this.#hpack;
    const { block, free } = this.#hpack.block(kind, fields);
    const room = exports.roomFor(block);
    const memory = Buffer.from(exports.memory.buffer);
    const encoded = this.#hpack.written((target) => {
      memory.fill(0xa5, target + room, target + room + 64);
      const end = exports.encode(this.#encoder, block, target);
      const isWithin = memory
        .subarray(target + room, target + room + 64)
        .every((byte) => byte === 0xa5);
      if (end - target > room || !isWithin)
        throw new Error(`${end - target} bytes, room for ${room}`);
      return end;
    });
    free();
    return encoded;
  }

  /** Takes the peer's SETTINGS_HEADER_TABLE_SIZE. */
  limit(bytes: number): void {
    this.#hpack.exports.limitEncoder(this.#encoder, bytes);
  }

  /** The dynamic table, the newest first. */
  table(): Field[] {
    const { exports } = this.#hpack;
    return this.#hpack.dumped((target) => exports.encoderRows(this.#encoder, target));
  }

  /** The size of the dynamic table. */
  get tableSize(): number {
    return this.#hpack.exports.encoderSize(this.#encoder);
  }

  close(): void {
    this.#hpack.exports.freeEncoder(this.#encoder);
  }
}

function nameOf(prefix: string, number: number): string | null {
  if (number === 0) return null;
  const found = Object.entries(http2).find(
    ([name, value]) => name.startsWith(prefix) && value === number,
  );
  return found?.[0].slice(prefix.length) ?? `${prefix}${number}`;
}
