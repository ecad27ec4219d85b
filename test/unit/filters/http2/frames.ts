import * as http2 from "../../../../api/engine/http2.ts";

/** One HTTP/2 frame, plainly. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

/** What every client sends first. RFC 9113 §3.4. */
export const PREFACE: Uint8Array = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** A frame as bytes; `length` says something else than the payload's length where it is given. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array | readonly number[] = [],
  length: number = payload.length,
): Uint8Array {
  const bytes = Buffer.alloc(9 + payload.length);
  bytes.writeUIntBE(length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  bytes.set(payload, 9);
  return bytes;
}

/** SETTINGS with pairs of id and value. */
export function settings(...pairs: readonly (readonly [number, number])[]): Uint8Array {
  const payload = Buffer.alloc(pairs.length * 6);
  for (const [place, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id, place * 6);
    payload.writeUInt32BE(value, place * 6 + 2);
  }
  return frame(http2.FRAME_SETTINGS, 0, 0, payload);
}

/** Big-endian bytes of 32-bit numbers. */
export function words(...numbers: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [place, number] of numbers.entries()) bytes.writeUInt32BE(number >>> 0, place * 4);
  return bytes;
}

/** WINDOW_UPDATE. */
export function windowUpdate(stream: number, bytes: number): Uint8Array {
  return frame(http2.FRAME_WINDOW_UPDATE, 0, stream, words(bytes));
}

/** RST_STREAM. */
export function rstStream(stream: number, error: number): Uint8Array {
  return frame(http2.FRAME_RST_STREAM, 0, stream, words(error));
}

/** DATA with a text. */
export function data(stream: number, text: string, flags = 0): Uint8Array {
  return frame(http2.FRAME_DATA, flags, stream, Buffer.from(text));
}

/**
 * HEADERS of `GET http://a/`: three rows of the static table and a literal. RFC 7541 appendix A.
 * `more` is put behind it.
 */
export function request(
  stream: number,
  flags: number = http2.FRAME_END_HEADERS | http2.FRAME_END_STREAM,
  more: readonly number[] = [],
): Uint8Array {
  return frame(http2.FRAME_HEADERS, flags, stream, [...REQUEST_HEAD, ...more]);
}

/** `:method: GET`, `:scheme: http`, `:path: /`, `:authority: a`. */
export const REQUEST_HEAD: readonly number[] = [0x82, 0x86, 0x84, 0x01, 1, 97];

/** A literal that is not added to any table, of a new name. */
export function literal(name: string, value: string): number[] {
  const text = (it: string): number[] => [it.length, ...Buffer.from(it, "latin1")];
  return [0, ...text(name), ...text(value)];
}

/** Takes frames apart; the bytes must end with the last of them. */
export function toFrames(bytes: Uint8Array): Frame[] {
  const view = Buffer.from(bytes);
  const frames: Frame[] = [];
  for (let at = 0; at < view.length; ) {
    const end = at + 9 + view.readUIntBE(at, 3);
    if (end > view.length) throw new Error("half a frame");
    frames.push({
      type: view[at + 3],
      flags: view[at + 4],
      stream: view.readUInt32BE(at + 5),
      payload: view.subarray(at + 9, end),
    });
    at = end;
  }
  return frames;
}

const TYPES = Object.entries(http2).filter(([name]) => /^FRAME_[A-Z_]+$/.test(name));
const TYPE_NAMES = ["DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE"].concat(
  ["PING", "GOAWAY", "WINDOW_UPDATE", "CONTINUATION"],
);
const ERRORS = new Map(
  Object.entries(http2)
    .filter(([name]) => /^H2_(?!OPTION)/.test(name))
    .map(([name, number]) => [number, name.slice(3)]),
);

/** A frame in a few words: `RST_STREAM 1 CANCEL`, `WINDOW_UPDATE 0 65536`, `DATA 1 "hi" end`. */
export function describe(it: Frame): string {
  const { type, flags, stream, payload } = it;
  const name = TYPE_NAMES[type] ?? `${type} of ${TYPES.length}`;
  const view = Buffer.from(payload);
  const ends = (flags & 1) !== 0 ? " end" : "";
  switch (type) {
    case http2.FRAME_DATA:
      return `${name} ${stream} ${toText(view)}${ends}`;
    case http2.FRAME_HEADERS:
      return `${name} ${stream}${ends}`;
    case http2.FRAME_RST_STREAM:
      return `${name} ${stream} ${ERRORS.get(view.readUInt32BE(0))}`;
    case http2.FRAME_GOAWAY:
      return `${name} ${view.readUInt32BE(0)} ${ERRORS.get(view.readUInt32BE(4))}`;
    case http2.FRAME_WINDOW_UPDATE:
      return `${name} ${stream} ${view.readUInt32BE(0)}`;
    case http2.FRAME_SETTINGS:
      return (flags & 1) !== 0 ? `${name} ack` : name;
    case http2.FRAME_PING:
      return `${name}${(flags & 1) !== 0 ? " ack" : ""} ${view.toString("hex")}`;
    default:
      return `${name} ${stream}`;
  }
}

function toText(view: Buffer): string {
  return view.length > 20 ? `${view.length}` : JSON.stringify(`${view}`);
}
