import { basename } from "node:path";

/** How much a log line matters, in the order of `LOG_LEVELS`. `off` silences a logger. */
export type LogLevel = "trace" | "debug" | "info" | "warning" | "error" | "critical" | "off";

/** Everything that one line of the log can show. */
export interface LogRecord {
  readonly level: LogLevel;
  /** Name of the logger: `main`, `config`, `upstream`, … as Envoy names them. */
  readonly name: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  readonly processId: number;
  readonly threadId: number;
  /** Where the line was written from, or `null` when the pattern does not ask for it. */
  readonly site: LogSite | null;
}

/** A place in the source. */
export interface LogSite {
  /** Path of the file from the root of the package. */
  readonly file: string;
  readonly line: number;
  readonly functionName: string;
}

/** A pattern that is ready to format records. */
export interface LogPattern {
  /** True when a record needs its `site`, which is not free to find. */
  readonly needsSite: boolean;
  format(record: LogRecord): string;
}

/** The pattern of `--log-format` unless another is given: Envoy's. */
export const LOG_FORMAT_DEFAULT = "[%Y-%m-%d %T.%e][%t][%l][%n] [%g:%#] %v";

/**
 * Reads a pattern in the syntax of spdlog, which is what Envoy's `--log-format` takes: `%` flags,
 * each with an optional width (`%8l`, `%-8l` aligned left, `%=8l` centred, `%8!l` cut to the
 * width). A flag that is not known is written as it stands. Envoy's own `%_` and `%j` give the
 * message with its newlines escaped, and as the inside of a JSON string.
 */
export function parseLogPattern(text: string): LogPattern {
  const parts: ((record: LogRecord, date: Date) => string)[] = [];
  let needsSite = false;
  let end = 0;
  for (const match of text.matchAll(/%([-=]?)(?:(\d{1,2})(!?))?(.)/gsu)) {
    const [whole, side, width = "0", cut, flag] = match;
    const write = FLAGS.get(flag);
    if (write === undefined) continue;
    const literal = text.slice(end, match.index);
    parts.push(() => literal);
    parts.push((record, date) => pad(write(record, date), side, Number(width), cut === "!"));
    needsSite ||= SITE_FLAGS.includes(flag);
    end = match.index + whole.length;
  }
  const rest = text.slice(end);
  return {
    needsSite,
    format: (record) => {
      const date = new Date(record.timeMs);
      return parts.map((part) => part(record, date)).join("") + rest;
    },
  };
}

const SITE_FLAGS = "@sg#!";
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  ..."January February March April May June July".split(" "),
  ..."August September October November December".split(" "),
];

type Flag = (record: LogRecord, date: Date) => string;

const FLAGS: ReadonlyMap<string, Flag> = new Map<string, Flag>([
  ["v", (record) => record.message.trimEnd()],
  ["_", (record) => record.message.trimEnd().replaceAll("\n", "\\n")],
  ["j", (record) => JSON.stringify(record.message.trimEnd()).slice(1, -1)],
  ["t", (record) => `${record.threadId}`],
  ["P", (record) => `${record.processId}`],
  ["n", (record) => record.name],
  ["l", (record) => record.level],
  ["L", (record) => record.level[0].toUpperCase()],
  ["a", (_, date) => DAYS[date.getDay()].slice(0, 3)],
  ["A", (_, date) => DAYS[date.getDay()]],
  ["b", (_, date) => MONTHS[date.getMonth()].slice(0, 3)],
  ["B", (_, date) => MONTHS[date.getMonth()]],
  ["c", (_, date) => longDate(date)],
  ["C", (_, date) => two(date.getFullYear() % 100)],
  ["Y", (_, date) => `${date.getFullYear()}`],
  ["D", (_, date) => shortDate(date)],
  ["x", (_, date) => shortDate(date)],
  ["m", (_, date) => two(date.getMonth() + 1)],
  ["d", (_, date) => two(date.getDate())],
  ["H", (_, date) => two(date.getHours())],
  ["I", (_, date) => two(hours12(date))],
  ["M", (_, date) => two(date.getMinutes())],
  ["S", (_, date) => two(date.getSeconds())],
  ["e", (_, date) => milliseconds(date)],
  // The clock gives milliseconds; the digits below are zero.
  ["f", (_, date) => `${milliseconds(date)}000`],
  ["F", (_, date) => `${milliseconds(date)}000000`],
  ["E", (record) => `${Math.floor(record.timeMs / 1000)}`],
  ["p", (_, date) => halfOfDay(date)],
  ["r", (_, date) => `${two(hours12(date))}:${minutes(date)} ${halfOfDay(date)}`],
  ["R", (_, date) => `${two(date.getHours())}:${two(date.getMinutes())}`],
  ["T", (_, date) => timeOfDay(date)],
  ["X", (_, date) => timeOfDay(date)],
  ["z", (_, date) => zone(date)],
  ["%", () => "%"],
  ["@", ({ site }) => (site === null ? "" : `${site.file}:${site.line}`)],
  ["s", ({ site }) => (site === null ? "" : basename(site.file))],
  ["g", ({ site }) => site?.file ?? ""],
  ["#", ({ site }) => `${site?.line ?? ""}`],
  ["!", ({ site }) => site?.functionName ?? ""],
  [
    "+",
    (record, date) => `[${isoTime(date)}] [${record.name}] [${record.level}] ${record.message}`,
  ],
  // Where a terminal would start and end to colour; the log is never coloured.
  ["^", () => ""],
  ["$", () => ""],
]);

function pad(text: string, side: string, width: number, isCut: boolean): string {
  if (isCut && text.length > width) return text.slice(0, width);
  if (side === "-") return text.padEnd(width);
  if (side === "=") return text.padStart(text.length + ((width - text.length) >> 1)).padEnd(width);
  return text.padStart(width);
}

function two(value: number): string {
  return `${value}`.padStart(2, "0");
}

function hours12(date: Date): number {
  return date.getHours() % 12 || 12;
}

function halfOfDay(date: Date): string {
  return date.getHours() < 12 ? "AM" : "PM";
}

function milliseconds(date: Date): string {
  return `${date.getMilliseconds()}`.padStart(3, "0");
}

function minutes(date: Date): string {
  return `${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function timeOfDay(date: Date): string {
  return `${two(date.getHours())}:${minutes(date)}`;
}

function shortDate(date: Date): string {
  return `${two(date.getMonth() + 1)}/${two(date.getDate())}/${two(date.getFullYear() % 100)}`;
}

function longDate(date: Date): string {
  const day = DAYS[date.getDay()].slice(0, 3);
  const month = MONTHS[date.getMonth()].slice(0, 3);
  return `${day} ${month} ${date.getDate()} ${timeOfDay(date)} ${date.getFullYear()}`;
}

function isoTime(date: Date): string {
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${timeOfDay(date)}.${milliseconds(date)}`;
}

function zone(date: Date): string {
  const minutesEast = -date.getTimezoneOffset();
  const distance = Math.abs(minutesEast);
  const sign = minutesEast < 0 ? "-" : "+";
  return `${sign}${two(Math.floor(distance / 60))}:${two(distance % 60)}`;
}
