import {
  COPY_SPARE_BYTES_MIN,
  MAIL_CONNECTION,
  MAIL_ERROR,
  MAIL_FLAGS,
  MAIL_OUT,
  MAIL_OUT_BYTES,
  MAIL_STREAM,
  SPARE_BYTES_MIN,
} from "../../api/engine/layout.ts";
import { systemRandom } from "./system-random.ts";

/** Outputs shorter than this have views that are made once. */
const VIEWS_MAX = 2048;

/** A text in the engine's memory. */
export interface KeptText {
  readonly address: number;
  readonly length: number;
}

/** The functions of `filters/index.ts`, as JavaScript sees them. Addresses are numbers. */
export interface EngineExports {
  readonly memory: WebAssembly.Memory;
  start(seed: number, wallOffsetMs: number): void;
  allocate(bytes: number): number;
  release(block: number): void;
  bytesInUse(): number;
  bytesLeft(): number;
  mailAddress(): number;
  inputAddress(): number;
  detachOutput(): number;
  openDownstream(image: number, hcm: number, flags: number, nowMs: number): number;
  setEnds(record: number, texts: number, ip: number, remote: number, local: number): void;
  setDirectEnds(record: number, texts: number, remote: number, local: number): void;
  openUpstream(cluster: number, host: number, hostBytes: number, nowMs: number): number;
  setUpstreamName(record: number, name: number, nameBytes: number): void;
  closeConnection(record: number): void;
  receive(record: number, bytes: number, nowMs: number): number;
  proceed(record: number, nowMs: number): number;
  hold(record: number): void;
  endUpstream(record: number, isReset: number, nowMs: number): number;
  setState(
    record: number,
    texts: number,
    keyBytes: number,
    valueBytes: number,
    flags: number,
  ): void;
  runStateFilter(record: number, sets: number, nowMs: number): void;
  findRequestHeader(stream: number, name: number, nameBytes: number): number;
  openTcp(record: number, nowMs: number): number;
  chooseAgain(stream: number): number;
  openRefused(record: number, nowMs: number): void;
  noteEnd(stream: number, details: number, detailsBytes: number, receivedBytes: number): void;
  echo(bytes: number): void;
  endDownstream(record: number, nowMs: number): number;
  speakRaw(record: number): void;
  enterTunnel(record: number, headerBytes: number, nowMs: number): number;
  logConnection(
    record: number,
    hcm: number,
    flagBit: number,
    receivedBytes: number,
    sentBytes: number,
    nowMs: number,
  ): void;
  noteFlag(stream: number, flagBit: number): void;
  logNow(stream: number, type: number, nowMs: number): void;
  attempt(stream: number, upstream: number, nowMs: number): number;
  refuseRequest(stream: number, error: number, nowMs: number): number;
  noteEndpoint(
    stream: number,
    host: number,
    hostBytes: number,
    name: number,
    nameBytes: number,
  ): void;
  noteConnectFailure(stream: number, reason: number, reasonBytes: number): void;
  countMirrors(stream: number): number;
  openMirror(stream: number, place: number, nowMs: number): number;
  detach(stream: number): void;
  replyLocally(
    stream: number,
    status: number,
    flagBit: number,
    grpcStatus: number,
    texts: number,
    detailsBytes: number,
    bodyBytes: number,
    nowMs: number,
  ): number;
  abandon(
    stream: number,
    flagBit: number,
    texts: number,
    detailsBytes: number,
    nowMs: number,
  ): void;
  openHttp2(record: number, nowMs: number): void;
  openLane(record: number): number;
  mayOpenLane(record: number): number;
  isLaneRefused(lane: number): number;
  flushHttp2(record: number): void;
  drainHttp2(record: number, isLast: number): void;
  endHttp2(record: number): void;
  expireHttp2(record: number, timeoutMs: number, nowMs: number): number;
  expireSettings(record: number): number;
  isHeadUnfinished(record: number): number;
  pingHttp2(record: number): void;
  pingsAnswered(record: number): number;
  countHttp2(record: number, counter: number): void;
  http2Waiting(record: number): number;
  http2Streams(record: number): number;
  laneWaiting(record: number): number;
  pauseLane(record: number, isPaused: number): void;
  setFacts(record: number, facts: number): void;
  drainConnection(record: number): void;
  setHealthFailed(isFailed: number): void;
  logExchange(
    record: number,
    requestBytes: number,
    responseBytes: number,
    receivedBytes: number,
    sentBytes: number,
    startMs: number,
    nowMs: number,
  ): void;
  rebase(record: number, image: number, hcm: number): void;
  recordTime(place: number, valueMs: number): void;
  canReplay(stream: number): number;
  takeOpening(record: number): number;
  logSinkAddress(sink: number): number;
  logSinkLength(sink: number): number;
  logSinkLines(sink: number): number;
  logSinkDropped(sink: number): number;
  logPendingBytes(): number;
  newestMethod(): number;
  setZone(offsetSeconds: number): void;
  logSinkClear(sink: number): void;
}

/** Bytes that sockets may read at once: `INPUT_BYTES` of the engine. */
const INPUT_BYTES = 65_536;
const TEXT_BYTES = 8192;
/** What the engine's generator of random numbers begins with. */
const SEED_BYTES = 32;

