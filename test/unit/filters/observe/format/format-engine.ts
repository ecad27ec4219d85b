import { HEADER_NAMES } from "../../../../../api/engine/header-names.ts";
import {
  CLUSTER_BYTES,
  CLUSTER_NAME,
  CLUSTER_OBSERVED_NAME,
  HCM_ACCESS_LOGS,
  HCM_BYTES,
  HCM_LOCAL_REPLY,
  IMAGE_HEADER_BYTES,
} from "../../../../../api/engine/image.ts";
import { RESPONSE_FLAG_NAMES } from "../../../../../api/engine/response-flags.ts";
import { ROUTE_BYTES, ROUTE_NAME, VHOST_BYTES } from "../../../../../api/engine/route-image.ts";
import type { RecordList } from "../../../../../proxy/config/compile/log/access-log.ts";
import { ImageWriter } from "../../../../../proxy/config/image/image-writer.ts";
import { type FormatExports, openFormatModule } from "./format-module.ts";

/** 64-bit floats, 64-bit and 32-bit whole numbers of a stream, with what `offsetOf` calls them. */
const FLOATS = [
  ["startMs", 0],
  ["requestEndMs", 1],
  ["upstreamStartMs", 2],
  ["upstreamSentMs", 3],
  ["upstreamFirstMs", 4],
  ["upstreamLastMs", 5],
  ["responseStartMs", 6],
  ["responseEndMs", 7],
] as const;
const LONGS = [
  ["bytesReceived", 8],
  ["bytesSent", 9],
  ["downstreamWireReceived", 10],
  ["downstreamWireSent", 11],
  ["upstreamWireReceived", 12],
  ["upstreamWireSent", 13],
] as const;
const INTEGERS = [
  ["status", 15],
  ["state", 16],
  ["version", 17],
  ["attemptCount", 18],
  ["requestHeadBytes", 19],
  ["responseHeadBytes", 20],
  ["upstreamHeadSent", 21],
  ["upstreamHeadReceived", 22],
  ["requestFieldBytes", 25],
  ["upstreamId", 26],
] as const;
const TEXTS = [
  ["details", 30],
  ["upstreamHost", 31],
  ["upstreamLocal", 32],
  ["failureReason", 33],
  ["replyBody", 34],
  ["client", 35],
  ["hostName", 36],
] as const;
const CONNECTION_TEXTS = [
  ["remoteIp", 40],
  ["remote", 41],
  ["local", 42],
] as const;
const RESPONSE_FLAGS = 14;
const STATUS = 15;
const ROUTE = 23;
const CLUSTER = 24;
const VIRTUAL_HOST = 27;
const REPLY_BODY = 34;
const CLIENT = 35;
const REMOTE_IP = 40;
const CONNECTION_ID = 43;
const REQUEST_PSEUDO = [":method", ":path", ":authority", ":scheme"];

/** The names in one of these tables. */
type NameIn<Table extends readonly (readonly [string, number])[]> = Table[number][0];

/** A stream under test. What is not given is 0, empty or absent. */
export type TestStream = Partial<
  Record<NameIn<typeof FLOATS> | NameIn<typeof LONGS> | NameIn<typeof INTEGERS>, number> &
    Record<NameIn<typeof TEXTS> | NameIn<typeof CONNECTION_TEXTS>, string>
> & {
  /** Pairs of name and value; pseudo-headers too. Values are Latin-1. */
  readonly request?: readonly (readonly [string, string])[];
  readonly response?: readonly (readonly [string, string])[];
  readonly trailers?: readonly (readonly [string, string])[];
  /** Short names. */
  readonly flags?: readonly string[];
  readonly connectionId?: number;
  /** Has the route, the virtual host and the cluster of the image. */
  readonly isRouted?: boolean;
  /** Whether `client` is the peer and not who X-Forwarded-For names. */
  readonly isPeer?: boolean;
};

