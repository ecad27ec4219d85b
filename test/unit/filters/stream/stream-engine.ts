import type { JsonObject } from "@bufbuild/protobuf";
import { H_AUTHORITY, H_METHOD, H_PATH, H_SCHEME } from "../../../../api/engine/header-names.ts";
import { FRAMING_NONE } from "../../../../api/engine/http1.ts";
import {
  CLUSTER_BYTES,
  CLUSTER_STATS,
  HCM_BUFFER_BYTES_MAX,
  HCM_STATS,
  IMAGE_CLUSTERS,
  IMAGE_LOCAL_ADDRESS,
} from "../../../../api/engine/image.ts";
import {
  HTTP_COUNTERS,
  HTTP_STATS_BYTES,
  UPSTREAM_COUNTERS,
  UPSTREAM_STATS_BYTES,
} from "../../../../api/engine/stats.ts";
import { buildImage, type TestRequest } from "../route/route-engine.ts";
import { FIELD, openStreamModule, type StreamExports } from "./stream-module.ts";

/** Framing and length of the body of a request under test. */
export interface TestBody {
  readonly framing: number;
  readonly length?: number;
}

/** The listener's limit in every image under test. */
export const LISTENER_BYTES_MAX = 1000;

/** Streams of the engine, with one route configuration. */
export class StreamEngine {
  readonly exports: StreamExports;
  readonly #scratch: number;
  readonly #target: number;
  readonly #stats: { readonly http: number; readonly upstream: number };
  #used = 0;
  #image = 0;
  #hcm = 0;

  private constructor(exports: StreamExports) {
    this.exports = exports;
    this.#scratch = exports.allocate(1 << 20);
    this.#target = exports.allocate(1 << 20);
    this.#stats = {
      http: exports.allocate(HTTP_STATS_BYTES),
      upstream: exports.allocate(UPSTREAM_STATS_BYTES),
    };
  }

  /** Compiles the AssemblyScript if need be. */
  static async open(): Promise<StreamEngine> {
    return new StreamEngine(await openStreamModule());
  }

  /** Puts a route configuration in the place of the last one; nothing is counted yet. */
  load(config: JsonObject, localAddress = ""): void {
    const { bytes, hcm } = buildImage(config);
    if (this.#image !== 0) this.exports.release(this.#image);
    this.#image = this.exports.allocate(bytes.length + 128);
    this.#hcm = this.#image + hcm;
    const view = this.#view;
    view.set(bytes, this.#image);
    view.write(localAddress, this.#image + bytes.length);
    view.writeUInt32LE(bytes.length, this.#image + IMAGE_LOCAL_ADDRESS);
    view.writeUInt32LE(localAddress.length, this.#image + IMAGE_LOCAL_ADDRESS + 4);
    view.writeUInt32LE(this.#stats.http, this.#hcm + HCM_STATS);
    view.writeUInt32LE(LISTENER_BYTES_MAX, this.#hcm + HCM_BUFFER_BYTES_MAX);
    const clusters = this.#image + view.readUInt32LE(this.#image + IMAGE_CLUSTERS);
    const clusterCount = view.readUInt32LE(this.#image + IMAGE_CLUSTERS + 4);
    for (let place = 0; place < clusterCount; place++) {
      const record = clusters + place * CLUSTER_BYTES;
      view.writeUInt32LE(this.#stats.upstream, record + CLUSTER_STATS);
    }
    view.fill(0, this.#stats.http, this.#stats.http + HTTP_STATS_BYTES);
    view.fill(0, this.#stats.upstream, this.#stats.upstream + UPSTREAM_STATS_BYTES);
  }

  /** A stream whose request was routed. */
  open(request: TestRequest, body: TestBody = { framing: FRAMING_NONE }, flags = 0): number {
    this.#used = 0;
    const { framing, length = -1 } = body;
    const stream = this.exports.open(this.#image, this.#hcm, flags, framing, BigInt(length));
    const { method = "GET", path = "/", authority = "a.test", scheme = "http" } = request;
    for (const [place, [id, value]] of [
      [H_METHOD, method] as const,
      [H_PATH, path] as const,
      [H_AUTHORITY, authority] as const,
      [H_SCHEME, scheme] as const,
    ].entries()) {
      this.exports.putPseudo(stream, place, id, ...this.place(value));
    }
    for (const [name, value] of request.headers ?? []) this.put(stream, 0, name, value);
    this.exports.select(stream);
    return stream;
  }

  /** Gives a request another path, and routes it anew. */
  moveTo(stream: number, path: string): void {
    this.exports.putPseudo(stream, 1, H_PATH, ...this.place(path));
    this.exports.select(stream);
  }

  /** Adds a header to the request, or to the response. */
  put(stream: number, isResponse: 0 | 1, name: string, value: string): void {
    this.exports.put(stream, isResponse, ...this.place(name), ...this.place(value));
  }

  /** Puts a text in memory; returns its address and length. */
  place(text: string): [number, number] {
    const at = this.#scratch + this.#used;
    const length = this.#view.write(text, at, "latin1");
    this.#used += length + 16;
    return [at, length];
  }

  /** Makes the texts that were placed unreadable. */
  spoil(): void {
    this.#view.fill(0x5a, this.#scratch, this.#scratch + this.#used);
  }

  /** The headers of a request as lines; pseudo-headers come first. */
  lines(stream: number): string[] {
    return this.#read(this.exports.dump(stream, this.#target)).split("\n").slice(0, -1);
  }

  field(stream: number, name: keyof typeof FIELD): number {
    return this.exports.field(stream, FIELD[name]);
  }

  /** The body that a mirror got, or `null` when it is not whole. */
  mirrorBody(mirror: number): string | null {
    const length = this.exports.readMirror(mirror, this.#target);
    return length < 0 ? null : this.#read(length);
  }

  /** The trailers that a mirror got, as lines. */
  mirrorTrailers(mirror: number): string[] {
    return this.#read(this.exports.dumpTrailers(mirror, this.#target)).split("\n").slice(0, -1);
  }

  /** Names of the statistics that are not 0, and their values. */
  counted(): Record<string, number> {
    const read = (names: readonly string[], at: number) =>
      names.map((name, place) => [name, this.#view.readDoubleLE(at + place * 8)] as const);
    const all = [
      ...read(HTTP_COUNTERS, this.#stats.http),
      ...read(UPSTREAM_COUNTERS, this.#stats.upstream),
    ];
    return Object.fromEntries(all.filter(([, value]) => value !== 0));
  }

  /** Bytes of memory as text. */
  text(address: number, length: number): string {
    return this.#view.toString("latin1", address, address + length);
  }

  /** A 32-bit number in memory. */
  word(address: number): number {
    return this.#view.readInt32LE(address);
  }

  #read(length: number): string {
    return this.text(this.#target, length);
  }

  get #view(): Buffer {
    return Buffer.from(this.exports.memory.buffer);
  }
}
