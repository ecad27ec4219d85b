import * as http2 from "../../../../api/engine/http2.ts";
import { HTTP2_COUNTERS, HTTP2_STATS_BYTES } from "../../../../api/engine/http2-stats.ts";
import { describe, type Frame, PREFACE, settings, toFrames } from "./frames.ts";
import { FIELD, type H2Exports, STREAM_FIELD } from "./h2-module.ts";

const REGION_BYTES = 1 << 16;

/** Envoy's defaults, but for windows that tests can fill. */
const OPTIONS: Readonly<Record<string, number>> = {
  H2_OPTION_TABLE_BYTES: 4096,
  H2_OPTION_STREAMS_MAX: 100,
  H2_OPTION_STREAM_WINDOW: 65_535,
  H2_OPTION_CONNECTION_WINDOW: 65_535,
  H2_OPTION_STREAM_WINDOW_MAX: 65_535,
  H2_OPTION_CONNECTION_WINDOW_MAX: 65_535,
  H2_OPTION_FLAGS: http2.H2_OPTION_FLAG_STREAM_ERRORS,
  H2_OPTION_OUTBOUND_FRAMES_MAX: 10_000,
  H2_OPTION_OUTBOUND_CONTROL_FRAMES_MAX: 1000,
  H2_OPTION_EMPTY_FRAMES_MAX: 1,
  H2_OPTION_PRIORITY_FRAMES_PER_STREAM: 100,
  H2_OPTION_WINDOW_UPDATES_PER_DATA_FRAME: 10,
  H2_OPTION_HEAD_BYTES_MAX: 61_440,
  H2_OPTION_HEADER_COUNT_MAX: 100,
};

const NUMBERS = new Map<string, unknown>(Object.entries(http2));
const nameOf = (prefix: string, number: number): string => {
  const found = [...NUMBERS].find(
    ([name, it]) => name.startsWith(prefix) && !name.startsWith("H2_OPTION") && it === number,
  );
  return found === undefined ? `${number}` : found[0].slice(prefix.length);
};

/** Where pseudo-headers stand in a block. */
const PLACES: Readonly<Record<string, number>> = {
  ":method": 0,
  ":path": 1,
  ":authority": 2,
  ":scheme": 3,
  ":status": 0,
};

/** One side of an HTTP/2 connection in the module under test, driven as its owners drive it. */
export class H2Peer {
  readonly module: H2Exports;
  /** Address of the connection. */
  readonly connection: number;
  readonly #bytes: Uint8Array;
  readonly #options: number;
  readonly #stats: number;
  readonly #input: number;
  readonly #owned: number[] = [];
  #held: Uint8Array = Uint8Array.of();

