import assert from "node:assert/strict";
import { GuardedBackend } from "./guarded-backend.ts";
import { exchange } from "./raw-client.ts";

const REQUEST = "GET / HTTP/1.1\r\nHost: b\r\n\r\n";
const SPLIT = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nset-cookie: stolen\r\n\r\nsplit";
const OK = "HTTP/1.1 200 OK\r\n";
const PROTOCOL_ERROR = "upstream_reset_before_response_started{protocol_error}";

/** Responses that can be understood in two ways, or in none. */
const faults: { name: string; bytes: string }[] = [
  {
    name: "two lengths",
    bytes: `${OK}Content-Length: 5\r\nContent-Length: 50\r\n\r\nhello${SPLIT}`,
  },
  { name: "one length twice", bytes: `${OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello` },
  { name: "a list of lengths", bytes: `${OK}Content-Length: 5, 5\r\n\r\nhello` },
  { name: "a negative length", bytes: `${OK}Content-Length: -5\r\n\r\nhello` },
  { name: "a length with a sign", bytes: `${OK}Content-Length: +5\r\n\r\nhello` },
  {
    name: "a length over all numbers",
    bytes: `${OK}Content-Length: 18446744073709551621\r\n\r\nhello`,
  },
  {
    name: "both lengths",
    bytes: `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SPLIT}`,
  },
  {
    name: "two codings",
    bytes: `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  },
  { name: "an unknown coding", bytes: `${OK}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n` },
  { name: "a coding we do not undo", bytes: `${OK}Transfer-Encoding: gzip\r\n\r\n` },
  {
    name: "chunked in HTTP/1.0",
    bytes: "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  },
  { name: "a space before the colon", bytes: `${OK}Content-Length : 5\r\n\r\nhello` },
  { name: "a folded header", bytes: `${OK}A: b\r\n c\r\nContent-Length: 0\r\n\r\n` },
  { name: "a bare LF in a header", bytes: `${OK}A: b\nContent-Length: 0\r\n\r\n` },
  { name: "a bare CR in a header", bytes: `${OK}A: b\rContent-Length: 0\r\n\r\n` },
  { name: "NUL in a header", bytes: `${OK}A: b\0\r\nContent-Length: 0\r\n\r\n` },
  { name: "a header without a name", bytes: `${OK}: b\r\nContent-Length: 0\r\n\r\n` },
  { name: "a cookie before the fault", bytes: `${OK}Set-Cookie: stolen\r\nbad\r\n\r\n` },
  { name: "a status of two digits", bytes: "HTTP/1.1 20 OK\r\n\r\n" },
  { name: "a status over all statuses", bytes: "HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n" },
  { name: "a status of 600", bytes: "HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n" },
  { name: "version 2", bytes: "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n" },
  { name: "no status line", bytes: "hello, world\r\n\r\n" },
  { name: "an empty line before it", bytes: `\r\n${OK}Content-Length: 0\r\n\r\n` },
  { name: "a 204 with a body", bytes: "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello" },
  { name: "a chunked 204", bytes: "HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
  {
    name: "an interim response with a body",
    bytes: `HTTP/1.1 103 x\r\nContent-Length: 5\r\n\r\nhello${SPLIT}`,
  },
  { name: "an upgrade that nobody asked for", bytes: "HTTP/1.1 101 x\r\nUpgrade: h2c\r\n\r\n" },
  { name: "too large a head", bytes: `${OK}a: ${"v".repeat(82_000)}\r\n\r\n` },
  { name: "too many headers", bytes: `${OK}${"a: b\r\n".repeat(101)}\r\n` },
];

describe("smuggling: responses", () => {
  let guarded: GuardedBackend;
  before(async function () {
    this.timeout(60_000);
    guarded = await GuardedBackend.open();
  });
  after(() => guarded.close());
  beforeEach(() => guarded.backend.reset());

  for (const { name, bytes } of faults) {
    it(`${name}: a response with it is 502, and its connection is not used again`, async () => {
      guarded.backend.reset({ bytes });
      const { responses, rest } = await exchange(guarded.port, REQUEST, "at once", 1);
      assert.equal(rest, "");
      assert.equal(responses.length, 1);
      const [{ status, headers, body }] = responses;
      assert.deepEqual([status, body], [502, PROTOCOL_ERROR]);
      for (const header of ["set-cookie", "a", "upgrade"]) assert.ok(!headers.has(header));
      guarded.backend.reset();
      const next = await exchange(guarded.port, REQUEST, "at once", 1);
      assert.deepEqual([next.responses[0].status, next.responses[0].body], [200, "ok"]);
    });
  }

  const tails: { name: string; bytes: string; body: string }[] = [
    { name: "a counted body", bytes: `${OK}Content-Length: 5\r\n\r\nhello${SPLIT}`, body: "hello" },
    { name: "no body", bytes: `HTTP/1.1 304 x\r\n\r\n${SPLIT}`, body: "" },
    { name: "an empty body", bytes: `${OK}Content-Length: 0\r\n\r\n${SPLIT}`, body: "" },
  ];
  for (const { name, bytes, body } of tails) {
    it(`${name}: what follows a response with it is never an answer`, async () => {
      guarded.backend.reset({ bytes });
      const { responses, rest } = await exchange(guarded.port, REQUEST, "at once", 1);
      assert.deepEqual([responses.length, responses[0].body, rest], [1, body, ""]);
      guarded.backend.reset();
      const next = await exchange(guarded.port, REQUEST, "at once", 1);
      assert.deepEqual([next.responses[0].status, next.responses[0].body], [200, "ok"]);
    });
  }

  it("HEAD: what follows its response is never an answer", async () => {
    guarded.backend.reset({ bytes: `${OK}Content-Length: ${SPLIT.length}\r\n\r\n${SPLIT}` });
    const request = "HEAD / HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n";
    const { text, isClosed } = await exchange(guarded.port, request, "at once", 1);
    assert.ok(isClosed);
    assert.ok(text.endsWith("\r\n\r\n") && !text.includes("split"), text);
    guarded.backend.reset();
    const next = await exchange(guarded.port, REQUEST, "at once", 1);
    assert.equal(next.responses[0].body, "ok");
  });

  const broken: { name: string; bytes: string }[] = [
    { name: "a bad chunk size", bytes: "5\r\nhello\r\nx\r\n" },
    { name: "a chunk longer than its size", bytes: "5\r\nhello!\r\n0\r\n\r\n" },
    { name: "a bare LF behind a chunk", bytes: "5\r\nhello\n0\r\n\r\n" },
    {
      name: "a trailer that sets the length",
      bytes: `5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n`,
    },
  ];
  for (const { name, bytes } of broken) {
    it(`${name}: a response that has it from the start is 502`, async () => {
      guarded.backend.reset({ bytes: `${OK}Transfer-Encoding: chunked\r\n\r\n${bytes}${SPLIT}` });
      const { responses, rest } = await exchange(guarded.port, REQUEST, "at once", 1);
      assert.deepEqual([responses.length, rest], [1, ""]);
      assert.deepEqual([responses[0].status, responses[0].body], [502, PROTOCOL_ERROR]);
      guarded.backend.reset();
      const next = await exchange(guarded.port, REQUEST, "at once", 1);
      assert.deepEqual([next.responses[0].status, next.responses[0].body], [200, "ok"]);
    });
  }
});
