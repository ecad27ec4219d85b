const decoder = new TextDecoder();

/** Reads the fields of records in an image. */
export class ImageReader {
  readonly #view: DataView;

  constructor(view: DataView) {
    this.#view = view;
  }

  /** An unsigned 32-bit number. */
  uint32(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  /** A signed 32-bit number. */
  int32(offset: number): number {
    return this.#view.getInt32(offset, true);
  }

  /** The text that the reference at `offset` stands for. */
  text(offset: number): string {
    const { target, count } = this.list(offset);
    return decoder.decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + target, count));
  }

  /** A list reference. */
  list(offset: number): { readonly target: number; readonly count: number } {
    return { target: this.uint32(offset), count: this.uint32(offset + 4) };
  }
}