/**
 * The typed face of the Wasm module: calls, views on its memory, and the mailbox. Memory never
 * grows, so the views stay valid for the life of the worker.
 */
export class Engine {
  readonly calls: EngineExports;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly words: Int32Array;
  readonly floats: Float64Array;
  /** The region into which every socket of the worker reads. */
  readonly input: Uint8Array<ArrayBuffer>;
  readonly #mail: number;
  readonly #texts: number;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  /** A view on the output region for each length: making one costs as much as a small copy. */
  readonly #views: (Uint8Array | null)[] = new Array(VIEWS_MAX).fill(null);
  readonly #keptTexts = new Map<string, KeptText>();
  #regionsHeld = 0;

  /** Instantiates the module and builds its tables. */
  constructor(module: WebAssembly.Module) {
    const instance = new WebAssembly.Instance<EngineExports>(module, {});
    this.calls = instance.exports;
    const buffer = this.calls.memory.buffer;
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    this.floats = new Float64Array(buffer);
    this.#texts = this.calls.allocate(TEXT_BYTES);
    this.bytes.set(systemRandom(SEED_BYTES), this.#texts);
    this.calls.start(this.#texts, Date.now() - performance.now());
    this.#mail = this.calls.mailAddress() >> 2;
    const input = this.calls.inputAddress();
    this.input = new Uint8Array(buffer, input, INPUT_BYTES);
  }

  /** Flags of the last event: `FLAG_*`. */
  get mailFlags(): number {
    return this.words[this.#mail + (MAIL_FLAGS >> 2)];
  }

  /** Address of the stream of the last event, or 0. */
  get mailStream(): number {
    return this.words[this.#mail + (MAIL_STREAM >> 2)];
  }

  /** Address of the connection, or lane, of the last event of an HTTP/2 connection. */
  get mailConnection(): number {
    return this.words[this.#mail + (MAIL_CONNECTION >> 2)];
  }

  /** Codec error of the last event that reports one. */
  get mailError(): number {
    return this.words[this.#mail + (MAIL_ERROR >> 2)];
  }

  /** Length of the output of the last event, in bytes. */
  get outputBytes(): number {
    return this.words[this.#mail + (MAIL_OUT_BYTES >> 2)];
  }

  /** The output of the last event. Valid until the next call, unless it is detached. Hot. */
  output(): Uint8Array {
    const from = this.words[this.#mail + (MAIL_OUT >> 2)];
    const length = this.words[this.#mail + (MAIL_OUT_BYTES >> 2)];
    if (length >= VIEWS_MAX) return this.bytes.subarray(from, from + length);
    const known = this.#views[length];
    if (known !== null && known.byteOffset === from) return known;
    const view = this.bytes.subarray(from, from + length);
    this.#views[length] = view;
    return view;
  }

  /** Puts bytes before the `length` that the input region has. There is room for a few. */
  prependInput(bytes: Uint8Array, length: number): void {
    const start = this.input.byteOffset;
    this.bytes.copyWithin(start + bytes.length, start, start + length);
    this.bytes.set(bytes, start);
  }

  /** How many output regions are held by writes. */
  get regionsHeld(): number {
    return this.#regionsHeld;
  }

  /** Takes the present output region out of use, until it is released. Returns its address. */
  holdRegion(): number {
    this.#regionsHeld++;
    return this.calls.detachOutput();
  }

  /** Gives back a region from `holdRegion`. */
  releaseRegion(region: number): void {
    this.#regionsHeld--;
    this.calls.release(region);
  }

  /** True when so little memory is left that no more input may be kept. */
  get isScarce(): boolean {
    return this.calls.bytesLeft() < SPARE_BYTES_MIN;
  }

  /** True when there is memory for bodies that are kept for mirrors alone. */
  get hasSpare(): boolean {
    return this.calls.bytesLeft() >= COPY_SPARE_BYTES_MIN;
  }

  /** A text in the engine's memory. */
  textAt(address: number, length: number): string {
    return this.#decoder.decode(this.bytes.subarray(address, address + length));
  }

  /** A 32-bit field of a record. */
  field(record: number, offset: number): number {
    return this.words[(record + offset) >> 2];
  }

  /** Places texts one behind the other for a call that takes them; returns their lengths. */
  placeTexts(texts: readonly string[]): { address: number; lengths: number[] } {
    const lengths: number[] = [];
    let at = this.#texts;
    for (const text of texts) {
      const room = this.bytes.subarray(at, this.#texts + TEXT_BYTES);
      const { written } = this.#encoder.encodeInto(text, room);
      lengths.push(written);
      at += written;
    }
    return { address: this.#texts, lengths };
  }

  /** Copies a text into memory of its own that lives as long as the engine, once per text. */
  keepText(text: string): KeptText {
    const known = this.#keptTexts.get(text);
    if (known !== undefined) return known;
    const bytes = this.#encoder.encode(text);
    const address = this.calls.allocate(bytes.length + 16);
    this.bytes.set(bytes, address);
    const kept = { address, length: bytes.length };
    this.#keptTexts.set(text, kept);
    return kept;
  }
}
