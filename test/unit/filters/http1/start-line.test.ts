import assert from "node:assert/strict";
import {
  READER_CUSTOM_METHODS,
  READER_KEEP_CASE,
  READER_KEEP_REASON,
} from "../../../../api/engine/http1.ts";
import { Codec } from "./codec.ts";

/** RFC 9112 §3 (request lines) and §4 (status lines). */
describe("start-line", () => {
  let codec: Codec;
  before(async function () {
    this.timeout(60_000);
    codec = await Codec.open();
  });

  const accepted: { name: string; line: string; want: string }[] = [
    { name: "the origin form", line: "GET /a?b=c HTTP/1.1", want: "GET /a?b=c 11" },
    { name: "the absolute form", line: "GET http://b/c HTTP/1.1", want: "GET http://b/c 11" },
    { name: "the authority form", line: "CONNECT b:443 HTTP/1.1", want: "CONNECT b:443 11" },
    { name: "the asterisk form", line: "OPTIONS * HTTP/1.1", want: "OPTIONS * 11" },
    { name: "version 1.0", line: "GET / HTTP/1.0", want: "GET / 10" },
    { name: "a method of WebDAV", line: "PROPFIND / HTTP/1.1", want: "PROPFIND / 11" },
    { name: "the method QUERY", line: "QUERY / HTTP/1.1", want: "QUERY / 11" },
    {
      name: "the last method of the list",
      line: "UNSUBSCRIBE / HTTP/1.1",
      want: "UNSUBSCRIBE / 11",
    },
    { name: "bytes over 127 in the target", line: "GET /\xe9 HTTP/1.1", want: "GET /\xe9 11" },
    {
      name: "an encoded line end in the target",
      line: "GET /%0d%0a HTTP/1.1",
      want: "GET /%0d%0a 11",
    },
    { name: "one empty line before it", line: "\r\nGET / HTTP/1.1", want: "GET / 11" },
    {
      name: "64 bytes of empty lines before it",
      line: `${"\r\n".repeat(32)}GET / HTTP/1.1`,
      want: "GET / 11",
    },
  ];
  for (const { name, line, want } of accepted) {
    it(`readRequestLine: ${name} is read`, () => {
      const reading = codec.readEveryWay(`${line}\r\nhost: b\r\n\r\n`);
      assert.deepEqual([reading.error, reading.messages[0]?.start], [null, want]);
      assert.ok(reading.messages[0].isWhole);
    });
  }

  const refused: { name: string; line: string; want: string }[] = [
    { name: "no target", line: "GET", want: "REQUEST_LINE" },
    { name: "HTTP/0.9", line: "GET /", want: "REQUEST_LINE" },
    { name: "a space before the method", line: " GET / HTTP/1.1", want: "REQUEST_LINE" },
    {
      name: "a byte in the method that no token has",
      line: "GE(T / HTTP/1.1",
      want: "REQUEST_LINE",
    },
    { name: "a tab behind the method", line: "GET\t/ HTTP/1.1", want: "REQUEST_LINE" },
    { name: "a tab behind the target", line: "GET /\tHTTP/1.1", want: "REQUEST_LINE" },
    { name: "two spaces behind the method", line: "GET  / HTTP/1.1", want: "TARGET" },
    { name: "two spaces behind the target", line: "GET /  HTTP/1.1", want: "VERSION" },
    { name: "a space in the target", line: "GET /a b HTTP/1.1", want: "VERSION" },
    { name: "a space at the end", line: "GET / HTTP/1.1 ", want: "VERSION" },
    { name: "a version in lower case", line: "GET / http/1.1", want: "VERSION" },
    { name: "version 1.2", line: "GET / HTTP/1.2", want: "VERSION" },
    { name: "version 2.0", line: "GET / HTTP/2.0", want: "VERSION" },
    { name: "version 1.10", line: "GET / HTTP/1.10", want: "VERSION" },
    { name: "a version with one digit", line: "GET / HTTP/1", want: "VERSION" },
    { name: "the preface of HTTP/2", line: "PRI * HTTP/2.0", want: "METHOD" },
    { name: "a method in lower case", line: "get / HTTP/1.1", want: "METHOD" },
    { name: "an unknown method", line: "BREW / HTTP/1.1", want: "METHOD" },
    { name: "the beginning of a method", line: "GE / HTTP/1.1", want: "METHOD" },
    { name: "NUL in the target", line: "GET /\0 HTTP/1.1", want: "HEADER_VALUE" },
    { name: "DEL in the target", line: "GET /\x7f HTTP/1.1", want: "HEADER_VALUE" },
    { name: "a bare CR in the target", line: "GET /\ra HTTP/1.1", want: "LINE_END" },
    { name: "a bare LF in the target", line: "GET /\na HTTP/1.1", want: "LINE_END" },
    { name: "a bare LF before it", line: "\nGET / HTTP/1.1", want: "LINE_END" },
    { name: "a bare CR before it", line: "\rGET / HTTP/1.1", want: "LINE_END" },
    {
      name: "more than 64 bytes of empty lines before it",
      line: `${"\r\n".repeat(33)}GET / HTTP/1.1`,
      want: "LINE_END",
    },
    { name: "a status line", line: "HTTP/1.1 200 OK", want: "REQUEST_LINE" },
  ];
  for (const { name, line, want } of refused) {
    it(`readRequestLine: ${name} is refused`, () => {
      const reading = codec.readEveryWay(`${line}\r\nhost: b\r\n\r\n`);
      assert.deepEqual(reading, { messages: [], error: want, restBytes: 0 });
    });
  }

  it("readRequestLine: a custom method is read where it is allowed, if it is a token", () => {
    const flags = READER_CUSTOM_METHODS;
    const read = (method: string) =>
      codec.readEveryWay(`${method} / HTTP/1.1\r\nhost: b\r\n\r\n`, { flags });
    assert.equal(read("BREW").messages[0].start, "BREW / 11");
    assert.equal(read("A".repeat(500)).error, null);
    assert.equal(read("!#$%&'*+-.^_`|~").error, null);
    assert.equal(read("B@W").error, "REQUEST_LINE");
  });

  const answers: { line: string; want: string }[] = [
    { line: "HTTP/1.1 200 OK", want: "200 11" },
    { line: "HTTP/1.0 404 Not Found", want: "404 10" },
    { line: "HTTP/1.1 200 ", want: "200 11" },
    { line: "HTTP/1.1 200", want: "200 11" },
    { line: "HTTP/1.1 599 caf\xe9\tis open", want: "599 11" },
  ];
  for (const { line, want } of answers) {
    it(`readStatusLine: ${JSON.stringify(line)} is read`, () => {
      const reading = codec.readEveryWay(`${line}\r\n\r\n`, { isResponse: true, closes: true });
      assert.deepEqual([reading.error, reading.messages[0]?.start], [null, want]);
    });
  }

  const reasons: { rest: string; want: string }[] = [
    { rest: " Fine Thing", want: "HTTP/1.1 200 Fine Thing" },
    { rest: "  Two  words\t ", want: "HTTP/1.1 200 Two  words" },
    { rest: " caf\xe9", want: "HTTP/1.1 200 caf\xe9" },
    { rest: " OK", want: "HTTP/1.1 200 OK" },
    { rest: " ", want: "HTTP/1.1 200 " },
    { rest: "", want: "HTTP/1.1 200 " },
  ];
  for (const { rest, want } of reasons) {
    it(`readStatusLine: ${JSON.stringify(`200${rest}`)} keeps its reason where wanted`, () => {
      const head = `HTTP/1.1 200${rest}\r\nA: b\r\n\r\n`;
      const flags = READER_KEEP_CASE | READER_KEEP_REASON;
      const written = codec.formatEveryWay(head, { isResponse: true, flags });
      assert.equal(`HTTP/1.1 200 ${written.reason}`, want);
      const plain = codec.formatEveryWay(head, { isResponse: true, flags: READER_KEEP_CASE });
      assert.equal(plain.reason, "");
    });
  }

  const faulty: { name: string; line: string; want?: string }[] = [
    { name: "two digits", line: "HTTP/1.1 20" },
    { name: "two digits and a reason", line: "HTTP/1.1 20 OK" },
    { name: "four digits", line: "HTTP/1.1 2000 OK" },
    { name: "a letter among the digits", line: "HTTP/1.1 2o0 OK" },
    { name: "a number below 100", line: "HTTP/1.1 099 OK" },
    { name: "a number over 599", line: "HTTP/1.1 600 OK" },
    { name: "the greatest number of three digits", line: "HTTP/1.1 999 OK" },
    { name: "two spaces before the number", line: "HTTP/1.1  200 OK" },
    { name: "a tab before the number", line: "HTTP/1.1\t200 OK" },
    { name: "a tab behind the number", line: "HTTP/1.1 200\tOK" },
    { name: "version 2", line: "HTTP/2.0 200 OK" },
    { name: "another protocol", line: "ICY 200 OK, indeed" },
    { name: "an empty line before it", line: "\r\nHTTP/1.1 200 OK" },
    { name: "a request line", line: "GET / HTTP/1.1" },
    { name: "a bare CR in the reason", line: "HTTP/1.1 200 O\rK", want: "LINE_END" },
    { name: "NUL in the reason", line: "HTTP/1.1 200 O\0K", want: "HEADER_VALUE" },
  ];
  for (const { name, line, want } of faulty) {
    it(`readStatusLine: ${name} is refused`, () => {
      const reading = codec.readEveryWay(`${line}\r\n\r\n`, { isResponse: true });
      assert.deepEqual(reading, { messages: [], error: want ?? "STATUS_LINE", restBytes: 0 });
    });
  }
});
