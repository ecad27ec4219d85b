import type { WritableHandle, WriteRequest } from "./writable-handle.ts";

/**
 * Node's handle of a TLS socket, for several writes. It has encrypted what it is given when it
 * returns, but says that it has sent it in a later turn at the soonest, and a second write before
 * that ends the process. So writes wait here for the one that is under way, and then go together.
 */
export class TlsHandle implements WritableHandle {
  readonly isDoneWithBytes = true;
  readonly #handle: WritableHandle;
  #waiting: WriteRequest[] = [];
  #isBusy = false;

  constructor(handle: WritableHandle) {
    this.#handle = handle;
  }

  /** What has to wait is not copied. */
  writeBuffer(_: null, bytes: Uint8Array): number | WriteRequest {
    if (!this.#isBusy) return this.#write(bytes);
    const request: WriteRequest = { oncomplete: () => {}, buffer: bytes };
    this.#waiting.push(request);
    return request;
  }

  #write(bytes: Uint8Array): number | WriteRequest {
    const inner = this.#handle.writeBuffer(null, bytes);
    if (typeof inner === "number" || typeof inner.writeStatus === "number") return inner;
    this.#isBusy = true;
    const request: WriteRequest = { oncomplete: () => {}, buffer: bytes };
    inner.oncomplete = (status) => {
      this.#isBusy = false;
      // First, so that nothing which is written then overtakes it.
      this.#writeWaiting(status);
      request.oncomplete(status);
    };
    return request;
  }

  /** @param status Of the write before: after one that failed, none goes on. */
  #writeWaiting(status: number): void {
    if (this.#waiting.length === 0) return;
    const requests = this.#waiting;
    this.#waiting = [];
    const bytes = requests.length === 1 ? requests[0].buffer : join(requests);
    const result = status < 0 ? status : this.#write(bytes);
    const complete = (outcome: number): void => {
      for (const request of requests) request.oncomplete(outcome);
    };
    if (typeof result === "number") complete(result);
    else if (typeof result.writeStatus === "number") complete(result.writeStatus);
    else result.oncomplete = complete;
  }
}

function join(requests: readonly WriteRequest[]): Uint8Array {
  return Buffer.concat(requests.map(({ buffer }) => buffer));
}
