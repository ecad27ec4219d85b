import type { Engine } from "./engine.ts";
import type { Flushable, FlushQueue } from "./flush-queue.ts";
import type { Transport, TransportListener } from "./transport.ts";

/** Bytes that wait for the reader, in the engine's memory. */
interface Piece {
  readonly address: number;
  readonly length: number;
  /** How much of it was read. */
  taken: number;
}

/**
 * One end of a connection that does not leave the worker: what one end writes is copied within the
 * engine's memory, and read by the other end in the same turn of the event loop, but not within
 * the call that wrote it.
 */
export class InternalTransport implements Transport, Flushable {
  readonly #engine: Engine;
  readonly #queue: FlushQueue;
  #peer: InternalTransport | null = null;
  #listener: TransportListener | null = null;
  readonly #inbox: Piece[] = [];
  #inboxBytes = 0;
  #isPaused = false;
  /** The peer will write no more; and whether that was told here. */
  #hasEnded = false;
  #isEndTold = false;
  /** No more is written here; and whether the peer was told. */
  #isOutputClosed = false;
  #hasSentEnd = false;
  #isPeerClosed = false;
  #isClosed = false;
  readonly #whenSent: (() => void)[] = [];

  private constructor(engine: Engine, queue: FlushQueue) {
    this.#engine = engine;
    this.#queue = queue;
  }

  /** Makes both ends of a connection. */
  static pair(engine: Engine, queue: FlushQueue): [InternalTransport, InternalTransport] {
    const one = new InternalTransport(engine, queue);
    const other = new InternalTransport(engine, queue);
    one.#peer = other;
    other.#peer = one;
    return [one, other];
  }

  get waitingBytes(): number {
    return this.#peer === null ? 0 : this.#peer.#inboxBytes;
  }

  /** Whether the other end is gone, and there is nothing to read. */
  get isLost(): boolean {
    return this.#isPeerClosed && this.#inbox.length === 0;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  listen(listener: TransportListener): void {
    this.#listener = listener;
    if (this.#inbox.length > 0 || this.#hasEnded) this.#queue.deliver(this);
  }

  read(bytes: number): void {
    this.#listener?.onRead(bytes);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#queue.deliver(this);
  }

  writeOutput(): void {
    this.writeBytes(this.#engine.output());
  }

  /** Writes bytes from anywhere. They are copied. */
  writeBytes(bytes: Uint8Array): void {
    const peer = this.#peer;
    if (this.#isOutputClosed || this.#isClosed || peer === null) return;
    if (peer.#isClosed) {
      this.#isOutputClosed = true;
      process.nextTick(() => this.#listener?.onBroken());
      return;
    }
    const { length } = bytes;
    if (length === 0) return;
    if (this.#engine.isScarce) {
      // Nothing is kept for peers that make us wait, and half of what is said is worse than none.
      this.#isOutputClosed = true;
      process.nextTick(() => this.#break());
      return;
    }
    const address = this.#engine.calls.allocate(length);
    this.#engine.bytes.set(bytes, address);
    peer.#take({ address, length, taken: 0 });
  }

  end(): void {
    if (this.#isOutputClosed) return;
    this.#isOutputClosed = true;
    this.#hasSentEnd = true;
    const peer = this.#peer;
    if (peer === null) return;
    peer.#hasEnded = true;
    this.#queue.deliver(peer);
  }

  whenSent(callback: () => void): void {
    if (this.waitingBytes === 0) callback();
    else this.#whenSent.push(callback);
  }

  closeOutput(): void {
    this.#isOutputClosed = true;
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#drop();
    const peer = this.#peer;
    if (peer === null || peer.#isClosed) return;
    // What was written before goes on, as it does in TCP.
    peer.#hasEnded = true;
    peer.#isPeerClosed = true;
    this.#queue.deliver(peer);
  }

  reset(): void {
    this.destroy();
  }

  /** Gives what has come to the listener. Called by the queue. */
  flush(): void {
    if (this.#listener === null || this.#isClosed) return;
    let isRead = false;
    while (this.#inbox.length > 0 && !this.#isPaused) {
      this.#readOne();
      isRead = true;
      if (this.#isClosed) break;
    }
    if (isRead && this.#peer !== null) this.#peer.#onTaken();
    if (this.#isClosed || this.#inbox.length > 0 || !this.#hasEnded) return;
    if (this.#isPeerClosed && !this.#isEndTold && !this.#hasSentEnd) {
      // Envoy's connections within the process are cut where one end is closed before both have
      // ended, also when all was read: HTTP/2 then has a reset, and not the end of a stream.
      this.#listener.onClosed(resetError());
      return;
    }
    if (!this.#isEndTold) {
      this.#isEndTold = true;
      this.#listener.onEnd();
    }
    if (this.#isPeerClosed && !this.#isClosed) this.#listener.onClosed(null);
  }

  /** Gives a piece to who listens now: another one may, after the piece before. */
  #readOne(): void {
    const piece = this.#inbox[0];
    const { input, bytes } = this.#engine;
    const length = Math.min(piece.length - piece.taken, input.length);
    const from = piece.address + piece.taken;
    bytes.copyWithin(input.byteOffset, from, from + length);
    piece.taken += length;
    this.#inboxBytes -= length;
    if (piece.taken === piece.length) {
      this.#inbox.shift();
      this.#engine.calls.release(piece.address);
    }
    this.#listener?.onRead(length);
  }

  #take(piece: Piece): void {
    this.#inbox.push(piece);
    this.#inboxBytes += piece.length;
    this.#queue.deliver(this);
  }

  /** The peer has read some of what was written here. */
  #onTaken(): void {
    if (this.#isClosed) return;
    if (this.waitingBytes === 0) for (const callback of this.#whenSent.splice(0)) callback();
    if (!this.#isClosed) this.#listener?.onWritten();
  }

  /** Closes both ends, as a reset does. */
  #break(): void {
    if (this.#isClosed) return;
    this.destroy();
    this.#listener?.onClosed(null);
  }

  #drop(): void {
    for (const { address } of this.#inbox.splice(0)) this.#engine.calls.release(address);
    this.#inboxBytes = 0;
  }
}

function resetError(): NodeJS.ErrnoException {
  return Object.assign(new Error("the other end was closed"), { code: "ECONNRESET" });
}
