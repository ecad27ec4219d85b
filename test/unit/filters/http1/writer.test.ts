import assert from "node:assert/strict";
import { READER_KEEP_CASE, READER_KEEP_TRAILERS } from "../../../../api/engine/http1.ts";
import { Codec } from "./codec.ts";

/** Behind what is written, so that writing too far shows. */
const GUARD = "guard";

describe("writer", () => {
  let codec: Codec;
  before(async function () {
    this.timeout(60_000);
    codec = await Codec.open();
  });

  /** Reads a request, hands its reader to `use`, and gives it back. */
  function withReader<Result>(text: string, use: (reader: number) => Result): Result {
    const { exports } = codec;
    const reader = exports.open(READER_KEEP_TRAILERS, 0, 60_000, 100);
    const bytes = Buffer.from(text, "latin1");
    let at = codec.place(bytes);
    for (let left = bytes.length; left > 0; ) {
      const result = exports.read(reader, at, left);
      assert.ok(result === 1 || result === 2 || result === 3, `result ${result}`);
      at += exports.field(reader, 0);
      left -= exports.field(reader, 0);
    }
    const result = use(reader);
    exports.close(reader);
    return result;
  }

  it("writeHeaders: every header is one line, without the pseudo-headers", () => {
    const head = "GET /path HTTP/1.1\r\nHost: b\r\nA:1\r\nempty:\r\na: 2\r\n\r\n";
    withReader(head, (reader) => {
      const text = codec.written((target) => codec.exports.putHeaders(reader, target));
      assert.equal(text, "host: b\r\na: 1\r\nempty: \r\na: 2\r\n");
      assert.ok(text.length <= codec.exports.roomForHeaders(reader));
    });
  });

  it("writeHeaders: names and values of every length from 0 to 40 are copied whole", () => {
    const letters = "abcdefghijklmnopqrstuvwxyz0123456789-_.~";
    const lines = Array.from({ length: 40 }, (_, i) => {
      return `${letters.slice(0, i + 1)}: ${letters.toUpperCase().slice(0, i)}\r\n`;
    });
    withReader(`GET / HTTP/1.1\r\nhost: b\r\n${lines.join("")}\r\n`, (reader) => {
      const text = codec.written((target) => codec.exports.putHeaders(reader, target));
      assert.equal(text, `host: b\r\n${lines.join("")}`);
    });
  });

  it("formatNames: without a case that was kept, Train-Case where it is asked for", () => {
    const head = "GET / HTTP/1.1\r\nHOST: b\r\nx-FOO: a: B\r\n\r\n";
    assert.deepEqual(codec.formatEveryWay(head).headers, ["host: b", "x-foo: a: B"]);
    assert.deepEqual(codec.formatEveryWay(head, {}, true).headers, ["Host: b", "X-Foo: a: B"]);
  });

  it("formatNames: the case that was kept wins over Train-Case", () => {
    const head = "GET / HTTP/1.1\r\nHOST: b\r\nx-FOO: c\r\n\r\n";
    const { headers } = codec.formatEveryWay(head, { flags: READER_KEEP_CASE }, true);
    assert.deepEqual(headers, ["HOST: b", "x-FOO: c"]);
  });

  it("writeChunk: size in hexadecimal, data, and both line ends", () => {
    for (const length of [1, 9, 10, 15, 16, 255, 256, 4095, 4096, 65_536]) {
      const data = "d".repeat(length);
      const at = codec.place(Buffer.from(data));
      const text = codec.written((target) => codec.exports.putChunk(target, at, length));
      assert.equal(text, `${length.toString(16)}\r\n${data}\r\n`);
    }
  });

  it("writeLastChunk: with trailers and without", () => {
    const head = "POST / HTTP/1.1\r\nhost: b\r\ntransfer-encoding: chunked\r\n\r\n";
    const cases = [
      ["0\r\n\r\n", "0\r\n\r\n"],
      ["0\r\nA: 1\r\nb:2\r\n\r\n", "0\r\na: 1\r\nb: 2\r\n\r\n"],
    ];
    for (const [body, want] of cases) {
      withReader(head + body, (reader) => {
        const text = codec.written((target) => codec.exports.putLastChunk(reader, target));
        assert.equal(text, want);
        assert.ok(text.length <= codec.exports.roomForLastChunk(reader));
      });
    }
  });

  it("properCase: letters behind the beginning, and behind what is no letter, are capitals", () => {
    const cases = [
      ["content-length: a-b c\r\n", "Content-Length: a-b c\r\n"],
      ["etag: x:y-z\r\nx_a.b: c\r\n", "Etag: x:y-z\r\nX_A.B: c\r\n"],
      ["x-9a--b: c\r\n", "X-9a--B: c\r\n"],
      ["x: y\r\n", "X: y\r\n"],
    ];
    for (const [head, want] of cases) {
      const bytes = Buffer.from(head + GUARD);
      const at = codec.place(bytes);
      codec.exports.properCase(at, at + head.length);
      assert.equal(codec.text(at, bytes.length), want + GUARD);
    }
  });
});
