import type { LogFiles } from "./log-files.ts";
import { SYSTEM_LOG_FILES } from "./log-files.ts";

/** Bytes that are written at once, without waiting for the flush interval. */
const BATCH_BYTES = 64 * 1024;
/** How long a line waits at most for others to be written with it. Envoy waits 10 seconds. */
export const FLUSH_MS = 1_000;
/** How long to wait after a failed write, and after a pipe that takes nothing more. */
const RETRY_MS = 1_000;
const BUSY_RETRY_MS = 10;
/** How often a full pipe is tried before those who wait for the lines are told. */
const BUSY_COUNT_MAX = 100;
/** Bytes that wait at most. What comes beyond is dropped and counted. */
const QUEUE_BYTES_MAX = 4 * 1024 * 1024;

/** Where an access log goes. */
export type AccessLogTarget =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "stdout" }
  | { readonly kind: "stderr" };

/** What became of the lines. Only ever added to. */
export interface AccessLogStats {
  /** Batches that were written. */
  writeTotal: number;
  /** Batches whose writing failed, once for each attempt. */
  writeFailed: number;
  /** Lines that were lost: the queue was full, or nobody read the pipe any more. */
  writeDropped: number;
  /** Lines that were accepted. */
  linesTotal: number;
  reopenFailed: number;
}

/** What a test may want otherwise. */
export interface AccessLogOptions {
  readonly files?: LogFiles;
  readonly queueBytesMax?: number;
}

/**
 * Appends lines to one file or stream, in batches, off the event loop: `write` copies and returns.
 * When the disk is full or the reader of a pipe is slow, lines wait up to a bound, then they are
 * dropped; writing is tried again all the while. There is one writer per worker and file: batches
 * are whole lines and the file is opened for appending, so lines of workers do not mix.
 */
export class AccessLogWriter {
  readonly stats: AccessLogStats = {
    writeTotal: 0,
    writeFailed: 0,
    writeDropped: 0,
    linesTotal: 0,
    reopenFailed: 0,
  };
  readonly #target: AccessLogTarget;
  readonly #files: LogFiles;
  readonly #queueBytesMax: number;
  /** Lines that wait. */
  #queue = Buffer.allocUnsafe(BATCH_BYTES * 2);
  #queued = 0;
  #queuedLines = 0;
  /** The batch that is being written, and how much of it was. */
  #batch = Buffer.alloc(0);
  #batchLength = 0;
  #written = 0;
  #batchLines = 0;
  #descriptor: number | null = null;
  #isBusy = false;
  /** The timer is for another try, which must not come earlier. */
  #isRetrying = false;
  #busyCount = 0;
  #wantsReopen = false;
  #isClosing = false;
  #cancelTimer: (() => void) | null = null;
  #waiting: (() => void)[] = [];

  constructor(target: AccessLogTarget, options: AccessLogOptions = {}) {
    this.#target = target;
    this.#files = options.files ?? SYSTEM_LOG_FILES;
    this.#queueBytesMax = options.queueBytesMax ?? QUEUE_BYTES_MAX;
    if (target.kind !== "file") this.#descriptor = target.kind === "stdout" ? 1 : 2;
  }

