import assert from "node:assert/strict";
import { GuardedBackend } from "./guarded-backend.ts";
import { exchange, type Sending } from "./raw-client.ts";

const SENDINGS: readonly Sending[] = ["at once", "byte by byte"];
const CHUNKED = "POST /a HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n";
const NEXT = "GET /next HTTP/1.1\r\nHost: b\r\n\r\n";

/** A request that looks odd but has one meaning, and what the backend must get for it. */
interface Odd {
  readonly name: string;
  readonly bytes: string;
  /** Statuses of all answers. */
  readonly statuses: readonly number[];
  /** Request lines and bodies that reach the backend. */
  readonly requests: readonly string[];
  /** Headers of the first request that must be as here; `undefined` is absent. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly isClosed?: boolean;
}

const odds: readonly Odd[] = [
  {
    name: "what follows a counted body is the next request",
    bytes: `POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\nhello${NEXT}`,
    statuses: [200, 200],
    requests: ["POST /a hello", "GET /next "],
    headers: { "content-length": "5" },
  },
  {
    name: "what follows a chunked body is the next request",
    bytes: `${CHUNKED}5\r\nhello\r\n0\r\n\r\n${NEXT}`,
    statuses: [200, 200],
    requests: ["POST /a hello", "GET /next "],
    headers: { "content-length": undefined, "transfer-encoding": "chunked" },
  },
  {
    name: "a request inside a counted body stays there",
    bytes: `POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: ${NEXT.length}\r\n\r\n${NEXT}`,
    statuses: [200],
    requests: [`POST /a ${NEXT}`],
  },
  {
    name: "a request inside a chunk stays there",
    bytes: `${CHUNKED}${NEXT.length.toString(16)}\r\n${NEXT}\r\n0\r\n\r\n`,
    statuses: [200],
    requests: [`POST /a ${NEXT}`],
  },
  {
    name: "chunks are framed anew, without extensions and trailers",
    bytes:
      "POST /a HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: CHUNKED\r\nTrailer: x\r\n\r\n" +
      `0005;a="\x09;b"\r\nhello\r\n000;z\r\nX: y\r\n\r\n${NEXT}`,
    statuses: [200, 200],
    requests: ["POST /a hello", "GET /next "],
    headers: { "transfer-encoding": "chunked", x: undefined },
  },
  {
    name: "a length with leading zeros is that length",
    bytes: `POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: 005\r\n\r\nhello${NEXT}`,
    statuses: [200, 200],
    requests: ["POST /a hello", "GET /next "],
  },
  {
    name: "GET with a length has that body",
    bytes: `GET /a HTTP/1.1\r\nHost: b\r\nContent-Length: ${NEXT.length}\r\n\r\n${NEXT}`,
    statuses: [200],
    requests: [`GET /a ${NEXT}`],
  },
  {
    name: "POST without a length has no body, and says so",
    bytes: `POST /a HTTP/1.1\r\nHost: b\r\n\r\n${NEXT}`,
    statuses: [200, 200],
    requests: ["POST /a ", "GET /next "],
    headers: { "content-length": "0" },
  },
  {
    name: "nothing follows Connection: close",
    bytes: `GET /a HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n${NEXT}`,
    statuses: [200],
    requests: ["GET /a "],
    headers: { connection: undefined },
    isClosed: true,
  },
  {
    name: "the absolute form decides over Host",
    bytes: "GET http://right.example/a HTTP/1.1\r\nHost: wrong.example\r\n\r\n",
    statuses: [200],
    requests: ["GET /a "],
    headers: { host: "right.example" },
  },
  {
    name: "headers that Connection names end here",
    bytes:
      "GET /a HTTP/1.1\r\nHost: b\r\nX-A: 1\r\nX-B: 2\r\nConnection: x-a, te\r\nTE: gzip\r\n\r\n",
    statuses: [200],
    requests: ["GET /a "],
    headers: { "x-a": undefined, "x-b": "2", te: undefined, connection: undefined },
  },
  {
    name: "headers of the hop end here though Connection names none",
    bytes:
      "GET /a HTTP/1.1\r\nHost: b\r\nKeep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\n" +
      "Upgrade: h2c\r\nTE: trailers\r\n\r\n",
    statuses: [200],
    requests: ["GET /a "],
    headers: {
      "keep-alive": undefined,
      "proxy-connection": undefined,
      upgrade: undefined,
      te: "trailers",
    },
  },
  {
    name: "an upgrade to HTTP/2 is not made, and not asked for",
    bytes:
      "GET /a HTTP/1.1\r\nHost: b\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n" +
      `HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n${NEXT}`,
    statuses: [200, 200],
    requests: ["GET /a ", "GET /next "],
    headers: { connection: undefined, upgrade: undefined, "http2-settings": undefined },
  },
  {
    name: "an upgrade to WebSocket is refused where no route allows it",
    bytes:
      "GET /a HTTP/1.1\r\nHost: b\r\nConnection: upgrade\r\nUpgrade: websocket\r\n" +
      `Sec-WebSocket-Version: 99\r\n\r\n${NEXT}`,
    statuses: [403],
    requests: [],
    isClosed: true,
  },
  {
    name: "CONNECT finds no route, and no tunnel begins",
    bytes: `CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n${NEXT}`,
    statuses: [404],
    requests: [],
    isClosed: true,
  },
  {
    name: "the asterisk form cannot be routed",
    bytes: `OPTIONS * HTTP/1.1\r\nHost: b\r\n\r\n${NEXT}`,
    statuses: [404, 200],
    requests: ["GET /next "],
  },
  {
    name: "HTTP/1.0 is refused where it is not enabled",
    bytes: `GET /a HTTP/1.0\r\nHost: b\r\n\r\n${NEXT}`,
    statuses: [426],
    requests: [],
    isClosed: true,
  },
  {
    name: "empty lines between requests are no requests",
    bytes: `\r\nGET /a HTTP/1.1\r\nHost: b\r\n\r\n\r\n\r\n${NEXT}`,
    statuses: [200, 200],
    requests: ["GET /a ", "GET /next "],
  },
  {
    name: "a name with an underscore is another name",
    bytes:
      "POST /a HTTP/1.1\r\nHost: b\r\nContent_Length: 5\r\nTransfer_Encoding: chunked\r\n\r\n" +
      NEXT,
    statuses: [200, 200],
    requests: ["POST /a ", "GET /next "],
    headers: { "content-length": "0" },
  },
  {
    name: "an expectation is met here, and the body is the body",
    bytes:
      "POST /a HTTP/1.1\r\nHost: b\r\nExpect: 100-continue\r\n" +
      `Content-Length: ${NEXT.length}\r\n\r\n${NEXT}`,
    statuses: [200],
    requests: [`POST /a ${NEXT}`],
    headers: { expect: undefined },
  },
  {
    name: "encoded line ends in the target stay encoded",
    bytes: "GET /a%0d%0aHost:%20c%0d%0a%0d%0aGET%20/smuggled HTTP/1.1\r\nHost: b\r\n\r\n",
    statuses: [200],
    requests: ["GET /a%0d%0aHost:%20c%0d%0a%0d%0aGET%20/smuggled "],
  },
];

describe("smuggling: what goes through", () => {
  let guarded: GuardedBackend;
  before(async function () {
    this.timeout(60_000);
    guarded = await GuardedBackend.open();
  });
  after(() => guarded.close());
  beforeEach(() => guarded.backend.reset());

  for (const { name, bytes, statuses, requests, headers, isClosed } of odds) {
    it(`the backend sees one meaning: ${name}`, async () => {
      for (const sending of SENDINGS) {
        guarded.backend.reset();
        const reply = await exchange(guarded.port, bytes, sending, statuses.length);
        const final = reply.responses.filter(({ status }) => status >= 200);
        assert.deepEqual(
          final.map(({ status }) => status),
          statuses,
          sending,
        );
        assert.deepEqual([reply.rest, reply.isClosed], ["", isClosed ?? false], sending);
        const seen = guarded.backend.requests;
        const texts = seen.map(({ method, target, body }) => `${method} ${target} ${body}`);
        assert.deepEqual(texts, requests, sending);
        const first = new Map(seen[0]?.headers);
        for (const [header, value] of Object.entries(headers ?? {})) {
          assert.equal(first.get(header), value, header);
        }
      }
    });
  }

  it("pipeline: it is answered in order, each request once, whoever answers", async () => {
    const targets = Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? "/direct" : `/${i}`));
    const bytes = targets.map((target) => `GET ${target} HTTP/1.1\r\nHost: b\r\n\r\n`).join("");
    for (const sending of SENDINGS) {
      guarded.backend.reset();
      const { responses } = await exchange(guarded.port, bytes, sending, targets.length);
      const statuses = responses.map(({ status }) => status);
      assert.deepEqual(
        statuses,
        targets.map((target) => (target === "/direct" ? 404 : 200)),
      );
      const seen = guarded.backend.requests.map(({ target }) => target);
      assert.deepEqual(
        seen,
        targets.filter((target) => target !== "/direct"),
      );
    }
  });

  it("pipelines: those of several connections never get each other's requests", async () => {
    const run = async (mark: string) => {
      const host = "HTTP/1.1\r\nHost: b\r\n\r\n";
      const bytes = `GET /direct ${host}GET /${mark} ${host}`;
      const { responses } = await exchange(guarded.port, bytes.repeat(10), "at once", 20);
      return responses.map(({ status }) => status);
    };
    const marks = Array.from({ length: 20 }, (_, i) => `mark-${i}`);
    const all = await Promise.all(marks.map(run));
    for (const statuses of all) {
      assert.deepEqual(
        statuses,
        Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 404 : 200)),
      );
    }
    const counts = new Map<string, number>();
    for (const { target } of guarded.backend.requests) {
      counts.set(target, (counts.get(target) ?? 0) + 1);
    }
    assert.deepEqual([...counts].sort(), marks.map((mark) => [`/${mark}`, 10]).sort());
  });
});