/** An image for one test: what is compiled goes through `writer`. */
export class TestImage {
  readonly writer = new ImageWriter();
  readonly hcm: number;
  readonly route: number;
  readonly cluster: number;
  readonly virtualHost: number;

  constructor() {
    this.writer.reserve(IMAGE_HEADER_BYTES);
    this.hcm = this.writer.reserve(HCM_BYTES);
    this.route = this.writer.reserve(ROUTE_BYTES);
    this.writer.setText(this.route + ROUTE_NAME, "shop-route");
    this.virtualHost = this.writer.reserve(VHOST_BYTES);
    this.cluster = this.writer.reserve(CLUSTER_BYTES);
    this.writer.setText(this.cluster + CLUSTER_NAME, "shop");
    this.writer.setText(this.cluster + CLUSTER_OBSERVED_NAME, "shop-alt");
  }

  /** Gives the connection manager access logs. */
  setAccessLogs(logs: RecordList): void {
    this.writer.setList(this.hcm + HCM_ACCESS_LOGS, logs.offset, logs.count);
  }

  /** Gives the connection manager a local reply record. */
  setLocalReply(record: number): void {
    this.writer.setUint32(this.hcm + HCM_LOCAL_REPLY, record);
  }
}

/** A local reply after its mapping. */
export interface MappedReply {
  readonly status: number;
  readonly body: string;
  readonly headers: readonly (readonly [string, string])[];
}

/** The formatter of the engine. */
export class FormatEngine {
  readonly exports: FormatExports;
  readonly #scratch: number;
  #used = 0;
  #image = 0;

  private constructor(exports: FormatExports) {
    this.exports = exports;
    this.#scratch = exports.allocate(1 << 20);
  }

  /** Compiles the AssemblyScript if need be. */
  static async open(): Promise<FormatEngine> {
    return new FormatEngine(await openFormatModule());
  }