  /**
   * Takes whole lines: copies them and returns at once.
   *
   * @param lineCount How many lines there are in `bytes`.
   */
  write(bytes: Uint8Array, lineCount: number): void {
    const waiting = this.#queued + this.#batchLength - this.#written;
    if (this.#isClosing || waiting + bytes.length > this.#queueBytesMax) {
      this.stats.writeDropped += lineCount;
      return;
    }
    this.#makeRoom(bytes.length);
    this.#queue.set(bytes, this.#queued);
    this.#queued += bytes.length;
    this.#queuedLines += lineCount;
    this.stats.linesTotal += lineCount;
    if (this.#queued >= BATCH_BYTES && !this.#isRetrying) this.#work();
    else this.#startTimer(FLUSH_MS);
  }

  /** Writes all that waits. Resolves when that is done, or when it failed once. */
  flush(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    const done = new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#work();
    return done;
  }

  /** Opens the file again under its name, after somebody has moved it. No effect on streams. */
  reopen(): void {
    if (this.#target.kind !== "file" || this.#descriptor === null) return;
    this.#wantsReopen = true;
    this.#work();
  }

  /** Writes what waits, once, and closes the file. Lines that cannot be written are dropped. */
  async close(): Promise<void> {
    await this.flush();
    this.#isClosing = true;
    this.#stopTimer();
    this.stats.writeDropped += this.#queuedLines + this.#batchLines;
    this.#queued = 0;
    this.#queuedLines = 0;
    this.#dropBatch();
    const descriptor = this.#descriptor;
    if (descriptor === null || this.#target.kind !== "file") return;
    this.#descriptor = null;
    await new Promise<void>((resolve) => this.#files.close(descriptor, () => resolve()));
  }

  #isIdle(): boolean {
    return this.#queued === 0 && this.#batchLength === 0 && !this.#isBusy;
  }

  #makeRoom(length: number): void {
    const needed = this.#queued + length;
    if (needed <= this.#queue.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#queue.length * 2));
    this.#queue.copy(grown, 0, 0, this.#queued);
    this.#queue = grown;
  }

  /** Takes the next step: open, or write. Each step's end takes the one after it. */
  #work(): void {
    if (this.#isBusy || this.#isClosing) return;
    this.#stopTimer();
    if (this.#wantsReopen || (this.#descriptor === null && !this.#isIdle())) this.#open();
    else if (this.#batchLength > 0 || this.#takeBatch()) this.#writeBatch();
    else this.#settle();
  }

  #open(): void {
    if (this.#target.kind !== "file") return;
    this.#isBusy = true;
    this.#files.open(this.#target.path, (error, descriptor) => {
      this.#isBusy = false;
      if (error !== null) this.#onOpenFailure();
      else this.#onOpen(descriptor);
    });
  }

  #onOpen(descriptor: number): void {
    if (this.#descriptor !== null) this.#files.close(this.#descriptor, () => {});
    this.#descriptor = descriptor;
    this.#wantsReopen = false;
    this.#work();
  }

  /** A file that is open stays so; one that never was is tried again. */
  #onOpenFailure(): void {
    if (this.#wantsReopen) {
      this.#wantsReopen = false;
      this.stats.reopenFailed += 1;
      this.#work();
      return;
    }
    this.#fail();
  }

  /** Turns the queue into the batch. The buffer of the last batch becomes the queue. */
  #takeBatch(): boolean {
    if (this.#queued === 0) return false;
    const spare = this.#batch;
    this.#batch = this.#queue;
    this.#batchLength = this.#queued;
    this.#batchLines = this.#queuedLines;
    this.#written = 0;
    this.#queue = spare.length === 0 ? Buffer.allocUnsafe(BATCH_BYTES * 2) : spare;
    this.#queued = 0;
    this.#queuedLines = 0;
    return true;
  }

  #writeBatch(): void {
    const descriptor = this.#descriptor;
    if (descriptor === null) return;
    this.#isBusy = true;
    const rest = this.#batch.subarray(this.#written, this.#batchLength);
    this.#files.write(descriptor, rest, (error, written) => {
      this.#isBusy = false;
      if (error !== null) {
        this.#onWriteFailure(error.code);
        return;
      }
      this.#busyCount = 0;
      this.#written += written;
      if (this.#written >= this.#batchLength) {
        this.stats.writeTotal += 1;
        this.#dropBatch();
      }
      this.#work();
    });
  }

  #dropBatch(): void {
    this.#batchLength = 0;
    this.#batchLines = 0;
    this.#written = 0;
  }

  #onWriteFailure(code: string | undefined): void {
    if (code === "EAGAIN") {
      // A pipe whose reader is slow: not a failure yet.
      this.#busyCount += 1;
      if (this.#busyCount % BUSY_COUNT_MAX === 0) this.#settle();
      this.#startRetry(BUSY_RETRY_MS);
      return;
    }
    if (code === "EPIPE") {
      // Nobody reads the pipe any more, so nobody ever will.
      this.stats.writeDropped += this.#batchLines;
      this.#dropBatch();
    }
    this.#fail();
  }

  #fail(): void {
    this.stats.writeFailed += 1;
    this.#settle();
    this.#startRetry(RETRY_MS);
  }

  #startRetry(afterMs: number): void {
    this.#startTimer(afterMs);
    this.#isRetrying = true;
  }

  #settle(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #startTimer(afterMs: number): void {
    if (this.#cancelTimer !== null || this.#isBusy || this.#isClosing) return;
    this.#cancelTimer = this.#files.schedule(afterMs, () => {
      this.#cancelTimer = null;
      this.#isRetrying = false;
      this.#work();
    });
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#isRetrying = false;
  }
}
