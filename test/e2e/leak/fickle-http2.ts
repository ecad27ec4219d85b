import { once } from "node:events";
import net from "node:net";
import * as http2 from "../../../api/engine/http2.ts";
import {
  data,
  type Frame,
  frame,
  rstStream,
  settings,
  words,
} from "../../unit/filters/http2/frames.ts";
import { headers, RawHttp2 } from "../http2/raw-http2.ts";

const { FRAME_DATA, FRAME_END_STREAM: END, FRAME_HEADERS } = http2;
const OK = { ":status": "200" };
/** As much of a body as a frame holds. */
const PIECE = "x".repeat(16_384);

/** What is done about a request that is whole. */
type Way = (peer: RawHttp2, stream: number) => void;

const goAway = (last: number): Uint8Array => frame(http2.FRAME_GOAWAY, 0, 0, words(last, 0));
const PING = frame(http2.FRAME_PING, 0, 0, words(1, 2));

/** One after the other, whatever is asked for. */
const WAYS: readonly Way[] = [
  (peer, id) => peer.write(headers(id, OK), data(id, "fine"), headers(id, { "x-sum": "4" }, END)),
  (peer, id) => peer.write(headers(id, OK, END)),
  (peer, id) => peer.write(headers(id, { ":status": "103" }), headers(id, OK), data(id, "x", END)),
  (peer, id) => {
    peer.write(headers(id, OK), ...Array.from({ length: 12 }, () => data(id, PIECE)));
    peer.write(data(id, "end", END));
  },
  (peer, id) => peer.write(rstStream(id, http2.H2_REFUSED_STREAM)),
  (peer, id) => peer.write(headers(id, OK), data(id, "half"), rstStream(id, http2.H2_CANCEL)),
  (peer, id) => peer.write(goAway(id), headers(id, OK), data(id, "last", END)),
  (peer, id) => peer.write(goAway(Math.max(0, id - 2))),
  (peer, id) => peer.write(headers(id, { ":status": "200", "X-Upper": "a" }, END)),
  (peer, id) => peer.write(headers(id, { ...OK, "content-length": "9" }), data(id, "x", END)),
  (peer, id) => peer.write(...Array.from({ length: 50 }, () => PING), headers(id, OK, END)),
  (peer, id) => {
    peer.write(headers(id, OK), data(id, "half"));
    peer.close();
  },
  (peer) => peer.socket.resetAndDestroy(),
  (peer) => peer.write(data(0, "nowhere")),
  (peer, id) => {
    const block = Buffer.alloc(16_000, 1);
    const more = frame(http2.FRAME_CONTINUATION, 0, id, block);
    peer.write(frame(FRAME_HEADERS, 0, id, block), ...Array.from({ length: 20 }, () => more));
  },
];

/** An upstream of HTTP/2 that behaves otherwise with every request. */
export class FickleHttp2 {
  readonly #server: net.Server;
  readonly #open = new Set<net.Socket>();
  #count = 0;

  private constructor() {
    this.#server = net.createServer((socket) => {
      this.#open.add(socket);
      socket.once("close", () => this.#open.delete(socket));
      const peer = new RawHttp2(socket, true);
      peer.write(settings());
      peer.onFrame = (each) => this.#onFrame(peer, each);
    });
  }

  static async listen(): Promise<FickleHttp2> {
    const fickle = new FickleHttp2();
    fickle.#server.listen(0, "127.0.0.1");
    await once(fickle.#server, "listening");
    return fickle;
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  /** Closes the connections that are open. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }

  #onFrame(peer: RawHttp2, { type, flags, stream }: Frame): void {
    // A connection carries thousands of streams, and nothing is looked for among its frames.
    peer.frames.length = 0;
    const endsStream = (type === FRAME_HEADERS || type === FRAME_DATA) && (flags & END) !== 0;
    if (endsStream) WAYS[this.#count++ % WAYS.length](peer, stream);
  }
}
