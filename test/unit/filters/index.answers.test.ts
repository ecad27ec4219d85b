import assert from "node:assert/strict";
import {
  E_CHUNK_SIZE,
  E_EARLY_END,
  E_HEADER_NAME,
  E_NO_ANSWER,
} from "../../../api/engine/http1.ts";
import {
  EVENT_TO_DOWNSTREAM,
  EVENT_UPSTREAM_FAILED,
  FLAG_CLOSE,
  FLAG_COMPLETE,
  STATE_RESPONSE_BEGUN,
  STREAM_STATE,
  STREAM_STATUS,
} from "../../../api/engine/layout.ts";
import { get } from "../../support/proxy-sketch.ts";
import { splitsOf } from "../../support/feed.ts";
import { Exchange } from "./exchange.ts";

const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
const COUNTED = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n";
const UNTIL_CLOSE = "HTTP/1.1 200 OK\r\n\r\n";
const INTERIM = "HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n";

/** What is left of a stream whose upstream failed. */
interface Failed {
  readonly event: number;
  readonly error: number;
  readonly hasBegun: boolean;
}

describe("engine, answers that fail", () => {
  let exchange: Exchange;
  beforeEach(() => {
    exchange = new Exchange();
  });

  function failed(event: number, stream: number): Failed {
    const hasBegun = (exchange.field(stream, STREAM_STATE) & STATE_RESPONSE_BEGUN) !== 0;
    return { event, error: exchange.engine.mailError, hasBegun };
  }

  const malformed = [
    { name: "a bad chunk size", text: `${CHUNKED}zz\r\n`, error: E_CHUNK_SIZE },
    {
      name: "a bad chunk size behind a good chunk",
      text: `${CHUNKED}2\r\nhi\r\nzz\r\n`,
      error: E_CHUNK_SIZE,
    },
    {
      name: "bad trailers",
      text: `${CHUNKED}2\r\nhi\r\n0\r\na b: 1\r\n\r\n`,
      error: E_HEADER_NAME,
    },
    { name: "both behind an interim response", text: `${INTERIM}${CHUNKED}x`, error: E_CHUNK_SIZE },
  ];
  for (const { name, text, error } of malformed) {
    it(`receive: ${name} in one read with its head can still be answered`, () => {
      const stream = exchange.begin(get("/"));
      const event = exchange.receive(exchange.upstream, text);
      assert.deepEqual(failed(event, stream), {
        event: EVENT_UPSTREAM_FAILED,
        error,
        hasBegun: false,
      });
      assert.equal(exchange.field(stream, STREAM_STATUS), 0);
      assert.equal(exchange.reply(stream, 502, "bad"), EVENT_TO_DOWNSTREAM);
      const lines = exchange.output.split("\r\n");
      assert.equal(lines[0], "HTTP/1.1 502 Bad Gateway");
      assert.deepEqual(lines.slice(-2), ["", "bad"]);
      assert.equal(lines.filter((line) => line === "content-length: 3").length, 1);
      assert.ok(!exchange.output.includes("chunked"));
      assert.ok(exchange.has(FLAG_COMPLETE) && !exchange.has(FLAG_CLOSE));
    });
  }

  it("receive: in whatever pieces a bad chunk comes, a head that was sent stays sent", () => {
    const bytes = Buffer.from(`${CHUNKED}2\r\nhi\r\nz`, "latin1");
    for (const pieces of splitsOf(bytes)) {
      exchange = new Exchange();
      const stream = exchange.begin(get("/"));
      let sent = "";
      let event = 0;
      for (const piece of pieces) {
        event = exchange.receive(exchange.upstream, Buffer.from(piece).toString("latin1"));
        if (event === EVENT_TO_DOWNSTREAM) sent += exchange.output;
      }
      assert.equal(event, EVENT_UPSTREAM_FAILED);
      assert.equal(failed(event, stream).hasBegun, sent !== "");
    }
  });

  it("receive: the connection goes on behind an answer in place of one that would close it", () => {
    const stream = exchange.begin(get("/"));
    exchange.receive(exchange.upstream, `${CHUNKED}z`);
    exchange.reply(stream, 502, "bad");
    const again = exchange.openUpstream();
    assert.notEqual(exchange.receive(exchange.downstream, get("/next")), 0);
    const next = exchange.engine.mailStream;
    assert.equal(exchange.engine.calls.attempt(next, again, 3), 0);
    assert.match(exchange.output, /^GET \/next /);
  });

  const ends = [
    { name: "nothing", text: "", error: E_NO_ANSWER },
    { name: "an interim response", text: INTERIM, error: E_NO_ANSWER },
    { name: "one byte", text: "H", error: E_EARLY_END },
    { name: "half a head", text: "HTTP/1.1 200 OK\r\nx-a", error: E_EARLY_END },
    { name: "half a head behind an interim one", text: `${INTERIM}HTTP/1`, error: E_EARLY_END },
    { name: "a head without its body", text: COUNTED, error: E_EARLY_END, hasBegun: true },
    { name: "half a body", text: `${COUNTED}hi`, error: E_EARLY_END, hasBegun: true },
    { name: "half a chunk", text: `${CHUNKED}5\r\nhe`, error: E_EARLY_END, hasBegun: true },
    { name: "no last chunk", text: `${CHUNKED}2\r\nhi\r\n`, error: E_EARLY_END, hasBegun: true },
  ];
  for (const { name, text, error, hasBegun = false } of ends) {
    for (const isReset of [false, true]) {
      it(`endUpstream: ${isReset ? "a reset" : "the end"} after ${name}`, () => {
        const stream = exchange.begin(get("/"));
        if (text !== "") exchange.receive(exchange.upstream, text);
        const event = exchange.endUpstream(isReset);
        assert.deepEqual(failed(event, stream), { event: EVENT_UPSTREAM_FAILED, error, hasBegun });
      });
    }
  }

  it("endUpstream: the end is that of a body without a length, a reset is not", () => {
    exchange.begin(get("/"));
    exchange.receive(exchange.upstream, `${UNTIL_CLOSE}hi`);
    assert.equal(exchange.endUpstream(false), EVENT_TO_DOWNSTREAM);
    assert.ok(exchange.has(FLAG_COMPLETE));
    exchange = new Exchange();
    const stream = exchange.begin(get("/"));
    exchange.receive(exchange.upstream, `${UNTIL_CLOSE}hi`);
    const event = exchange.endUpstream(true);
    const want = { event: EVENT_UPSTREAM_FAILED, error: E_EARLY_END, hasBegun: true };
    assert.deepEqual(failed(event, stream), want);
  });
});
