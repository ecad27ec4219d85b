import type { LogFileError, LogFiles } from "../../../../proxy/observe/log-files.ts";

/** Files in memory, and a clock that stands until `pass` moves it. Calls end at `settle`. */
export class FakeLogFiles implements LogFiles {
  /** What was written, by path, or by descriptor for streams. */
  readonly contents = new Map<string, string>();
  /** The error of the next calls: to open, or to write. */
  openError: string | null = null;
  writeError: string | null = null;
  /** Bytes that one write takes at most. */
  writeBytesMax = Number.POSITIVE_INFINITY;
  writeCount = 0;
  readonly closed: number[] = [];
  readonly #paths = new Map<number, string>();
  readonly #timers = new Map<number, { readonly atMs: number; run(): void }>();
  #ends: (() => void)[] = [];
  #nowMs = 0;
  #nextId = 10;

  open(path: string, done: (error: LogFileError | null, descriptor: number) => void): void {
    const error = this.openError;
    this.#ends.push(() => {
      if (error !== null) return done({ code: error }, 0);
      const descriptor = this.#nextId++;
      this.#paths.set(descriptor, path);
      return done(null, descriptor);
    });
  }

  write(
    descriptor: number,
    bytes: Uint8Array,
    done: (error: LogFileError | null, written: number) => void,
  ): void {
    this.writeCount += 1;
    this.#ends.push(() => {
      if (this.writeError !== null) return done({ code: this.writeError }, 0);
      const name = this.#paths.get(descriptor) ?? String(descriptor);
      // The bytes are read when the write ends: they must not have changed since it began.
      const taken = Buffer.from(bytes.subarray(0, Math.min(bytes.length, this.writeBytesMax)));
      this.contents.set(name, (this.contents.get(name) ?? "") + taken.toString("latin1"));
      return done(null, taken.length);
    });
  }

  close(descriptor: number, done: () => void): void {
    this.closed.push(descriptor);
    this.#ends.push(done);
  }

  schedule(afterMs: number, run: () => void): () => void {
    const id = this.#nextId++;
    this.#timers.set(id, { atMs: this.#nowMs + afterMs, run });
    return () => this.#timers.delete(id);
  }

  /** Renames a file, as a log rotation does: later writes go where the file went. */
  rename(from: string, to: string): void {
    for (const [descriptor, path] of this.#paths) {
      if (path === from) this.#paths.set(descriptor, to);
    }
    this.contents.set(to, this.contents.get(from) ?? "");
    this.contents.delete(from);
  }

  /** Ends all calls that are under way, and those that they lead to. */
  settle(): void {
    while (this.#ends.length > 0) {
      const ends = this.#ends;
      this.#ends = [];
      for (const end of ends) end();
    }
  }

  /** Lets time pass, and ends all calls. */
  pass(ms: number): void {
    this.#nowMs += ms;
    for (const [id, timer] of this.#timers) {
      if (timer.atMs > this.#nowMs) continue;
      this.#timers.delete(id);
      timer.run();
      this.settle();
    }
  }
}
