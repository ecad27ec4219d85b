import type { Transport, TransportListener } from "../../engine/transport.ts";
import { Deadline, type DeadlineQueue } from "../../timer/deadline.ts";
import type {
  ConnectionFilter,
  FilteredConnection,
  Refusal,
  RefusedConnection,
} from "./connection-filter.ts";

/** What one connection passes: its filters, and who ends it. */
export interface GateSetting {
  readonly filters: readonly ConnectionFilter[];
  readonly connection: FilteredConnection;
  readonly deadlines: DeadlineQueue;
  /** Ends the connection, in the name of the filter that refuses it. */
  onRefused(refused: RefusedConnection): void;
}

/**
 * What stands between a connection and the filter that has it: the network filters before, which
 * may refuse the connection when it begins, or what comes over it.
 */
export class FilterGate implements Transport, TransportListener {
  readonly #inner: Transport;
  readonly #setting: GateSetting;
  #listener: TransportListener | null = null;
  /** Filters that have begun with the connection. */
  readonly #opened: ConnectionFilter[] = [];
  /** Filters that judge what comes next. */
  #judges: readonly ConnectionFilter[];
  #refusal: Refusal | null = null;
  /** Runs while a refused connection waits for its end. */
  #wait: Deadline | null = null;
  #refusedBytes = 0;

  constructor(inner: Transport, setting: GateSetting) {
    this.#inner = inner;
    this.#setting = setting;
    this.#judges = setting.filters.filter(({ judges }) => judges !== "nothing");
  }

  /** What the last filter gets: the connection itself, where nobody judges what comes over it. */
  get transport(): Transport {
    return this.#judges.length === 0 ? this.#inner : this;
  }

  /** Begins. False: the connection is refused, at once or soon, and its owner does not start. */
  open(): boolean {
    for (const filter of this.#setting.filters) {
      this.#opened.push(filter);
      const refusal = filter.onOpen();
      if (refusal === null) continue;
      // Nobody else listens to what will never start.
      if (refusal.delayMs > 0) this.#inner.listen(this);
      this.#refuse(refusal);
      return false;
    }
    return true;
  }

  /** The connection is gone. */
  close(): void {
    this.#wait?.cancel();
    this.#wait = null;
    for (const filter of this.#opened.splice(0)) filter.onClose();
  }

  get waitingBytes(): number {
    return this.#inner.waitingBytes;
  }

  get isPaused(): boolean {
    return this.#inner.isPaused;
  }

  listen(listener: TransportListener): void {
    this.#listener = listener;
    this.#inner.listen(this);
  }

  read(bytes: number): void {
    this.onRead(bytes);
  }

  pause(): void {
    this.#inner.pause();
  }

  resume(): void {
    this.#inner.resume();
  }

  writeOutput(): void {
    this.#inner.writeOutput();
  }

  writeBytes(bytes: Uint8Array): void {
    this.#inner.writeBytes(bytes);
  }

  end(): void {
    this.#inner.end();
  }

  whenSent(callback: () => void): void {
    this.#inner.whenSent(callback);
  }

  closeOutput(): void {
    this.#inner.closeOutput();
  }

  destroy(): void {
    this.#inner.destroy();
  }

  reset(): void {
    this.#inner.reset();
  }

  /** Hot. */
  onRead(bytes: number): void {
    if (this.#judges.length > 0 && !this.#mayPass(bytes)) return;
    this.#listener?.onRead(bytes);
  }

  onEnd(): void {
    if (this.#wait !== null) {
      this.#end();
      return;
    }
    if (this.#judges.length > 0 && !this.#mayPass(0)) return;
    this.#listener?.onEnd();
  }

  onWritten(): void {
    this.#listener?.onWritten();
  }

  onBroken(): void {
    this.#listener?.onBroken();
  }

  onClosed(error: NodeJS.ErrnoException | null): void {
    if (this.#wait !== null) this.#end();
    else this.#listener?.onClosed(error);
  }

  /** Whether what came goes on to the last filter. */
  #mayPass(bytes: number): boolean {
    if (this.#refusal !== null) {
      this.#refusedBytes += bytes;
      return false;
    }
    for (const filter of this.#judges) {
      const refusal = filter.onRead(this.#setting.connection);
      if (refusal === null) continue;
      this.#refusedBytes = bytes;
      this.#refuse(refusal);
      return false;
    }
    this.#judges = this.#judges.filter(({ judges }) => judges === "all bytes");
    return true;
  }

  #refuse(refusal: Refusal): void {
    this.#refusal = refusal;
    if (refusal.delayMs === 0) {
      this.#end();
      return;
    }
    this.#wait = new Deadline(() => this.#end());
    this.#setting.deadlines.start(this.#wait, refusal.delayMs, performance.now());
  }

  #end(): void {
    const refusal = this.#refusal;
    if (refusal === null) return;
    this.#wait?.cancel();
    this.#wait = null;
    const { details, flag } = refusal;
    this.#setting.onRefused({ details, flag, receivedBytes: this.#refusedBytes });
  }
}
