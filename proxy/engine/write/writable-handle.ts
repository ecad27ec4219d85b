/** A write that the kernel did not take at once: node's WriteWrap. */
export interface WriteRequest {
  /** Called once when the write ends; below 0 is a libuv error, also for a handle that closed. */
  oncomplete: (status: number) => void;
  /** Keeps the bytes alive. */
  buffer: Uint8Array;
  /** A status when the write ended before `oncomplete` was set, or null. */
  readonly writeStatus?: number | null;
}

/** Node's TCP or pipe handle, as far as writing goes. */
export interface WritableHandle {
  /** Whether the bytes of a write that goes on are not looked at any more. */
  readonly isDoneWithBytes?: boolean;
  /**
   * Returns 0 when the kernel took everything, a libuv error below 0, or the write that goes on.
   */
  writeBuffer(request: null, bytes: Uint8Array): number | WriteRequest;
}
