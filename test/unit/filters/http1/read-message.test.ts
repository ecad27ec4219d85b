import assert from "node:assert/strict";
import { READER_KEEP_TRAILERS, READER_RESPONSE } from "../../../../api/engine/http1.ts";
import { Codec } from "./codec.ts";

const CHUNKED = "POST / HTTP/1.1\r\nhost: b\r\ntransfer-encoding: chunked\r\n\r\n";

/** RFC 9112 §6 and §7: bodies, chunks, trailers, and what follows a message. */
describe("read-message", () => {
  let codec: Codec;
  before(async function () {
    this.timeout(60_000);
    codec = await Codec.open();
  });

  const bodies: { name: string; body: string; want: string }[] = [
    { name: "one chunk", body: "5\r\nhello\r\n0\r\n\r\n", want: "hello" },
    { name: "no chunk", body: "0\r\n\r\n", want: "" },
    { name: "several chunks", body: "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", want: "abc" },
    { name: "line ends in the data", body: "4\r\n\r\n\r\n\r\n0\r\n\r\n", want: "\r\n\r\n" },
    { name: "a digit in upper case", body: "A\r\n0123456789\r\n0\r\n\r\n", want: "0123456789" },
    { name: "a digit in lower case", body: "a\r\n0123456789\r\n0\r\n\r\n", want: "0123456789" },
    { name: "two digits", body: `1f\r\n${"x".repeat(31)}\r\n0\r\n\r\n`, want: "x".repeat(31) },
    { name: "leading zeros", body: "0005\r\nhello\r\n000\r\n\r\n", want: "hello" },
    { name: "13 digits", body: "0000000000005\r\nhello\r\n0\r\n\r\n", want: "hello" },
    { name: "an extension", body: "5;a=b\r\nhello\r\n0;c\r\n\r\n", want: "hello" },
    { name: "blanks in an extension", body: '5; a = "b;\t"\r\nhello\r\n0\r\n\r\n', want: "hello" },
    { name: "an empty extension", body: "5;\r\nhello\r\n0\r\n\r\n", want: "hello" },
  ];
  for (const { name, body, want } of bodies) {
    it(`readNext: a chunked body with ${name}`, () => {
      const { messages, error, restBytes } = codec.readEveryWay(CHUNKED + body);
      assert.deepEqual([error, restBytes, messages.length], [null, 0, 1]);
      assert.deepEqual([messages[0].body, messages[0].isWhole], [want, true]);
    });
  }

  const faults: { name: string; body: string; want: string; read?: string }[] = [
    { name: "no size", body: "\r\n", want: "CHUNK_SIZE" },
    { name: "an extension without a size", body: ";a\r\n", want: "CHUNK_SIZE" },
    { name: "a letter that is no digit", body: "g\r\n", want: "CHUNK_SIZE" },
    { name: "a sign", body: "-1\r\n", want: "CHUNK_SIZE" },
    { name: "a prefix", body: "0x5\r\nhello\r\n", want: "CHUNK_SIZE" },
    { name: "a space before the size", body: " 5\r\nhello\r\n", want: "CHUNK_SIZE" },
    { name: "a space behind the size", body: "5 \r\nhello\r\n", want: "CHUNK_SIZE" },
    { name: "a space before the extension", body: "5 ;a\r\nhello\r\n", want: "CHUNK_SIZE" },
    { name: "a tab behind the size", body: "5\t\r\nhello\r\n", want: "CHUNK_SIZE" },
    { name: "14 digits", body: "00000000000005\r\nhello\r\n", want: "CHUNK_SIZE" },
    { name: "a size that wraps around", body: "10000000000000005\r\nhello", want: "CHUNK_SIZE" },
    { name: "a bare LF behind the size", body: "5\nhello\r\n", want: "CHUNK_SIZE" },
    { name: "a bare CR behind the size", body: "5\rhello\r\n", want: "CHUNK_SIZE" },
    { name: "two CRs behind the size", body: "5\r\r\nhello\r\n", want: "CHUNK_SIZE" },
    { name: "NUL behind the size", body: "5\0\r\nhello\r\n", want: "CHUNK_SIZE" },
    { name: "a bare LF in an extension", body: "5;a\nhello\r\n", want: "CHUNK_EXTENSION" },
    { name: "a bare CR in an extension", body: "5;a\rb\r\nhello\r\n", want: "CHUNK_SIZE" },
    { name: "NUL in an extension", body: "5;\0\r\nhello\r\n", want: "CHUNK_EXTENSION" },
    { name: "DEL in an extension", body: "5;\x7f\r\nhello\r\n", want: "CHUNK_EXTENSION" },
    { name: "more data than its size", body: "5\r\nhelloo\r\n", want: "CHUNK_END", read: "hello" },
    {
      name: "less data than its size",
      body: "5\r\nhell\r\n0\r\n\r\n",
      want: "CHUNK_END",
      read: "hell\r",
    },
    {
      name: "a bare LF behind the data",
      body: "5\r\nhello\n0\r\n\r\n",
      want: "CHUNK_END",
      read: "hello",
    },
    {
      name: "a bare CR behind the data",
      body: "5\r\nhello\r0\r\n\r\n",
      want: "CHUNK_END",
      read: "hello",
    },
    {
      name: "no line end behind the data",
      body: "5\r\nhello0\r\n\r\n",
      want: "CHUNK_END",
      read: "hello",
    },
    { name: "a bare LF behind the last size", body: "0\n\r\n", want: "CHUNK_SIZE" },
    { name: "a bare LF at the end", body: "0\r\n\n", want: "LINE_END" },
    { name: "a bare CR at the end", body: "0\r\n\rX", want: "LINE_END" },
  ];
  for (const { name, body, want, read } of faults) {
    it(`readNext: a chunk with ${name} is refused`, () => {
      const { messages, error } = codec.readEveryWay(CHUNKED + body);
      assert.deepEqual([error, messages.length], [want, 1]);
      assert.deepEqual([messages[0].isWhole, messages[0].body], [false, read ?? ""]);
    });
  }

  it("readNext: the greatest size is 2^52 - 1", () => {
    const { error, messages } = codec.readEveryWay(`${CHUNKED}fffffffffffff\r\nabc`);
    assert.deepEqual([error, messages[0].body], [null, "abc"]);
  });

  it("readNext: an extension may have 4,096 bytes and no more", () => {
    const read = (length: number) =>
      codec.read([Buffer.from(`${CHUNKED}1;${"e".repeat(length)}\r\nx\r\n0\r\n\r\n`)]);
    assert.equal(read(4096).error, null);
    assert.equal(read(4097).error, "CHUNK_EXTENSION");
  });

  it("readNext: the extensions of a message may have 16,384 bytes and no more", () => {
    const chunks = `1;${"e".repeat(1024)}\r\nx\r\n`.repeat(16);
    const read = (last: string) => codec.read([Buffer.from(`${CHUNKED}${chunks}${last}\r\n\r\n`)]);
    assert.deepEqual([read("0").error, read("0").messages[0].body], [null, "x".repeat(16)]);
    assert.equal(read("0;e").error, "CHUNK_EXTENSION");
  });

  it("readNext: each message has the whole limit for its extensions", () => {
    const message = `${CHUNKED}${`1;${"e".repeat(4000)}\r\nx\r\n`.repeat(4)}0\r\n\r\n`;
    const { error, messages } = codec.read([Buffer.from(message.repeat(3))]);
    assert.deepEqual([error, messages.length], [null, 3]);
  });

  it("readNext: trailers are kept where asked, and dropped otherwise", () => {
    const text = `${CHUNKED}0\r\nX-Sum: 1\r\ny:2\r\n\r\n`;
    const kept = codec.readEveryWay(text, { flags: READER_KEEP_TRAILERS });
    assert.deepEqual(kept.messages[0].trailers, ["x-sum: 1", "y: 2"]);
    assert.ok(kept.messages[0].isWhole);
    const dropped = codec.readEveryWay(text);
    assert.deepEqual(dropped.messages[0], { ...kept.messages[0], trailers: [] });
  });

  it("readNext: trailers of a message are gone when the next begins", () => {
    const text = `${CHUNKED}0\r\na: 1\r\n\r\n${CHUNKED}0\r\n\r\n${CHUNKED}0\r\nb: 2\r\n\r\n`;
    const { messages } = codec.readEveryWay(text, { flags: READER_KEEP_TRAILERS });
    assert.deepEqual(
      messages.map(({ trailers }) => trailers),
      [["a: 1"], [], ["b: 2"]],
    );
  });

  const forbidden = [
    "Content-Length: 5",
    "Transfer-Encoding: chunked",
    "Host: c",
    "Connection: close",
    "Keep-Alive: timeout=5",
    "TE: trailers",
    "Upgrade: h2c",
  ];
  for (const trailer of forbidden) {
    it(`readNext: the trailer ${trailer} is refused`, () => {
      for (const flags of [0, READER_KEEP_TRAILERS]) {
        const { error } = codec.readEveryWay(`${CHUNKED}0\r\n${trailer}\r\n\r\n`, { flags });
        assert.equal(error, "TRAILER");
      }
    });
  }

  const badTrailers: { name: string; text: string; want: string }[] = [
    { name: "a folded line", text: "a: b\r\n c\r\n\r\n", want: "OBS_FOLD" },
    { name: "a space before the colon", text: "a : b\r\n\r\n", want: "HEADER_NAME" },
    { name: "a bare LF", text: "a: b\n\r\n", want: "LINE_END" },
    { name: "NUL", text: "a: \0\r\n\r\n", want: "HEADER_VALUE" },
    { name: "a request line", text: "GET / HTTP/1.1\r\n\r\n", want: "HEADER_NAME" },
  ];
  for (const { name, text, want } of badTrailers) {
    it(`readNext: trailers with ${name} are refused`, () => {
      assert.equal(codec.readEveryWay(`${CHUNKED}0\r\n${text}`).error, want);
    });
  }

  it("readNext: trailers have the limits of a head, at the limit and one above", () => {
    const body = (trailers: string) => `${CHUNKED}0\r\n${trailers}\r\n`;
    const bytes = `a: ${"v".repeat(95)}\r\n`;
    const setup = { headBytesMax: 102, headerCountMax: 5, flags: READER_KEEP_TRAILERS };
    assert.equal(codec.readEveryWay(body(bytes), setup).error, null);
    const longer = codec.readEveryWay(body(`a${bytes}`), setup);
    assert.equal(longer.error, "HEAD_TOO_LARGE");
    assert.equal(codec.readEveryWay(body("a: b\r\n".repeat(5)), setup).error, null);
    const more = codec.readEveryWay(body("a: b\r\n".repeat(6)), setup);
    assert.equal(more.error, "TOO_MANY_HEADERS");
  });

  it("readNext: trailers that are dropped are not counted, and have the limit in bytes", () => {
    const body = (trailers: string) => `${CHUNKED}0\r\n${trailers}\r\n`;
    const setup = { headBytesMax: 102, headerCountMax: 5 };
    const reading = codec.readEveryWay(body("a: b\r\n".repeat(16)), setup);
    assert.deepEqual([reading.error, reading.messages[0].trailers], [null, []]);
    const longer = codec.readEveryWay(body("a: b\r\n".repeat(17)), setup);
    assert.equal(longer.error, "HEAD_TOO_LARGE");
  });

  it("readNext: a counted body ends with its last byte, and the next request begins", () => {
    const first = "POST /1 HTTP/1.1\r\nhost: b\r\ncontent-length: 3\r\n\r\nabc";
    const text = `${first}GET /2 HTTP/1.1\r\nhost: b\r\n\r\n`;
    const { messages, error, restBytes } = codec.readEveryWay(text);
    assert.deepEqual([error, restBytes], [null, 0]);
    assert.deepEqual(
      messages.map(({ start, body }) => [start, body]),
      [
        ["POST /1 11", "abc"],
        ["GET /2 11", ""],
      ],
    );
  });

  it("readNext: what follows a request without a length is the next request", () => {
    const text = "GET /1 HTTP/1.1\r\nhost: b\r\n\r\nGET /2 HTTP/1.1\r\nhost: b\r\n\r\n";
    assert.equal(codec.readEveryWay(text).messages.length, 2);
    const smuggled = codec.readEveryWay(`${text}abc`);
    assert.deepEqual([smuggled.messages.length, smuggled.restBytes], [2, 3]);
  });

  it("readNext: after an error there is nothing more", () => {
    const text = "GET / HTTP/1.1\r\na : b\r\n\r\nGET / HTTP/1.1\r\nhost: b\r\n\r\n";
    const pieces = Array.from(Buffer.from(text), (byte) => Uint8Array.of(byte));
    assert.deepEqual(codec.read(pieces).messages, []);
    const { exports } = codec;
    const reader = exports.open(0, 0, 1000, 10);
    for (let turn = 0; turn < 2; turn++) {
      const bytes = Buffer.from(turn === 0 ? "\n" : "GET / HTTP/1.1\r\nhost: b\r\n\r\n");
      assert.equal(exports.read(reader, codec.place(bytes), bytes.length), 4);
    }
    exports.close(reader);
  });

  it("readNext: interim responses come before the final one", () => {
    const interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nlink: a\r\n\r\n";
    const text = `${interim}HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx`;
    const { messages } = codec.readEveryWay(text, { isResponse: true });
    assert.deepEqual(
      messages.map(({ start, headers, body }) => [start, headers.length, body]),
      [
        ["100 11", 0, ""],
        ["103 11", 1, ""],
        ["200 11", 1, "x"],
      ],
    );
  });

  it("readClose: it ends a body until close, and nothing else", () => {
    const read = (text: string) =>
      codec.readEveryWay(`HTTP/1.1 200 OK\r\n${text}`, { isResponse: true, closes: true });
    const whole = read("\r\nabc");
    assert.deepEqual([whole.error, whole.messages[0].body], [null, "abc"]);
    assert.ok(whole.messages[0].isWhole);
    const early = [
      "a: b",
      "content-length: 3\r\n\r\nab",
      "content-length: 3\r\n\r\n",
      "transfer-encoding: chunked\r\n\r\n",
      "transfer-encoding: chunked\r\n\r\n2\r\nab\r\n",
      "transfer-encoding: chunked\r\n\r\n0\r\n",
      "transfer-encoding: chunked\r\n\r\n0\r\na: b\r\n",
    ];
    for (const text of early) {
      const { error, messages } = read(text);
      assert.equal(error, "EARLY_END", text);
      assert.ok(!messages.some(({ isWhole }) => isWhole));
    }
  });

  it("readClose: between messages there is nothing to end", () => {
    const setup = { isResponse: true, closes: true };
    assert.equal(codec.readEveryWay("", setup).error, null);
    assert.equal(codec.readEveryWay("HTTP/1.1 304 x\r\n\r\n", setup).error, null);
    assert.equal(codec.readEveryWay("HTTP/1.1 100 x\r\n\r\nH", setup).error, "EARLY_END");
  });

  it("isAtEnd: only a head without a body is the whole message", () => {
    const { exports } = codec;
    const isEmpty = (fields: string) => {
      const reader = exports.open(0, 0, 1000, 10);
      const bytes = Buffer.from(`POST / HTTP/1.1\r\nhost: b\r\n${fields}\r\n`);
      exports.read(reader, codec.place(bytes), bytes.length);
      const answer = exports.isEmpty(reader) !== 0;
      exports.close(reader);
      return answer;
    };
    assert.equal(isEmpty(""), true);
    assert.equal(isEmpty("content-length: 0\r\n"), true);
    assert.equal(isEmpty("content-length: 1\r\n"), false);
    assert.equal(isEmpty("transfer-encoding: chunked\r\n"), false);
  });

  const rests: { name: string; fields: string; rest: string; want: boolean }[] = [
    { name: "no body", fields: "content-length: 0", rest: "", want: true },
    { name: "no body, and another message", fields: "content-length: 0", rest: "H", want: false },
    { name: "a whole body", fields: "content-length: 3", rest: "abc", want: true },
    { name: "a part of a body", fields: "content-length: 3", rest: "ab", want: false },
    { name: "nothing of a body", fields: "content-length: 3", rest: "", want: false },
    { name: "more than a body", fields: "content-length: 3", rest: "abcd", want: false },
    {
      name: "whole chunks",
      fields: "transfer-encoding: chunked",
      rest: "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
      want: true,
    },
    {
      name: "whole chunks with trailers",
      fields: "transfer-encoding: chunked",
      rest: "1\r\na\r\n0\r\na: b\r\n\r\n",
      want: true,
    },
    {
      name: "chunks without the last line",
      fields: "transfer-encoding: chunked",
      rest: "1\r\na\r\n0\r\n",
      want: false,
    },
    {
      name: "malformed chunks",
      fields: "transfer-encoding: chunked",
      rest: "z\r\n\r\n0\r\n\r\n",
      want: false,
    },
    { name: "a body until the close", fields: "server: a", rest: "abc", want: false },
  ];
  for (const { name, fields, rest, want } of rests) {
    it(`isRestRead: ${name} is ${want ? "all there is" : "not just the rest"}`, () => {
      const { exports } = codec;
      const used = exports.bytesInUse();
      const reader = exports.open(READER_RESPONSE, 1, 1000, 10);
      const head = Buffer.from(`HTTP/1.1 302 Found\r\n${fields}\r\n\r\n`);
      exports.read(reader, codec.place(head), head.length);
      const answer = exports.skip(reader, codec.place(Buffer.from(rest)), rest.length) !== 0;
      exports.close(reader);
      assert.deepEqual([answer, exports.bytesInUse()], [want, used]);
    });
  }

  it("readNext: a connection gives back all its memory", () => {
    const used = codec.exports.bytesInUse();
    const big = `${CHUNKED}0\r\n${"name: value\r\n".repeat(90)}\r\n`;
    for (const flags of [0, READER_KEEP_TRAILERS]) codec.read([Buffer.from(big)], { flags });
    codec.read([Buffer.from(`${CHUNKED}0\r\na: b\r\n c`)]);
    assert.equal(codec.exports.bytesInUse(), used);
  });
});
