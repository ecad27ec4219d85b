import assert from "node:assert/strict";
import {
  FRAMING_CHUNKED,
  FRAMING_CLOSE,
  FRAMING_LENGTH,
  FRAMING_NONE,
  READER_CHUNKED_LENGTH,
  READER_NO_BODY,
} from "../../../../api/engine/http1.ts";
import { Codec, type ReaderSetup } from "./codec.ts";

function request(fields: readonly string[], version = "1.1"): string {
  return `POST / HTTP/${version}\r\n${["host: b", ...fields, "", ""].join("\r\n")}`;
}

function response(status: number, fields: readonly string[], version = "1.1"): string {
  return `HTTP/${version} ${status} x\r\n${[...fields, "", ""].join("\r\n")}`;
}

/** RFC 9112 §6, §7 and §9: where bodies end, and whether the connection goes on. */
describe("framing", () => {
  let codec: Codec;
  before(async function () {
    this.timeout(60_000);
    codec = await Codec.open();
  });

  /** How the body of a message with this head is framed, or the error. */
  function framingOf(text: string, setup: ReaderSetup = {}): string {
    const reading = codec.readEveryWay(text, setup);
    return reading.error ?? reading.messages[0].framing;
  }

  const requests: { fields: string[]; want: string; version?: string }[] = [
    { fields: [], want: "none" },
    { fields: ["content-length: 0"], want: "length" },
    { fields: ["content-length: 007"], want: "length" },
    { fields: ["content-length:5"], want: "length" },
    { fields: ["Content-Length: \t 5 \t"], want: "length" },
    { fields: [`content-length: ${"9".repeat(18)}`], want: "length" },
    { fields: [`content-length: ${"9".repeat(19)}`], want: "CONTENT_LENGTH" },
    { fields: [`content-length: 1${"0".repeat(30)}`], want: "CONTENT_LENGTH" },
    { fields: ["content-length:"], want: "CONTENT_LENGTH" },
    { fields: ["content-length: -1"], want: "CONTENT_LENGTH" },
    { fields: ["content-length: +1"], want: "CONTENT_LENGTH" },
    { fields: ["content-length: 0x5"], want: "CONTENT_LENGTH" },
    { fields: ["content-length: 5.0"], want: "CONTENT_LENGTH" },
    { fields: ["content-length: 5 5"], want: "CONTENT_LENGTH" },
    { fields: ["content-length: 5, 5"], want: "CONTENT_LENGTH" },
    { fields: ["content-length: 5,6"], want: "CONTENT_LENGTH" },
    { fields: ["content-length: 5;"], want: "CONTENT_LENGTH" },
    { fields: ["content-length: five"], want: "CONTENT_LENGTH" },
    { fields: ["content-length: \xb2"], want: "CONTENT_LENGTH" },
    { fields: ["content-length: 5", "content-length: 5"], want: "CONTENT_LENGTH" },
    { fields: ["content-length: 5", "Content-Length: 6"], want: "CONTENT_LENGTH" },
    { fields: ["transfer-encoding: chunked"], want: "chunked" },
    { fields: ["Transfer-Encoding:Chunked"], want: "chunked" },
    { fields: ["transfer-encoding:  CHUNKED\t"], want: "chunked" },
    { fields: ["transfer-encoding:"], want: "TRANSFER_ENCODING" },
    { fields: ["transfer-encoding: xchunked"], want: "TRANSFER_ENCODING" },
    { fields: ["transfer-encoding: chunked,"], want: "TRANSFER_ENCODING" },
    { fields: ["transfer-encoding: ,chunked"], want: "TRANSFER_ENCODING" },
    { fields: ["transfer-encoding: chunked, chunked"], want: "TRANSFER_ENCODING" },
    { fields: ["transfer-encoding: chunked, identity"], want: "TRANSFER_ENCODING" },
    { fields: ["transfer-encoding: chunked, gzip"], want: "TRANSFER_ENCODING" },
    { fields: ["transfer-encoding: chunked;q=1"], want: "TRANSFER_ENCODING" },
    { fields: ['transfer-encoding: "chunked"'], want: "TRANSFER_ENCODING" },
    { fields: ["transfer-encoding: chunked\xa0"], want: "TRANSFER_ENCODING" },
    { fields: ["transfer-encoding: chunke"], want: "TRANSFER_ENCODING" },
    { fields: ["transfer-encoding: cow"], want: "TRANSFER_ENCODING" },
    {
      fields: ["transfer-encoding: chunked", "transfer-encoding: chunked"],
      want: "TRANSFER_ENCODING",
    },
    {
      fields: ["transfer-encoding: chunked", "transfer-encoding: identity"],
      want: "TRANSFER_ENCODING",
    },
    { fields: ["transfer-encoding:", "transfer-encoding: chunked"], want: "TRANSFER_ENCODING" },
    { fields: ["transfer-encoding: identity"], want: "TRANSFER_CODING_UNKNOWN" },
    { fields: ["transfer-encoding: gzip"], want: "TRANSFER_CODING_UNKNOWN" },
    { fields: ["transfer-encoding: gzip, chunked"], want: "TRANSFER_CODING_UNKNOWN" },
    {
      fields: ["content-length: 5", "transfer-encoding: chunked"],
      want: "LENGTH_AND_CHUNKED",
    },
    {
      fields: ["transfer-encoding: chunked", "content-length: 5"],
      want: "LENGTH_AND_CHUNKED",
    },
    { fields: ["transfer-encoding: chunked", "content-length: 0"], want: "LENGTH_AND_CHUNKED" },
    { fields: ["transfer-encoding: chunked", "content-length: x"], want: "CONTENT_LENGTH" },
    { fields: ["transfer-encoding: chunked"], version: "1.0", want: "TRANSFER_ENCODING_HTTP10" },
    { fields: ["content-length: 5"], version: "1.0", want: "length" },
    { fields: ["x-transfer-encoding: chunked", "content_length: 5"], want: "none" },
    { fields: ["host: b"], want: "HOST" },
    { fields: ["Host: c"], want: "HOST" },
  ];
  for (const { fields, want, version } of requests) {
    const name = `HTTP/${version ?? "1.1"} with ${JSON.stringify(fields.join(" | "))}`;
    it(`decideFraming: a request of ${name} is ${want}`, () => {
      assert.equal(framingOf(request(fields, version)), want);
    });
  }

  it("decideFraming: only HTTP/1.0 may leave Host out", () => {
    assert.equal(framingOf("GET / HTTP/1.1\r\n\r\n"), "HOST_MISSING");
    assert.equal(framingOf("GET / HTTP/1.0\r\n\r\n"), "none");
    assert.equal(framingOf("GET http://b/ HTTP/1.1\r\n\r\n"), "HOST_MISSING");
  });

  it("decideFraming: both lengths are read as chunked where asked, and nothing comes after", () => {
    const head = request(["content-length: 5", "transfer-encoding: chunked"]);
    const reading = codec.readEveryWay(head, { flags: READER_CHUNKED_LENGTH });
    assert.equal(reading.messages[0].framing, "chunked");
    assert.deepEqual(reading.messages[0].flags, []);
  });

  const responses: { status: number; fields: string[]; want: string; version?: string }[] = [
    { status: 200, fields: [], want: "close" },
    { status: 200, fields: ["content-length: 5"], want: "length" },
    { status: 200, fields: ["transfer-encoding: chunked"], want: "chunked" },
    { status: 304, fields: [], want: "none" },
    { status: 304, fields: ["content-length: 5"], want: "none" },
    { status: 304, fields: ["transfer-encoding: chunked"], want: "none" },
    { status: 204, fields: [], want: "none" },
    { status: 204, fields: ["content-length: 0"], want: "none" },
    { status: 204, fields: ["content-length: 5"], want: "CONTENT_LENGTH" },
    { status: 204, fields: ["transfer-encoding: chunked"], want: "TRANSFER_ENCODING" },
    { status: 100, fields: [], want: "none" },
    { status: 103, fields: ["content-length: 5"], want: "CONTENT_LENGTH" },
    { status: 100, fields: ["transfer-encoding: chunked"], want: "TRANSFER_ENCODING" },
    { status: 200, fields: ["content-length: 5", "content-length: 5"], want: "CONTENT_LENGTH" },
    { status: 200, fields: ["content-length: 5,5"], want: "CONTENT_LENGTH" },
    { status: 304, fields: ["content-length: x"], want: "CONTENT_LENGTH" },
    {
      status: 200,
      fields: ["content-length: 5", "transfer-encoding: chunked"],
      want: "LENGTH_AND_CHUNKED",
    },
    { status: 200, fields: ["transfer-encoding: gzip"], want: "TRANSFER_CODING_UNKNOWN" },
    { status: 200, fields: ["transfer-encoding: cow"], want: "TRANSFER_ENCODING" },
    { status: 200, fields: ["host: a", "host: b", "content-length: 1"], want: "length" },
    {
      status: 200,
      fields: ["transfer-encoding: chunked"],
      version: "1.0",
      want: "TRANSFER_ENCODING_HTTP10",
    },
  ];
  for (const { status, fields, want, version } of responses) {
    const name = `${status} with ${JSON.stringify(fields.join(" | "))}`;
    it(`decideFraming: an HTTP/${version ?? "1.1"} response ${name} is ${want}`, () => {
      assert.equal(framingOf(response(status, fields, version), { isResponse: true }), want);
    });
  }

  it("decideFraming: the answer to HEAD has no body, whatever it says", () => {
    const setup = { isResponse: true, flags: READER_NO_BODY };
    for (const field of ["content-length: 5", "transfer-encoding: chunked", "a: b"]) {
      assert.equal(framingOf(response(200, [field]), setup), "none");
    }
  });

  it("decideFraming: the length of 0 that a 204 may not have is taken out", () => {
    const reading = codec.readEveryWay(response(204, ["a: b", "content-length: 0"]), {
      isResponse: true,
    });
    assert.deepEqual(reading.messages[0].headers, ["a: b"]);
  });

  const persistence: { version: string; connection: string[]; want: string[] }[] = [
    { version: "1.1", connection: [], want: ["KEEP_ALIVE"] },
    { version: "1.1", connection: ["close"], want: ["CLOSE"] },
    { version: "1.1", connection: ["Close"], want: ["CLOSE"] },
    { version: "1.1", connection: ["keep-alive"], want: ["KEEP_ALIVE"] },
    { version: "1.1", connection: ["keep-alive, close"], want: ["CLOSE"] },
    { version: "1.1", connection: ["keep-alive", "close"], want: ["CLOSE"] },
    { version: "1.1", connection: [" ,\t, close ,"], want: ["CLOSE"] },
    { version: "1.1", connection: ["closed"], want: ["KEEP_ALIVE", "CONNECTION_NAMES"] },
    { version: "1.1", connection: ["x-a"], want: ["KEEP_ALIVE", "CONNECTION_NAMES"] },
    { version: "1.1", connection: ["upgrade"], want: ["KEEP_ALIVE"] },
    { version: "1.1", connection: [""], want: ["KEEP_ALIVE"] },
    { version: "1.0", connection: [], want: [] },
    { version: "1.0", connection: ["Keep-Alive"], want: ["KEEP_ALIVE"] },
    { version: "1.0", connection: ["keep-alive, close"], want: ["CLOSE"] },
    { version: "1.0", connection: ["close"], want: ["CLOSE"] },
  ];
  for (const { version, connection, want } of persistence) {
    const name = `HTTP/${version} with Connection ${JSON.stringify(connection)}`;
    it(`decideFraming: ${name} is ${want.join(" and ") || "for one message"}`, () => {
      const fields = connection.map((value) => `connection: ${value}`);
      const asked = codec.readEveryWay(request(fields, version));
      assert.deepEqual(asked.messages[0].flags, want);
      const head = response(200, [...fields, "content-length: 0"], version);
      assert.deepEqual(codec.readEveryWay(head, { isResponse: true }).messages[0].flags, want);
    });
  }

  it("decideFraming: a body until close ends the connection", () => {
    const reading = codec.readEveryWay(response(200, ["connection: keep-alive"]), {
      isResponse: true,
    });
    assert.deepEqual(reading.messages[0].flags, []);
  });

  it("decideFraming: an upgrade takes both headers", () => {
    const flags = (fields: string[]) => codec.readEveryWay(request(fields)).messages[0].flags;
    const both = ["connection: Upgrade", "upgrade: websocket"];
    assert.deepEqual(flags(both), ["KEEP_ALIVE", "UPGRADE"]);
    assert.deepEqual(flags(both.toReversed()), ["KEEP_ALIVE", "UPGRADE"]);
    assert.deepEqual(flags(["upgrade: websocket"]), ["KEEP_ALIVE"]);
  });

  it("decideFraming: only 100-continue is an expectation", () => {
    const flags = (value: string) =>
      codec.readEveryWay(request([`expect: ${value}`])).messages[0].flags;
    assert.deepEqual(flags("100-Continue"), ["KEEP_ALIVE", "EXPECT_CONTINUE"]);
    assert.deepEqual(flags("100-continued"), ["KEEP_ALIVE"]);
  });

  const dangerous = [
    "content-length",
    "close, Content-Length",
    "transfer-encoding",
    "host",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "content -length",
    "a b",
    "a;b",
    ":path",
    Array.from({ length: 10 }, (_, i) => `n${i}`).join(","),
  ];
  for (const value of dangerous) {
    it(`noteHeader: a request may not have ${JSON.stringify(value)} removed`, () => {
      assert.equal(framingOf(request([`connection: ${value}`])), "CONNECTION_HEADER");
      const head = response(204, [`connection: ${value}`]);
      assert.equal(framingOf(head, { isResponse: true }), "none");
    });
  }

  it("noteHeader: up to nine headers may be named, over all Connection fields", () => {
    const names = (count: number) => Array.from({ length: count }, (_, i) => `connection: n${i}`);
    assert.equal(framingOf(request(names(9))), "none");
    assert.equal(framingOf(request(names(10))), "CONNECTION_HEADER");
  });

  const settled: { fields: string[]; framing: number; length: bigint; want: string[] }[] = [
    {
      fields: ["content-length: 5"],
      framing: FRAMING_LENGTH,
      length: 5n,
      want: ["content-length: 5"],
    },
    { fields: [], framing: FRAMING_LENGTH, length: 5n, want: ["content-length: 5"] },
    {
      fields: ["content-length: 5"],
      framing: FRAMING_LENGTH,
      length: 6n,
      want: ["content-length: 6"],
    },
    { fields: ["content-length: 5"], framing: FRAMING_CHUNKED, length: -1n, want: [] },
    { fields: ["content-length: 5"], framing: FRAMING_CLOSE, length: -1n, want: [] },
    {
      fields: ["content-length: 5"],
      framing: FRAMING_NONE,
      length: 5n,
      want: ["content-length: 5"],
    },
    { fields: ["transfer-encoding: chunked"], framing: FRAMING_CHUNKED, length: -1n, want: [] },
    {
      fields: ["transfer-encoding: chunked"],
      framing: FRAMING_LENGTH,
      length: 123456789012345678n,
      want: ["content-length: 123456789012345678"],
    },
  ];
  for (const { fields, framing, length, want } of settled) {
    it(`settleLength: ${JSON.stringify(fields)} for framing ${framing} of ${length}`, () => {
      const { exports } = codec;
      const reader = exports.open(0, 0, 1000, 10);
      const bytes = Buffer.from(request(fields));
      exports.read(reader, codec.place(bytes), bytes.length);
      exports.settle(reader, framing, length);
      const lines = codec.lines(reader, false).filter((line) => /^(content|transfer)/.test(line));
      assert.deepEqual(lines, want);
      exports.close(reader);
    });
  }
});
