import assert from "node:assert/strict";
import {
  CONNECTION_FLAGS,
  CONNECTION_HEAD_BEGUN,
  CONNECTION_PENDING_BYTES,
  EVENT_NONE,
  EVENT_REQUEST,
  EVENT_TO_DOWNSTREAM,
  EVENT_UPSTREAM_FAILED,
  FLAG_CLOSE,
} from "../../../api/engine/layout.ts";
import { E_HEAD_TOO_LARGE } from "../../../api/engine/http1.ts";
import { get } from "../../support/proxy-sketch.ts";
import { splitsOf } from "../../support/feed.ts";
import { Exchange } from "./exchange.ts";

const PRESERVE =
  "type.googleapis.com/" +
  "envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig";

/** Options of a codec that keeps the case of names. */
function preserve(more: object = {}): { readonly header_key_format: object } {
  const typed_config = { "@type": PRESERVE, ...more };
  return { header_key_format: { stateful_formatter: { name: "preserve_case", typed_config } } };
}

/** Lines of a head that was written, but for what is of today. */
function linesOf(text: string): string[] {
  const [head] = text.split("\r\n\r\n");
  const ours = /^(date|server|x-request-id|x-envoy-|x-forwarded-proto)/i;
  return head.split("\r\n").filter((line) => !ours.test(line));
}

/** A request or response head of so many bytes. */
function headOf(start: string, bytes: number): string {
  const rest = bytes - start.length - "x-a: \r\n\r\n".length;
  return `${start}x-a: ${"v".repeat(rest)}\r\n\r\n`;
}

