import { createHash } from "node:crypto";
import { once } from "node:events";
import type net from "node:net";
import { setImmediate } from "node:timers/promises";

/** Bytes that no two neighbours share, so that a piece that is lost or moved shows. */
const PIECE = Buffer.from(Uint32Array.from({ length: 12_345 }, (_, i) => i * 2_654_435_761).buffer);

/** Sends `length` bytes, no faster than the other end reads; returns their hash. */
export async function sendBody(
  socket: net.Socket,
  length: number,
  isChunked: boolean,
): Promise<string> {
  const hash = createHash("sha256");
  let left = length;
  while (left > 0) {
    const piece = PIECE.subarray(0, Math.min(left, PIECE.length));
    left -= piece.length;
    hash.update(piece);
    if (isChunked) socket.write(`${piece.length.toString(16)}\r\n`);
    const hasRoom = socket.write(piece);
    if (isChunked) socket.write("\r\n");
    if (!hasRoom) await once(socket, "drain");
  }
  if (isChunked) socket.write("0\r\n\r\n");
  return hash.digest("hex");
}

/** Takes the framing off a body that comes in pieces. */
export class BodyHash {
  readonly #hash = createHash("sha256");
  #head = "";
  #isInBody = false;
  #isChunked = false;
  #left = 0;
  #line = "";
  isWhole = false;
  totalBytes = 0;

  add(bytes: Buffer): void {
    let at = 0;
    while (!this.#isInBody && at < bytes.length) {
      this.#head += String.fromCharCode(bytes[at++]);
      if (this.#head.endsWith("\r\n\r\n")) this.#begin();
    }
    while (at < bytes.length) {
      if (this.#left > 0) {
        const taken = bytes.subarray(at, at + this.#left);
        this.#hash.update(taken);
        this.totalBytes += taken.length;
        this.#left -= taken.length;
        at += taken.length;
        if (this.#left === 0 && !this.#isChunked) this.isWhole = true;
      } else {
        this.#line += String.fromCharCode(bytes[at++]);
        if (this.#line.length > 2 && this.#line.endsWith("\r\n")) this.#beginChunk();
      }
    }
  }

  get digest(): string {
    return this.#hash.digest("hex");
  }

  #begin(): void {
    this.#isInBody = true;
    this.#isChunked = /transfer-encoding: chunked/i.test(this.#head);
    const length = /content-length: (\d+)/i.exec(this.#head);
    if (length !== null) this.#left = Number(length[1]);
  }

  #beginChunk(): void {
    this.#left = Number.parseInt(this.#line, 16);
    if (Number.isNaN(this.#left)) this.#left = Number.parseInt(this.#line.slice(2), 16);
    this.#line = "";
    if (this.#left === 0) this.isWhole = true;
  }
}

/** Reads a message with a turn of the event loop between two reads; calls `watch` in each. */
export async function readBody(socket: net.Socket, watch: () => void): Promise<BodyHash> {
  const body = new BodyHash();
  for await (const bytes of socket.iterator({ destroyOnReturn: false })) {
    body.add(bytes);
    watch();
    if (body.isWhole) return body;
    await setImmediate();
  }
  throw new Error(`the body ended after ${body.totalBytes} bytes`);
}
