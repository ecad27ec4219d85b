import { close, open, write } from "node:fs";

/** What went wrong with a file: `code` is that of the system, such as `ENOSPC`. */
export interface LogFileError {
  readonly code?: string | undefined;
}

/** The part of the operating system that log writers use. Nothing here blocks the caller. */
export interface LogFiles {
  /** Opens a file for appending, and makes it if it is not there. */
  open(path: string, done: (error: LogFileError | null, descriptor: number) => void): void;
  /** Appends bytes, perhaps not all of them. They must not change until `done` is called. */
  write(
    descriptor: number,
    bytes: Uint8Array,
    done: (error: LogFileError | null, written: number) => void,
  ): void;
  close(descriptor: number, done: () => void): void;
  /** Calls `run` once after a time that does not keep the process alive; returns what stops it. */
  schedule(afterMs: number, run: () => void): () => void;
}

/** Rights of a log file that is made: Envoy's. */
const FILE_MODE = 0o644;

/** The operating system itself. */
export const SYSTEM_LOG_FILES: LogFiles = {
  open: (path, done) => open(path, "a", FILE_MODE, done),
  write: (descriptor, bytes, done) =>
    write(descriptor, bytes, 0, bytes.length, null, (error, written) => done(error, written)),
  close: (descriptor, done) => close(descriptor, () => done()),
  schedule(afterMs, run) {
    const timer = setTimeout(run, afterMs).unref();
    return () => clearTimeout(timer);
  },
};
