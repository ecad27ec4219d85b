import assert from "node:assert/strict";
import fc from "fast-check";
import { READER_KEEP_TRAILERS } from "../../../../api/engine/http1.ts";
import { Codec, type ReadMessage } from "./codec.ts";

/** A message to encode. */
interface Message {
  readonly isResponse: boolean;
  readonly headers: readonly (readonly [string, string])[];
  readonly framing: "none" | "length" | "chunked";
  /** Pieces of the body; each is a chunk where it is chunked. */
  readonly pieces: readonly string[];
  readonly trailers: readonly (readonly [string, string])[];
}

const TOKEN = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789!#$%&'*+-.^_`|~";
const name = fc
  .string({ unit: fc.constantFrom(...TOKEN), minLength: 1, maxLength: 40 })
  .map((text) => `x-${text}`);
/** No blanks at the ends, where they would be dropped. */
const value = fc
  .string({ unit: fc.constantFrom(...' \t:,;="ab09\x80\xff~'), maxLength: 60 })
  .map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ""));
const fields = fc.array(fc.tuple(name, value), { maxLength: 12 });
const piece = fc.string({
  unit: fc.constantFrom(..."\r\n0aG: \0\xff"),
  minLength: 1,
  maxLength: 70,
});

const message: fc.Arbitrary<Message> = fc
  .record({
    isResponse: fc.boolean(),
    headers: fields,
    framing: fc.constantFrom("none", "length", "chunked"),
    pieces: fc.array(piece, { maxLength: 6 }),
    trailers: fields,
  })
  .map((raw) => ({
    ...raw,
    pieces: raw.framing === "none" ? [] : raw.pieces,
    trailers: raw.framing === "chunked" ? raw.trailers : [],
  }));

/** Places to cut an input, as fractions of its length. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

function lines(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${name}: ${value}\r\n`).join("");
}

function encode({ isResponse, headers, framing, pieces, trailers }: Message): string {
  const body = pieces.join("");
  const end = { none: "", length: `content-length: ${body.length}\r\n`, chunked: CHUNKED_FIELD };
  const start = isResponse ? `HTTP/1.1 ${framing === "none" ? 304 : 200} OK\r\n` : REQUEST_START;
  const head = `${start}${lines(headers)}${end[framing]}\r\n`;
  if (framing !== "chunked") return head + body;
  const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join("");
  return `${head}${chunks}0\r\n${lines(trailers)}\r\n`;
}

const REQUEST_START = "POST /a HTTP/1.1\r\nhost: b\r\n";
const CHUNKED_FIELD = "transfer-encoding: chunked\r\n";

/** What reading must give: names are in lower case. */
function expected({ headers, framing, pieces, trailers }: Message): Partial<ReadMessage> {
  const toLines = (pairs: readonly (readonly [string, string])[]) =>
    pairs.map(([name, value]) => `${name.toLowerCase()}: ${value}`);
  return {
    headers: toLines(headers),
    framing,
    body: pieces.join(""),
    trailers: toLines(trailers),
    isWhole: true,
  };
}

function split(text: string, fractions: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text, "latin1");
  const places = fractions.map((fraction) => Math.floor(fraction * bytes.length));
  const bounds = [0, ...places.sort((a, b) => a - b), bytes.length];
  return bounds.slice(1).map((end, index) => bytes.subarray(bounds[index], end));
}

function isOwn(line: string): boolean {
  return line.startsWith("x-");
}

describe("read-message properties", () => {
  let codec: Codec;
  before(async function () {
    this.timeout(60_000);
    codec = await Codec.open();
  });

  it("readNext: messages that were encoded are read as they were, in any pieces", () => {
    const property = fc.property(
      fc.boolean(),
      fc.array(message, { minLength: 1, maxLength: 4 }),
      cuts,
      (isResponse, messages, fractions) => {
        const sent = messages.map((each) => ({ ...each, isResponse }));
        const pieces = split(sent.map(encode).join(""), fractions);
        const reading = codec.read(pieces, { isResponse, flags: READER_KEEP_TRAILERS });
        assert.deepEqual([reading.error, reading.restBytes], [null, 0]);
        const seen = reading.messages.map(({ headers, framing, body, trailers, isWhole }) => {
          return { headers: headers.filter(isOwn), framing, body, trailers, isWhole };
        });
        assert.deepEqual(seen, sent.map(expected));
      },
    );
    fc.assert(property, { numRuns: 400, seed: 1 });
  });

  it("readNext: no input, split anyhow, crashes it or makes it disagree with itself", () => {
    const fragments = [
      ...["GET / HTTP/1.1\r\n", "POST /a HTTP/1.0\r\n", "HTTP/1.1 200 OK\r\n", "host: b\r\n"],
      ...["content-length: 5\r\n", "transfer-encoding: chunked\r\n", "connection: close\r\n"],
      ...["\r\n", "\r", "\n", " ", ":", "a: b\r\n", "5\r\nhello\r\n", "0\r\n\r\n", "\0", "\x7f"],
      ...["fffffffffffff\r\n", ";x=y", "hello", "\t", "HTTP/1.1 100 Continue\r\n\r\n", "é"],
    ];
    const fragment = fc.oneof(fc.constantFrom(...fragments), fc.string({ unit: "binary" }));
    const property = fc.property(
      fc.boolean(),
      fc.array(fragment, { maxLength: 14 }).map((parts) => parts.join("")),
      cuts,
      (isResponse, text, fractions) => {
        const setup = { isResponse, closes: isResponse, headBytesMax: 120, headerCountMax: 4 };
        const whole = codec.read(split(text, []), setup);
        assert.deepEqual(codec.read(split(text, fractions), setup), whole);
      },
    );
    fc.assert(property, { numRuns: 4000, seed: 2 });
  });

  it("writeHeaders: what is written is read again as it was", () => {
    const { exports } = codec;
    const property = fc.property(fields, (headers) => {
      const head = Buffer.from(`${REQUEST_START}${lines(headers)}\r\n`, "latin1");
      const reader = exports.open(0, 0, 60_000, 100);
      exports.read(reader, codec.place(head), head.length);
      const before = codec.lines(reader, false).slice(2);
      const text = codec.written((target) => exports.putHeaders(reader, target));
      exports.close(reader);
      const again = codec.read([Buffer.from(`GET / HTTP/1.1\r\n${text}\r\n`, "latin1")]);
      assert.deepEqual(again.messages[0]?.headers, before);
    });
    fc.assert(property, { numRuns: 400, seed: 3 });
  });
});
