import { once } from "node:events";
import {
  type ClientHttp2Session,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type Settings,
  connect,
  performServerHandshake,
} from "node:http2";
import { type Duplex, duplexPair } from "node:stream";
import type { Field } from "./plain-hpack.ts";

/*
 * Node's HTTP/2, which is nghttp2, at one end of a pair of streams in this process. At the other
 * end are frames.
 */

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const FRAME_HEAD_BYTES = 9;
const HEADERS = 1;
const SETTINGS = 4;
const CONTINUATION = 9;
const FLAG_ACK = 1;
const FLAG_END_STREAM = 1;
const FLAG_END_HEADERS = 4;
const FLAG_PRIORITY = 0x20;
const PRIORITY_BYTES = 5;
const HEADER_TABLE_SIZE = 1;

interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly payload: Buffer;
}

function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function tableSizeSetting(bytes: number): Buffer {
  const setting = Buffer.alloc(6);
  setting.writeUInt16BE(HEADER_TABLE_SIZE, 0);
  setting.writeUInt32BE(bytes, 2);
  return setting;
}

/** Collects frames that Node writes, behind `skipped` bytes. */
class FrameReader {
  readonly #wire: Duplex;
  #bytes = Buffer.alloc(0);
  #skipped: number;

  constructor(wire: Duplex, skipped: number) {
    this.#wire = wire;
    this.#skipped = skipped;
  }

  /** The next header block, whatever frames come before it. */
  async readBlock(): Promise<Buffer> {
    const parts: Buffer[] = [];
    while (true) {
      const { type, flags, payload } = await this.#readFrame();
      if (type !== HEADERS && type !== CONTINUATION) continue;
      const hasPriority = type === HEADERS && (flags & FLAG_PRIORITY) !== 0;
      parts.push(payload.subarray(hasPriority ? PRIORITY_BYTES : 0));
      if ((flags & FLAG_END_HEADERS) !== 0) return Buffer.concat(parts);
    }
  }

  /** Waits until Node has taken over the settings that were sent last. */
  async readAcknowledgement(): Promise<void> {
    while (true) {
      const { type, flags } = await this.#readFrame();
      if (type === SETTINGS && (flags & FLAG_ACK) !== 0) return;
    }
  }

  async #readFrame(): Promise<Frame> {
    while (true) {
      const bytes = this.#bytes.subarray(this.#skipped);
      const length = bytes.length < FRAME_HEAD_BYTES ? 0 : bytes.readUIntBE(0, 3);
      const end = FRAME_HEAD_BYTES + length;
      if (bytes.length >= end) {
        this.#bytes = bytes.subarray(end);
        this.#skipped = 0;
        return { type: bytes[3], flags: bytes[4], payload: bytes.subarray(FRAME_HEAD_BYTES, end) };
      }
      const chunk: unknown = this.#wire.read();
      if (Buffer.isBuffer(chunk)) this.#bytes = Buffer.concat([this.#bytes, chunk]);
      else await once(this.#wire, "readable");
    }
  }
}

/** Node as the side that sends requests. */
export class NodeRequester {
  readonly #session: ClientHttp2Session;
  readonly #wire: Duplex;
  readonly #reader: FrameReader;

  constructor() {
    const [near, far] = duplexPair();
    this.#wire = far;
    this.#reader = new FrameReader(far, PREFACE.length);
    this.#session = connect("http://a.b", { createConnection: () => near });
    // Closing it ends streams that were never answered.
    this.#session.on("error", () => {});
    far.write(frame(SETTINGS, 0, 0, Buffer.alloc(0)));
  }

  /** The header block that Node makes of a request. */
  async encode(headers: OutgoingHttpHeaders): Promise<Buffer> {
    this.#session.request(headers, { endStream: true }).on("error", () => {});
    return this.#reader.readBlock();
  }

  /** Says how large the table may be from now on; resolves when Node has taken it over. */
  async limit(bytes: number): Promise<void> {
    this.#wire.write(frame(SETTINGS, 0, 0, tableSizeSetting(bytes)));
    await this.#reader.readAcknowledgement();
  }

  close(): void {
    this.#session.destroy();
    this.#wire.destroy();
  }
}

/** Node as the side that takes requests. */
export class NodeResponder {
  readonly #session: ServerHttp2Session;
  readonly #wire: Duplex;
  #streamId = 1;

  constructor(settings: Settings) {
    const [near, far] = duplexPair();
    this.#wire = far;
    this.#session = performServerHandshake(near, { settings });
    far.resume();
    far.write(PREFACE);
    far.write(frame(SETTINGS, 0, 0, Buffer.alloc(0)));
    // What we send next comes behind Node's own settings, which we have taken over so.
    far.write(frame(SETTINGS, FLAG_ACK, 0, Buffer.alloc(0)));
  }

  /** The fields that Node reads from a header block; rejects when it ends the connection. */
  async decode(block: Uint8Array): Promise<Field[]> {
    const flags = FLAG_END_STREAM | FLAG_END_HEADERS;
    const arrived = once(this.#session, "stream");
    this.#wire.write(frame(HEADERS, flags, this.#streamId, block));
    this.#streamId += 2;
    const raw: unknown = (await arrived)[3];
    if (!Array.isArray(raw)) throw new Error("Node tells the fields as they came");
    return Array.from({ length: raw.length / 2 }, (_, at) => [
      String(raw[2 * at]),
      String(raw[2 * at + 1]),
    ]);
  }

  close(): void {
    this.#session.destroy();
    this.#wire.destroy();
  }
}
