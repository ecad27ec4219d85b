import { MeshError } from "../../../api/errors.ts";

/** Largest image, in bytes: far above what 100,000 routes take. */
const IMAGE_BYTES_MAX = 64 * 1024 * 1024;
const ALIGNMENT = 8;

/**
 * A growing block of bytes with references as offsets from its start. Offset 0 is taken by the
 * header, so that 0 can mean "none". Equal texts are stored once.
 */
export class ImageWriter {
  #bytes = new Uint8Array(64 * 1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #texts = new Map<string, number>();
  readonly #encoder = new TextEncoder();

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Sets aside `size` zeroed bytes, aligned to 8, and returns their offset. */
  reserve(size: number): number {
    const offset = (this.#length + ALIGNMENT - 1) & -ALIGNMENT;
    this.#grow(offset + size);
    this.#length = offset + size;
    return offset;
  }

  /** Writes an unsigned 32-bit number. */
  setUint32(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }

  /** Writes a signed 32-bit number. */
  setInt32(offset: number, value: number): void {
    this.#view.setInt32(offset, value, true);
  }

  /** Writes a 64-bit float. */
  setFloat64(offset: number, value: number): void {
    this.#view.setFloat64(offset, value, true);
  }

  /** Writes an unsigned 64-bit number. */
  setUint64(offset: number, value: bigint): void {
    this.#view.setBigUint64(offset, value, true);
  }

  /** Copies bytes to where they were reserved. */
  setBytes(offset: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, offset);
  }

  /** Writes a text reference (offset, length) at `offset`; the text is stored as UTF-8. */
  setText(offset: number, text: string): void {
    const bytes = this.#encoder.encode(text);
    this.setUint32(offset, bytes.length === 0 ? 0 : this.#placeText(text, bytes));
    this.setUint32(offset + 4, bytes.length);
  }

  /** Writes a reference to bytes, aligned to 8, and their length at `offset`. */
  setBlob(offset: number, bytes: Uint8Array): void {
    const at = this.reserve(bytes.length + ALIGNMENT * 2);
    this.setBytes(at, bytes);
    this.setUint32(offset, at);
    this.setUint32(offset + 4, bytes.length);
  }

  /** Writes a list reference (offset, count) at `offset`. */
  setList(offset: number, target: number, count: number): void {
    this.setUint32(offset, count === 0 ? 0 : target);
    this.setUint32(offset + 4, count);
  }

  /** The finished bytes. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, (this.#length + ALIGNMENT - 1) & -ALIGNMENT);
  }

  #placeText(text: string, bytes: Uint8Array): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    // Engine code may look at up to 16 bytes behind a text.
    const offset = this.reserve(bytes.length + 16);
    this.setBytes(offset, bytes);
    this.#texts.set(text, offset);
    return offset;
  }

  #grow(length: number): void {
    if (length <= this.#bytes.length) return;
    if (length > IMAGE_BYTES_MAX) {
      const detail = `the configuration compiles to more than ${IMAGE_BYTES_MAX} bytes`;
      throw new MeshError("CONFIG_INVALID", detail, {});
    }
    const bytes = new Uint8Array(Math.max(length, this.#bytes.length * 2));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