  constructor(
    module: H2Exports,
    isClient: boolean,
    options: Readonly<Record<string, number>> = {},
  ) {
    this.module = module;
    this.#bytes = new Uint8Array(module.memory.buffer);
    this.#options = module.allocate(http2.H2_OPTION_BYTES);
    const view = new DataView(module.memory.buffer);
    for (const [name, value] of Object.entries({ ...OPTIONS, ...options })) {
      view.setUint32(this.#options + Number(NUMBERS.get(name)), value, true);
    }
    this.#stats = module.allocate(HTTP2_STATS_BYTES);
    this.#bytes.fill(0, this.#stats, this.#stats + HTTP2_STATS_BYTES);
    view.setUint32(this.#options + http2.H2_OPTION_STATS, this.#stats, true);
    this.#input = module.allocate(REGION_BYTES + 64);
    this.connection = module.open(this.#options, isClient);
  }

  /** A server whose client has sent its preface and settings; what it answers is taken. */
  static serve(module: H2Exports, options: Readonly<Record<string, number>> = {}): H2Peer {
    const peer = new H2Peer(module, false, options);
    peer.receive(PREFACE, settings());
    peer.takeFrames();
    return peer;
  }

  /** Gives back all memory. */
  close(): void {
    this.module.close(this.connection);
    for (const block of this.#owned) this.module.closeBlock(block);
    for (const { address } of this.#texts.values()) this.module.release(address);
    this.module.release(this.#options);
    this.module.release(this.#stats);
    this.module.release(this.#input);
  }

  /** A statistic by Envoy's name. */
  stat(name: string): number {
    const view = new DataView(this.module.memory.buffer);
    return view.getFloat64(this.#stats + 8 * HTTP2_COUNTERS.indexOf(name), true);
  }

  /** All statistics that are not 0. */
  stats(): Record<string, number> {
    const all = HTTP2_COUNTERS.map((name) => [name, this.stat(name)] as const);
    return Object.fromEntries(all.filter(([, value]) => value !== 0));
  }

  field(name: keyof typeof FIELD): number {
    return this.module.field(this.connection, FIELD[name]);
  }

  streamField(stream: number, name: keyof typeof STREAM_FIELD): number {
    return this.module.streamField(stream, STREAM_FIELD[name]);
  }

  /** Has input read, and tells what was found, each in a few words. Streams get an owner. */
  receive(...pieces: readonly Uint8Array[]): string[] {
    const events: string[] = [];
    for (const piece of pieces) {
      this.#held = Buffer.concat([this.#held, piece]);
      while (this.#readOnce(events));
    }
    return events;
  }

  #readOnce(events: string[]): boolean {
    const length = Math.min(this.#held.length, REGION_BYTES);
    this.#bytes.set(this.#held.subarray(0, length), this.#input);
    const found = this.module.read(this.connection, this.#input, length);
    const consumed = this.field("consumed");
    if (found !== http2.FOUND_ERROR) this.#held = this.#held.subarray(consumed);
    if (found === http2.FOUND_MORE) return consumed > 0 && this.#held.length > 0;
    events.push(this.#describe(found));
    return found !== http2.FOUND_ERROR;
  }

  #describe(found: number): string {
    const stream = this.field("stream");
    const id = stream === 0 ? 0 : this.streamField(stream, "id");
    const end = this.field("isEnd") !== 0 ? " end" : "";
    const reason = (): string => nameOf("REASON_", this.field("reason"));
    const error = (): string => nameOf("H2_", this.field("error"));
    switch (found) {
      case http2.FOUND_HEAD:
        return `head ${id} ${this.#takeHead(stream)}${end}`;
      case http2.FOUND_DATA: {
        const from = this.field("data");
        const length = this.field("dataLength");
        const text = Buffer.from(this.#bytes.subarray(from, from + length)).toString("latin1");
        return `data ${id} ${length > 20 ? length : JSON.stringify(text)}${end}`;
      }
      case http2.FOUND_TRAILERS:
        return `trailers ${id} ${this.dump(this.streamField(stream, "trailers")).join(", ")}`;
      case http2.FOUND_RESET:
        this.module.closeStream(this.connection, stream);
        return `reset ${id} ${error()} ${reason()}`;
      case http2.FOUND_GOAWAY:
        return `goaway ${this.field("lastStream")} ${error()}`;
      case http2.FOUND_SETTINGS:
        return "settings";
      default:
        return `error ${error()} ${reason()}`;
    }
  }

  /** Reads the head that was found, and makes ready for the next. */
  #takeHead(stream: number): string {
    const isRequest = this.field("status") === 0;
    const block = isRequest ? this.field("block") : this.#blockOf(stream);
    const overflow = nameOf("REASON_", this.field("reason"));
    const text = this.dump(block).join(", ");
    this.module.clear(block, isRequest ? 4 : 1);
    if (isRequest) this.module.own(stream, 1, 0);
    return overflow === "NONE" ? text : `${overflow} ${text.slice(0, 20)}`;
  }

  readonly #blocks = new Map<number, number>();

  #blockOf(stream: number): number {
    const block = this.#blocks.get(stream);
    if (block === undefined) throw new Error("a response to nothing");
    return block;
  }

  /** The fields of a block. */
  dump(block: number): string[] {
    const target = this.module.allocate(1 << 17);
    const length = this.module.dump(block, target);
    const text = Buffer.from(this.#bytes.subarray(target, target + length)).toString("latin1");
    this.module.release(target);
    return text.split("\n").slice(0, -1);
  }

  /** Bytes that wait to be written, which the socket takes. */
  takeOutput(): Uint8Array {
    const pieces: Uint8Array[] = [];
    do {
      while (this.module.ready(this.connection) !== 0);
      const from = this.field("out");
      pieces.push(this.#bytes.slice(from, from + this.field("outLength")));
      this.module.written(this.connection);
      this.module.ready(this.connection);
    } while (this.field("outLength") > 0);
    return Buffer.concat(pieces);
  }

  /** The same as frames. */
  takeFrames(): Frame[] {
    return toFrames(this.takeOutput());
  }

  /** The same, each frame in a few words. */
  takeWords(): string[] {
    return this.takeFrames().map(describe);
  }

  /** Opens a stream as a client and sends a head; that of the response has its own block. */
  ask(headers: Readonly<Record<string, string>>, isEnd: boolean): number {
    const stream = this.module.openStream(this.connection);
    if (stream === 0) return 0;
    const block = this.module.openBlock(1);
    this.#owned.push(block);
    this.#blocks.set(stream, block);
    this.module.own(stream, 1, block);
    this.sendHead(stream, headers, isEnd, 4);
    return stream;
  }

  /** Sends a head with headers in their order. */
  sendHead(
    stream: number,
    headers: Readonly<Record<string, string>>,
    isEnd: boolean,
    pseudoCount = 1,
  ): void {
    const block = this.#build(headers, pseudoCount);
    this.module.head(this.connection, stream, block, isEnd);
    this.module.closeBlock(block);
  }

  /** Sends trailers. */
  sendTrailers(stream: number, headers: Readonly<Record<string, string>>): void {
    this.module.trailers(this.connection, stream, this.#build(headers, 0));
  }

  /** Sends a piece of a body. */
  sendBody(stream: number, text: string, isEnd: boolean): void {
    const { address, length } = this.#place(text);
    this.module.body(this.connection, stream, address, length, isEnd);
    this.module.release(address);
  }

  #build(headers: Readonly<Record<string, string>>, pseudoCount: number): number {
    const block = this.module.openBlock(pseudoCount);
    for (const [name, value] of Object.entries(headers)) {
      const key = this.#keep(name);
      const text = this.#keep(value);
      const place = PLACES[name] ?? -1;
      this.module.put(block, place, key.address, key.length, text.address, text.length);
    }
    return block;
  }

  readonly #texts = new Map<string, { address: number; length: number }>();

  #keep(text: string): { address: number; length: number } {
    const kept = this.#texts.get(text) ?? this.#place(text);
    this.#texts.set(text, kept);
    return kept;
  }

  #place(text: string): { address: number; length: number } {
    const bytes = Buffer.from(text, "latin1");
    const address = this.module.allocate(bytes.length + 32);
    this.#bytes.set(bytes, address);
    return { address, length: bytes.length };
  }
}