  /** Runs a program for a stream. The result is decoded as Latin-1. */
  run(image: TestImage, program: number, stream: TestStream): string {
    return this.#withStream(image, stream, (at) => {
      const length = this.exports.run(this.#image + program, at);
      return this.#read(this.exports.formatOutput(), length);
    });
  }

  /** Whether a stream passes a filter. */
  passes(image: TestImage, filter: number, stream: TestStream): boolean {
    return this.#withStream(image, stream, (at) => {
      return this.exports.passes(this.#image + filter, at) !== 0;
    });
  }

  /** Ends streams under the access logs of the image. */
  log(image: TestImage, ...streams: readonly TestStream[]): void {
    for (const stream of streams) {
      this.#withStream(image, stream, (at) => this.exports.log(at));
    }
  }

  /** The lines of a sink, which is empty afterwards. */
  takeLines(sink: number): string {
    const { exports } = this;
    const lines = this.#read(exports.logSinkAddress(sink), exports.logSinkLength(sink));
    exports.logSinkClear(sink);
    return lines;
  }

  /** Applies the local reply rules of the image. */
  mapReply(image: TestImage, stream: TestStream): MappedReply {
    return this.#withStream(image, stream, (at) => {
      this.exports.mapReply(at);
      const target = this.#scratch + (1 << 19);
      const lines = this.#read(target, this.exports.dump(at, target)).split("\n").slice(0, -1);
      const headers = lines.map((line) => {
        const space = line.indexOf(" ");
        return [line.slice(0, space), line.slice(space + 1)] as const;
      });
      const body = at + this.exports.offsetOf(REPLY_BODY);
      return {
        status: this.#bytes.readInt32LE(at + this.exports.offsetOf(STATUS)),
        body: this.#read(this.#bytes.readInt32LE(body), this.#bytes.readInt32LE(body + 4)),
        headers,
      };
    });
  }

  #withStream<T>(image: TestImage, stream: TestStream, use: (at: number) => T): T {
    const bytes = image.writer.finish();
    this.#image = this.exports.allocate(bytes.length + 16);
    this.#bytes.set(bytes, this.#image);
    this.#used = 0;
    const connection = this.#reserve(this.exports.connectionBytes());
    const at = this.exports.open(this.#image, this.#image + image.hcm, connection);
    this.#fill(at, connection, image, stream);
    const result = use(at);
    this.exports.close(at);
    this.exports.release(this.#image);
    return result;
  }

  #fill(at: number, connection: number, image: TestImage, stream: TestStream): void {
    const bytes = this.#bytes;
    const offsetOf = (field: number): number => at + this.exports.offsetOf(field);
    for (const [name, field] of FLOATS) {
      bytes.writeDoubleLE(stream[name] ?? 0, offsetOf(field));
    }
    for (const [name, field] of LONGS) {
      bytes.writeBigUInt64LE(BigInt(stream[name] ?? 0), offsetOf(field));
    }
    for (const [name, field] of INTEGERS) {
      bytes.writeInt32LE(stream[name] ?? 0, offsetOf(field));
    }
    for (const [name, field] of TEXTS) this.#setText(offsetOf(field), stream[name]);
    for (const [name, field] of CONNECTION_TEXTS) {
      this.#setText(connection + this.exports.offsetOf(field), stream[name]);
    }
    if (stream.isPeer === true) this.#copyText(offsetOf(CLIENT), connection);
    const id = connection + this.exports.offsetOf(CONNECTION_ID);
    bytes.writeInt32LE(stream.connectionId ?? 0, id);
    const flags = (stream.flags ?? []).map((flag) => RESPONSE_FLAG_NAMES.indexOf(flag));
    const bits = flags.reduce((sum, bit) => sum | (1n << BigInt(bit)), 0n);
    bytes.writeBigUInt64LE(bits, offsetOf(RESPONSE_FLAGS));
    if (stream.isRouted === true) {
      bytes.writeInt32LE(this.#image + image.route, offsetOf(ROUTE));
      bytes.writeInt32LE(this.#image + image.cluster, offsetOf(CLUSTER));
      bytes.writeInt32LE(this.#image + image.virtualHost, offsetOf(VIRTUAL_HOST));
    }
    this.#putHeaders(at, stream);
  }

  #putHeaders(at: number, stream: TestStream): void {
    const { request = [], response = [], trailers = [] } = stream;
    for (const [which, headers] of [request, response, trailers].entries()) {
      for (const [name, value] of headers) this.#put(at, which, name, value);
    }
  }

  #put(at: number, which: number, name: string, value: string): void {
    const [valueAt, valueLength] = this.#place(value);
    if (name.startsWith(":")) {
      const place = Math.max(0, REQUEST_PSEUDO.indexOf(name));
      const id = HEADER_NAMES.indexOf(name);
      this.exports.putPseudo(at, which, place, id, valueAt, valueLength);
      return;
    }
    const [nameAt, nameLength] = this.#place(name);
    this.exports.put(at, which, nameAt, nameLength, valueAt, valueLength);
  }

  /** The client of a stream is the very text of its peer. */
  #copyText(target: number, connection: number): void {
    const source = connection + this.exports.offsetOf(REMOTE_IP);
    this.#bytes.copy(this.#bytes, target, source, source + 8);
  }

  #setText(field: number, text: string | undefined): void {
    if (text === undefined) return;
    const [at, length] = this.#place(text);
    this.#bytes.writeInt32LE(at, field);
    this.#bytes.writeInt32LE(length, field + 4);
  }

  #place(text: string): [number, number] {
    const at = this.#reserve(text.length + 16);
    return [at, this.#bytes.write(text, at, "latin1")];
  }

  #reserve(size: number): number {
    const at = this.#scratch + this.#used;
    this.#used += (size + 15) & ~7;
    return at;
  }

  get #bytes(): Buffer {
    return Buffer.from(this.exports.memory.buffer);
  }

  #read(at: number, length: number): string {
    return this.#bytes.toString("latin1", at, at + length);
  }
}
