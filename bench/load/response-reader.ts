/**
 * Follows the responses on one connection without keeping their bytes: enough HTTP/1.1 to know
 * where each ends. It only understands Content-Length, which is what the backend sends.
 */
export class ResponseReader {
  #head = "";
  #bodyBytesLeft = 0;
  #isInBody = false;

  /** The status of the last response that began, 0 before the first. */
  status = 0;

  /**
   * Takes what was read and returns how many responses it completed.
   *
   * @throws Error for a head without a Content-Length, or over 16 KB.
   */
  receive(bytes: Buffer): number {
    let completed = 0;
    let position = 0;
    while (position < bytes.length) {
      if (!this.#isInBody) position = this.#readHead(bytes, position);
      if (!this.#isInBody) break;
      const taken = Math.min(this.#bodyBytesLeft, bytes.length - position);
      position += taken;
      this.#bodyBytesLeft -= taken;
      if (this.#bodyBytesLeft > 0) break;
      this.#isInBody = false;
      completed += 1;
    }
    return completed;
  }

  /** Returns the position behind the head, or the end of `bytes` when it goes on. */
  #readHead(bytes: Buffer, position: number): number {
    const before = this.#head.length;
    const end = Math.min(bytes.length, position + HEAD_BYTES_MAX);
    this.#head += bytes.toString("latin1", position, end);
    const headEnd = this.#head.indexOf("\r\n\r\n");
    if (headEnd < 0) {
      if (this.#head.length >= HEAD_BYTES_MAX) throw new Error("the response head has no end");
      return bytes.length;
    }
    const match = CONTENT_LENGTH.exec(this.#head.slice(0, headEnd + 2));
    if (match === null) throw new Error("the response has no Content-Length");
    this.status = Number(this.#head.slice(9, 12));
    this.#bodyBytesLeft = Number(match[1]);
    this.#isInBody = true;
    this.#head = "";
    return position + headEnd + 4 - before;
  }
}

const HEAD_BYTES_MAX = 16_384;
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+) *\r\n/i;
