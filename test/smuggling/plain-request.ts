/** A request as a careful backend reads it. All texts are Latin-1. */
export interface PlainRequest {
  readonly method: string;
  readonly target: string;
  /** Names in lower case. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** What a backend got on one connection. */
export interface PlainReading {
  readonly requests: readonly PlainRequest[];
  /** What is behind the last whole request. */
  readonly rest: string;
}

const LINE_END = "\r\n";
const HEAD_END = "\r\n\r\n";

/** Headers that decide where a request ends and where it goes. */
const FRAMING_NAMES: readonly string[] = ["host", "content-length", "transfer-encoding"];

/**
 * Reads the requests of one connection: another implementation than the engine's, as plain as can
 * be. Throws for whatever a proxy may never send, since some backend would read it differently.
 */
export function readRequests(text: string): PlainReading {
  const requests: PlainRequest[] = [];
  let rest = text;
  while (true) {
    const end = rest.indexOf(HEAD_END);
    if (end < 0) return { requests, rest };
    const head = readHead(rest.slice(0, end));
    const behind = rest.slice(end + HEAD_END.length);
    const body = readBody(head.headers, behind);
    if (body === null) return { requests, rest };
    requests.push({ ...head, body: body.body });
    rest = behind.slice(body.length);
  }
}

function readHead(text: string): Omit<PlainRequest, "body"> {
  const [first, ...lines] = text.split(LINE_END);
  if (/[\r\n\0]/.test(lines.join("") + first)) throw new Error(`control characters in ${text}`);
  const start = /^([A-Z-]+) ([^ \t]+) HTTP\/1\.1$/.exec(first);
  if (start === null) throw new Error(`not a request line: ${first}`);
  const headers = lines.map(readField);
  for (const name of FRAMING_NAMES) {
    const count = headers.filter((header) => header[0] === name).length;
    if (count > 1 || (count === 0 && name === "host")) throw new Error(`${count} times ${name}`);
  }
  return { method: start[1], target: start[2], headers };
}

function readField(line: string): [string, string] {
  const field = /^([!#$%&'*+\-.^_`|~0-9a-z]+): (.*)$/.exec(line);
  if (field === null || /^[ \t]|[ \t]$/.test(field[2])) throw new Error(`not a field: ${line}`);
  return [field[1], field[2]];
}

/** The body and its length on the wire, or `null` when it is not whole. */
function readBody(
  headers: readonly (readonly [string, string])[],
  text: string,
): { body: string; length: number } | null {
  const { "content-length": length, "transfer-encoding": coding } = Object.fromEntries(headers);
  if (coding !== undefined) {
    if (length !== undefined || coding !== "chunked") throw new Error(`${length} and ${coding}`);
    return readChunks(text);
  }
  if (length === undefined) return { body: "", length: 0 };
  if (!/^\d+$/.test(length)) throw new Error(`content-length: ${length}`);
  const bytes = Number(length);
  return text.length < bytes ? null : { body: text.slice(0, bytes), length: bytes };
}

/** A chunked body from the front of `text` and its length there, or `null` when it is not whole. */
export function readChunks(text: string): { body: string; length: number } | null {
  let body = "";
  let at = 0;
  while (true) {
    const end = text.indexOf(LINE_END, at);
    if (end < 0) return null;
    const size = text.slice(at, end);
    if (!/^[0-9a-f]+$/.test(size)) throw new Error(`chunk size: ${size}`);
    const bytes = Number.parseInt(size, 16);
    const data = end + LINE_END.length;
    if (bytes === 0) {
      const length = readTrailers(text, data);
      return length === null ? null : { body, length };
    }
    if (text.length < data + bytes + LINE_END.length) return null;
    if (!text.startsWith(LINE_END, data + bytes)) throw new Error("no line end behind a chunk");
    at = data + bytes + LINE_END.length;
    body += text.slice(data, data + bytes);
  }
}

/** Where the trailers from `from` on end, or `null` when they are not whole. */
function readTrailers(text: string, from: number): number | null {
  for (let at = from; ; ) {
    const end = text.indexOf(LINE_END, at);
    if (end < 0) return null;
    if (end === at) return end + LINE_END.length;
    const [name] = readField(text.slice(at, end));
    if (FRAMING_NAMES.includes(name)) throw new Error(`trailer ${name}`);
    at = end + LINE_END.length;
  }
}