describe("engine, heads", () => {
  /** Has a connection read a long text as a socket would. */
  function receiveAll(exchange: Exchange, record: number, text: string): number {
    let event: number = EVENT_NONE;
    for (let at = 0; at < text.length && event === EVENT_NONE; at += 65_536) {
      event = exchange.receive(record, text.slice(at, at + 65_536));
    }
    return event;
  }

  for (const text of ["\r\n", "\r", "\r\n\r", "\r\n\r\n"]) {
    it(`receive: ${JSON.stringify(text)} begins no request, and is no part of the next`, () => {
      const exchange = new Exchange();
      const hasBegun = () =>
        (exchange.field(exchange.downstream, CONNECTION_FLAGS) & CONNECTION_HEAD_BEGUN) !== 0;
      assert.equal(exchange.receive(exchange.downstream, text), EVENT_NONE);
      assert.ok(!hasBegun());
      exchange.scribble();
      const rest = text.endsWith("\r") ? "\n" : "";
      assert.equal(exchange.receive(exchange.downstream, `${rest}GE`), EVENT_NONE);
      assert.ok(hasBegun());
      exchange.scribble();
      assert.equal(exchange.receive(exchange.downstream, get("/a").slice(2)), EVENT_REQUEST);
      assert.ok(!hasBegun());
    });
  }

  it("receive: empty lines are kept up to 64 bytes, whatever pieces they come in", () => {
    for (const pieces of splitsOf(Buffer.from("\r\n".repeat(33)))) {
      const exchange = new Exchange();
      const events = pieces.map((piece) =>
        exchange.receive(exchange.downstream, Buffer.from(piece).toString("latin1")),
      );
      assert.ok(events.includes(EVENT_TO_DOWNSTREAM));
      assert.match(exchange.output, /^HTTP\/1.1 400 |^$/);
    }
    const exchange = new Exchange();
    assert.equal(exchange.receive(exchange.downstream, "\r\n".repeat(32)), EVENT_NONE);
    assert.equal(exchange.field(exchange.downstream, CONNECTION_PENDING_BYTES), 64);
    assert.equal(exchange.receive(exchange.downstream, get("/a")), EVENT_REQUEST);
  });

  it("receive: a request's head may have 8 MiB where that is set, and not one byte more", () => {
    const manager = { max_request_headers_kb: 8192 };
    const start = "GET / HTTP/1.1\r\nhost: test\r\n";
    const exchange = new Exchange({ manager });
    const before = exchange.engine.calls.bytesInUse();
    const text = headOf(start, 8 << 20);
    assert.equal(receiveAll(exchange, exchange.downstream, text), EVENT_REQUEST);
    const stream = exchange.engine.mailStream;
    assert.equal(exchange.engine.calls.attempt(stream, exchange.upstream, 2), 0);
    assert.ok(exchange.output.includes(text.slice(start.length, -4)));
    exchange.receive(exchange.upstream, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    exchange.begin(get("/next"));
    assert.ok(exchange.engine.calls.bytesInUse() - before < 65_536);
    const longer = new Exchange({ manager });
    const event = receiveAll(longer, longer.downstream, headOf(start, (8 << 20) + 1));
    assert.equal(event, EVENT_TO_DOWNSTREAM);
    assert.match(longer.output, /^HTTP\/1.1 431 /);
  });

  for (const [name, options, most] of [
    ["80 KiB", undefined, 80],
    ["1 KiB", { max_response_headers_kb: 1 }, 1],
    ["8 MiB", { max_response_headers_kb: 8192 }, 8192],
  ] as const) {
    it(`receive: a response's head may have ${name}, and not one byte more`, () => {
      const start = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n";
      const sketch = options === undefined ? {} : { upstreamOptions: options };
      const exchange = new Exchange(sketch);
      exchange.begin(get("/"));
      const text = headOf(start, most * 1024);
      assert.equal(receiveAll(exchange, exchange.upstream, text), EVENT_TO_DOWNSTREAM);
      assert.ok(exchange.output.includes(text.slice(start.length, -4)));
      const longer = new Exchange(sketch);
      longer.begin(get("/"));
      const event = receiveAll(longer, longer.upstream, headOf(start, most * 1024 + 1));
      assert.equal(event, EVENT_UPSTREAM_FAILED);
      assert.equal(longer.engine.mailError, E_HEAD_TOO_LARGE);
    });
  }

  for (const [name, options, most] of [
    ["100", undefined, 100],
    ["3", { max_headers_count: 3 }, 3],
    ["500", { max_headers_count: 500 }, 500],
  ] as const) {
    it(`receive: a response may have ${name} headers, and not one more`, () => {
      const sketch = options === undefined ? {} : { upstreamOptions: options };
      const answer = (count: number) => {
        const exchange = new Exchange(sketch);
        exchange.begin(get("/"));
        const lines = "a: b\r\n".repeat(count - 1);
        const text = `HTTP/1.1 200 OK\r\ncontent-length: 0\r\n${lines}\r\n`;
        return exchange.receive(exchange.upstream, text);
      };
      assert.equal(answer(most), EVENT_TO_DOWNSTREAM);
      assert.equal(answer(most + 1), EVENT_UPSTREAM_FAILED);
    });
  }

  it("rebase: connections read on as the configuration says that the next request has", () => {
    const exchange = new Exchange();
    exchange.begin(get("/"));
    exchange.receive(exchange.upstream, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    exchange.rebase({
      manager: { max_request_headers_kb: 1, http_protocol_options: preserve() },
      upstreamOptions: { max_headers_count: 1 },
    });
    exchange.begin("GET / HTTP/1.1\r\nHOST: test\r\n\r\n");
    assert.match(exchange.output, /\r\nHOST: test\r\n/);
    exchange.receive(exchange.upstream, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    exchange.begin(get("/"));
    const two = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\na: b\r\n\r\n";
    assert.equal(exchange.receive(exchange.upstream, two), EVENT_UPSTREAM_FAILED);
    exchange.reply(exchange.engine.mailStream, 502, "bad");
    const long = headOf("GET / HTTP/1.1\r\nhost: test\r\n", 1025);
    assert.equal(exchange.receive(exchange.downstream, long), EVENT_TO_DOWNSTREAM);
    assert.match(exchange.output, /^HTTP\/1.1 431 /);
  });

  it("receive: a large head is refused where there is no memory for it", () => {
    const exchange = new Exchange({
      manager: { max_request_headers_kb: 8192 },
      upstreamOptions: { max_response_headers_kb: 8192 },
    });
    const { calls } = exchange.engine;
    exchange.begin(get("/"));
    const hogs: number[] = [];
    while (calls.bytesLeft() > 20 << 20) hogs.push(calls.allocate((1 << 20) - 16));
    const start = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n";
    const event = receiveAll(exchange, exchange.upstream, headOf(start, 4 << 20));
    assert.equal(event, EVENT_UPSTREAM_FAILED);
    assert.equal(exchange.engine.mailError, E_HEAD_TOO_LARGE);
    calls.closeConnection(exchange.upstream);
    exchange.reply(exchange.engine.mailStream, 502, "no room");
    const request = headOf("GET / HTTP/1.1\r\nhost: test\r\n", 4 << 20);
    assert.equal(receiveAll(exchange, exchange.downstream, request), EVENT_TO_DOWNSTREAM);
    assert.match(exchange.output, /^HTTP\/1.1 431 /);
    assert.ok(exchange.has(FLAG_CLOSE));
    assert.ok(calls.bytesLeft() > 16 << 20);
  });

  it("attempt: a large head is refused where there is no memory for it any more", () => {
    const exchange = new Exchange({ manager: { max_request_headers_kb: 8192 } });
    const { calls } = exchange.engine;
    const request = headOf("GET / HTTP/1.1\r\nhost: test\r\n", 4 << 20);
    assert.equal(receiveAll(exchange, exchange.downstream, request), EVENT_REQUEST);
    const stream = exchange.engine.mailStream;
    while (calls.bytesLeft() > 20 << 20) calls.allocate((1 << 20) - 16);
    assert.equal(calls.attempt(stream, exchange.upstream, 3), E_HEAD_TOO_LARGE);
    assert.equal(calls.refuseRequest(stream, E_HEAD_TOO_LARGE, 3), EVENT_TO_DOWNSTREAM);
    assert.match(exchange.output, /^HTTP\/1.1 431 /);
  });

  it("preserve_case: names of a request go upstream as the client wrote them", () => {
    const lines = ["HOST: test", "X-Foo: 1", "x-FOO: 2", "ACCEPT: c", "x-low: 3"];
    const text = `GET /a HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
    const exchange = new Exchange({ manager: { http_protocol_options: preserve() } });
    exchange.begin(text);
    const want = ["HOST: test", "X-Foo: 1", "X-Foo: 2", "ACCEPT: c", "x-low: 3"];
    assert.deepEqual(linesOf(exchange.output), ["GET /a HTTP/1.1", ...want]);
    assert.match(exchange.output, /\r\nx-forwarded-proto: http\r\n/);
  });

  it("preserve_case: names that were added are in Train-Case where that is asked for", () => {
    const options = preserve({ formatter_type_on_envoy_headers: "PROPER_CASE" });
    const exchange = new Exchange({ manager: { http_protocol_options: options } });
    exchange.begin("GET /a HTTP/1.1\r\nhost: test\r\nx-foo: 1\r\n\r\n");
    assert.match(exchange.output, /\r\nhost: test\r\n(.*\r\n)*x-foo: 1\r\n/);
    assert.match(exchange.output, /\r\nX-Forwarded-Proto: http\r\n/);
  });

  it("preserve_case: the next request on the connection has its own names", () => {
    const exchange = new Exchange({ manager: { http_protocol_options: preserve() } });
    exchange.begin("GET /a HTTP/1.1\r\nHOST: test\r\nX-FOO: 1\r\n\r\n");
    exchange.receive(exchange.upstream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    exchange.begin("GET /b HTTP/1.1\r\nHost: test\r\nx-foo: 2\r\n\r\n");
    assert.deepEqual(linesOf(exchange.output), ["GET /b HTTP/1.1", "Host: test", "x-foo: 2"]);
  });

  it("preserve_case: names of a response go downstream as the upstream wrote them", () => {
    const text = "HTTP/1.1 200 Fine\r\nContent-LENGTH: 2\r\nX-Foo: 1\r\nx-foo: 2\r\n\r\nhi";
    const exchange = new Exchange({ upstreamHttp1: preserve() });
    exchange.begin(get("/"));
    exchange.receive(exchange.upstream, text);
    const want = ["HTTP/1.1 200 OK", "Content-LENGTH: 2", "X-Foo: 1", "X-Foo: 2"];
    assert.deepEqual(linesOf(exchange.output), want);
  });

  it("forward_reason_phrase: the phrase goes downstream, of interim responses too", () => {
    const exchange = new Exchange({ upstreamHttp1: preserve({ forward_reason_phrase: true }) });
    exchange.begin(get("/"));
    exchange.receive(exchange.upstream, "HTTP/1.1 103 Soon\r\nLINK: a\r\n\r\n");
    assert.deepEqual(linesOf(exchange.output), ["HTTP/1.1 103 Soon", "LINK: a"]);
    exchange.receive(exchange.upstream, "HTTP/1.1 299 Mine Own\r\nContent-length: 0\r\n\r\n");
    assert.deepEqual(linesOf(exchange.output), ["HTTP/1.1 299 Mine Own", "Content-length: 0"]);
  });

  it("preserve_case: a local reply in place of a response has none of its names", () => {
    const exchange = new Exchange({ upstreamHttp1: preserve({ forward_reason_phrase: true }) });
    const stream = exchange.begin(get("/"));
    const text = "HTTP/1.1 200 Fine\r\nCONTENT-TYPE: a/b\r\nTransfer-Encoding: chunked\r\n\r\nzz";
    assert.equal(exchange.receive(exchange.upstream, text), EVENT_UPSTREAM_FAILED);
    exchange.reply(stream, 502, "bad");
    const want = ["HTTP/1.1 502 Bad Gateway", "content-length: 3", "content-type: text/plain"];
    assert.deepEqual(linesOf(exchange.output).sort(), want);
  });

  it("proper_case_words: interim responses have it, too", () => {
    const options = { header_key_format: { proper_case_words: {} } };
    const exchange = new Exchange({ manager: { http_protocol_options: options } });
    exchange.begin(get("/"));
    exchange.receive(exchange.upstream, "HTTP/1.1 103 Early Hints\r\nx-a-b: 1\r\n\r\n");
    assert.deepEqual(linesOf(exchange.output), ["HTTP/1.1 103 Early Hints", "X-A-B: 1"]);
  });

  it("always_set_request_id_in_response: interim responses have the id, too", () => {
    const manager = { proxy_100_continue: true, always_set_request_id_in_response: true };
    const exchange = new Exchange({ manager });
    exchange.begin(get("/", "x-request-id: mine\r\n"));
    exchange.receive(exchange.upstream, "HTTP/1.1 100 Continue\r\n\r\n");
    assert.equal(exchange.output, "HTTP/1.1 100 Continue\r\nx-request-id: mine\r\n\r\n");
    exchange.receive(exchange.upstream, "HTTP/1.1 103 Early Hints\r\nx-request-id: own\r\n\r\n");
    assert.equal(exchange.output, "HTTP/1.1 103 Early Hints\r\nx-request-id: mine\r\n\r\n");
  });

  it("send_fully_qualified_url: the target is a whole URL, of any length of host", () => {
    const exchange = new Exchange({ upstreamHttp1: { send_fully_qualified_url: true } });
    const host = `${"h".repeat(20_000)}.test:81`;
    exchange.begin(`GET /a?b=c HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
    assert.equal(linesOf(exchange.output)[0], `GET http://${host}/a?b=c HTTP/1.1`);
    assert.equal(linesOf(exchange.output)[1], `host: ${host}`);
  });

  it("allow_custom_methods: another method passes, and is one of a request with a body", () => {
    const text = "BREW / HTTP/1.1\r\nhost: test\r\n\r\n";
    const exchange = new Exchange({
      manager: { http_protocol_options: { allow_custom_methods: true } },
    });
    exchange.begin(text);
    assert.match(exchange.output, /^BREW \/ HTTP\/1.1\r\n(.*\r\n)*content-length: 0\r\n/);
    const strict = new Exchange();
    assert.equal(strict.receive(strict.downstream, text), EVENT_TO_DOWNSTREAM);
    assert.match(strict.output, /^HTTP\/1.1 400 /);
  });
});
