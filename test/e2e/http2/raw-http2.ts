import { once } from "node:events";
import net from "node:net";
import * as http2 from "../../../api/engine/http2.ts";
import { type Frame, PREFACE, frame, settings } from "../../unit/filters/http2/frames.ts";

const HEADER_BYTES = 9;

/** A header block without tables and Huffman codes. */
function block(fields: Readonly<Record<string, string>>): Uint8Array {
  const pieces: Buffer[] = [];
  for (const [name, value] of Object.entries(fields)) {
    pieces.push(Buffer.from([0, name.length]), Buffer.from(name, "latin1"));
    pieces.push(Buffer.from([value.length]), Buffer.from(value, "latin1"));
  }
  return Buffer.concat(pieces);
}

/** HEADERS that are whole; `flags` may say that they end the stream. */
export function headers(
  stream: number,
  fields: Readonly<Record<string, string>>,
  flags = 0,
): Uint8Array {
  return frame(http2.FRAME_HEADERS, http2.FRAME_END_HEADERS | flags, stream, block(fields));
}

/** The head of a request to `a.test`. */
export function request(
  stream: number,
  fields: Readonly<Record<string, string>> = {},
  flags: number = http2.FRAME_END_STREAM,
): Uint8Array {
  const all = { ":method": "GET", ":path": "/", ":scheme": "http", ":authority": "a.test" };
  return headers(stream, { ...all, ...fields }, flags);
}

/** One end of an HTTP/2 connection that says what it is told to, right or wrong. */
export class RawHttp2 {
  readonly socket: net.Socket;
  /** What came so far. */
  readonly frames: Frame[] = [];
  onFrame: (frame: Frame) => void = () => {};
  isClosed = false;
  #bytes: Buffer = Buffer.alloc(0);
  #skip: number;

  constructor(socket: net.Socket, isServer: boolean) {
    this.socket = socket;
    this.#skip = isServer ? PREFACE.length : 0;
    socket.on("error", () => {});
    socket.on("close", () => {
      this.isClosed = true;
    });
    socket.on("data", (bytes: Buffer) => this.#onData(bytes));
  }

  /** Connects to a port of this machine and sends preface and SETTINGS. */
  static async open(
    port: number,
    ...pairs: readonly (readonly [number, number])[]
  ): Promise<RawHttp2> {
    const socket = net.connect(port, "127.0.0.1");
    await once(socket, "connect");
    const peer = new RawHttp2(socket, false);
    peer.write(PREFACE, settings(...pairs));
    return peer;
  }

  write(...pieces: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(pieces));
  }

  /** Resolves with the first frame of that type, on that stream if one is named. */
  async until(type: number, stream?: number): Promise<Frame> {
    for (;;) {
      const found = this.find(type, stream);
      if (found !== undefined) return found;
      if (this.isClosed) throw new Error("the connection is closed");
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  find(type: number, stream?: number): Frame | undefined {
    return this.frames.find(
      (each) => each.type === type && (stream === undefined || each.stream === stream),
    );
  }

  /** Bytes of DATA that came on a stream. */
  dataBytes(stream: number): number {
    const own = this.frames.filter(
      (each) => each.type === http2.FRAME_DATA && each.stream === stream,
    );
    return own.reduce((sum, { payload }) => sum + payload.length, 0);
  }

  hasEnded(stream: number): boolean {
    return this.frames.some(
      (each) =>
        (each.type === http2.FRAME_DATA || each.type === http2.FRAME_HEADERS) &&
        each.stream === stream &&
        (each.flags & http2.FRAME_END_STREAM) !== 0,
    );
  }

  close(): void {
    this.socket.destroy();
  }

  #onData(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (this.#skip > 0) {
      if (this.#bytes.length < this.#skip) return;
      this.#bytes = this.#bytes.subarray(this.#skip);
      this.#skip = 0;
    }
    while (this.#bytes.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + this.#bytes.readUIntBE(0, 3);
      if (this.#bytes.length < end) return;
      const type = this.#bytes[3];
      const flags = this.#bytes[4];
      const stream = this.#bytes.readUInt32BE(5);
      const found = { type, flags, stream, payload: this.#bytes.subarray(HEADER_BYTES, end) };
      this.#bytes = this.#bytes.subarray(end);
      this.frames.push(found);
      this.onFrame(found);
    }
  }
}

/** A server of HTTP/2 that answers with the frames it is told to. */
export class RawHttp2Upstream {
  readonly peers: RawHttp2[] = [];
  readonly port: number;
  /** SETTINGS of new connections. */
  settings: readonly (readonly [number, number])[] = [];
  /** HEADERS came. */
  serve: (peer: RawHttp2, stream: number, frame: Frame) => void = () => {};
  readonly #server: net.Server;

  private constructor(server: net.Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on("connection", (socket: net.Socket) => {
      const peer = new RawHttp2(socket, true);
      this.peers.push(peer);
      peer.write(settings(...this.settings));
      peer.onFrame = (each) => {
        if (each.type === http2.FRAME_HEADERS) this.serve(peer, each.stream, each);
      };
    });
  }

  static async listen(): Promise<RawHttp2Upstream> {
    const server = net.createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    return new RawHttp2Upstream(server, port);
  }

  close(): void {
    for (const peer of this.peers) peer.close();
    this.#server.close();
  }
}
