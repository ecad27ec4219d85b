import { readlinkSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { getCallSites } from "node:util";
import { threadId } from "node:worker_threads";
import {
  LOG_FORMAT_DEFAULT,
  type LogLevel,
  type LogPattern,
  type LogSite,
  parseLogPattern,
} from "./log-pattern.ts";

/** The levels from the most talkative to silence. */
export const LOG_LEVELS: readonly LogLevel[] = [
  "trace",
  "debug",
  "info",
  "warning",
  "error",
  "critical",
  "off",
];

/** How a `Log` is set up. Everything has a default. */
export interface LogOptions {
  /** Default `info`. */
  readonly level?: LogLevel | undefined;
  /** A spdlog pattern, default Envoy's. */
  readonly format?: string | undefined;
  /** Takes each finished line, with its newline. Default: standard error, at once. */
  readonly write?: ((line: string) => void) | undefined;
  /** Default `Date.now`. */
  readonly nowMs?: (() => number) | undefined;
}

/**
 * The log of one thread: a pattern, a place to write to, and a level for each named logger. Make
 * one when the thread starts and hand it, or its loggers, to what needs it.
 */
export class Log {
  readonly #loggers = new Map<string, Logger>();
  readonly #pattern: LogPattern;
  readonly #write: (line: string) => void;
  readonly #nowMs: () => number;
  #level: LogLevel;

  constructor(options: LogOptions = {}) {
    this.#pattern = parseLogPattern(options.format ?? LOG_FORMAT_DEFAULT);
    this.#write = options.write ?? writeToStandardError;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#level = options.level ?? "info";
  }

  /** The logger of this name. The same name gives the same logger. */
  logger(name: string): Logger {
    const known = this.#loggers.get(name);
    if (known !== undefined) return known;
    const logger = new Logger(name, this.#level, (level, message) =>
      this.#emit(name, level, message),
    );
    this.#loggers.set(name, logger);
    return logger;
  }

  /** Sets the level of one logger, or of all, those of the future included. */
  setLevel(level: LogLevel, name?: string): void {
    if (name !== undefined) {
      this.logger(name).level = level;
      return;
    }
    this.#level = level;
    for (const logger of this.#loggers.values()) logger.level = level;
  }

  /** Every logger asked for so far with its level, by name: what `/logging` shows. */
  levels(): ReadonlyMap<string, LogLevel> {
    const names = [...this.#loggers.keys()].sort();
    return new Map(names.map((name) => [name, this.logger(name).level]));
  }

  #emit(name: string, level: LogLevel, message: string): void {
    const site = this.#pattern.needsSite ? findSite() : null;
    const record = {
      level,
      name,
      message,
      timeMs: this.#nowMs(),
      processId: process.pid,
      threadId: THREAD_ID,
      site,
    };
    this.#write(`${this.#pattern.format(record)}\n`);
  }
}

/**
 * One named logger. A message is a finished sentence; where making it costs something, ask
 * `isEnabled` first.
 */
export class Logger {
  readonly name: string;
  level: LogLevel;
  readonly #emit: (level: LogLevel, message: string) => void;

  /** Use `Log.logger`. */
  constructor(name: string, level: LogLevel, emit: (level: LogLevel, message: string) => void) {
    this.name = name;
    this.level = level;
    this.#emit = emit;
  }

  /** True when a message of this level would be written. */
  isEnabled(level: LogLevel): boolean {
    return level !== "off" && LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(this.level);
  }

  /** Steps of single requests and connections. */
  trace(message: string): void {
    if (this.isEnabled("trace")) this.#emit("trace", message);
  }

  /** What one needs to understand a fault. */
  debug(message: string): void {
    if (this.isEnabled("debug")) this.#emit("debug", message);
  }

  /** What an operator wants to see once: started, loaded, drained. */
  info(message: string): void {
    if (this.isEnabled("info")) this.#emit("info", message);
  }

  /** Something is off, and traffic goes on. */
  warning(message: string): void {
    if (this.isEnabled("warning")) this.#emit("warning", message);
  }

  /** Something failed that should not. */
  error(message: string): void {
    if (this.isEnabled("error")) this.#emit("error", message);
  }

  /** The program, or a part of it, cannot go on. */
  critical(message: string): void {
    if (this.isEnabled("critical")) this.#emit("critical", message);
  }
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Frames between `findSite` and who wrote the line: this file's own. */
const FRAMES_MAX = 6;

/** The first frame that lies outside this file. */
function findSite(): LogSite | null {
  const frames = getCallSites(FRAMES_MAX);
  const frame = frames.find(({ scriptName }) => scriptName !== import.meta.url);
  if (frame === undefined) return null;
  const path = frame.scriptName.startsWith("file:")
    ? fileURLToPath(frame.scriptName)
    : frame.scriptName;
  return {
    file: path.startsWith(ROOT) ? path.slice(ROOT.length) : path,
    line: frame.lineNumber,
    functionName: frame.functionName,
  };
}

/** The kernel's number of this thread, as Envoy logs it; elsewhere than on Linux, Node's own. */
const THREAD_ID = findThreadId();

function findThreadId(): number {
  try {
    return Number(readlinkSync("/proc/thread-self").split("/").at(-1));
  } catch {
    // There is no /proc on this platform. The main thread has the number of the process.
    return threadId === 0 ? process.pid : threadId;
  }
}

/** Writes at once, from any thread, so that a line is not lost when the process ends. */
function writeToStandardError(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // The pipe is full or gone. Node's own stream waits for a full one; one that is gone takes
    // nothing more, and a proxy must not end because nobody reads its log.
    if (process.stderr.writable) process.stderr.write(line);
  }
}
