import assert from "node:assert/strict";
import {
  EVENT_HELD,
  EVENT_NONE,
  EVENT_REQUEST,
  EVENT_TO_DOWNSTREAM,
  EVENT_TO_UPSTREAM,
  EVENT_UPSTREAM_FAILED,
  FLAG_ABANDON_UPSTREAM,
  FLAG_CLOSE,
  FLAG_COMPLETE,
  FLAG_MORE,
  FLAG_REQUEST_END,
  FLAG_REUSABLE,
} from "../../../api/engine/layout.ts";
import { get, ok } from "../../support/proxy-sketch.ts";
import { Exchange } from "./exchange.ts";

const DIRECT = {
  match: { path: "/direct" },
  direct_response: { status: 200, body: { inline_string: "direct" } },
};
const CHUNKED = "POST / HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n";

describe("engine", () => {
  let exchange: Exchange;

  beforeEach(() => {
    exchange = new Exchange({ routes: [DIRECT] });
  });

  it("request and response: events say what goes where, and that all is over", () => {
    exchange.begin(get("/a"));
    assert.match(exchange.output, /^GET \/a HTTP\/1.1\r\nhost: test\r\n/);
    assert.ok(exchange.has(FLAG_REQUEST_END));
    assert.equal(exchange.activeCount, 1);
    assert.equal(exchange.receive(exchange.upstream, ok("body")), EVENT_TO_DOWNSTREAM);
    assert.match(exchange.output, /\r\n\r\nbody$/);
    assert.ok(exchange.has(FLAG_COMPLETE) && exchange.has(FLAG_REUSABLE));
    assert.ok(!exchange.has(FLAG_CLOSE) && !exchange.has(FLAG_MORE));
    assert.equal(exchange.activeCount, 0);
  });

  it("pipeline: what is behind a local reply is kept, and proceed takes it", () => {
    const event = exchange.receive(exchange.downstream, get("/direct") + get("/next"));
    assert.equal(event, EVENT_TO_DOWNSTREAM);
    assert.match(exchange.output, /\r\n\r\ndirect$/);
    assert.ok(exchange.has(FLAG_MORE));
    exchange.scribble();
    assert.equal(exchange.engine.calls.proceed(exchange.downstream, 3), EVENT_REQUEST);
    const stream = exchange.engine.mailStream;
    assert.equal(exchange.engine.calls.attempt(stream, exchange.upstream, 3), 0);
    assert.match(exchange.output, /^GET \/next /);
  });

  it("pipeline: a request that was kept is gone when it is taken, before the next comes", () => {
    exchange.begin(get("/1"));
    assert.equal(exchange.receive(exchange.downstream, get("/2")), EVENT_HELD);
    exchange.scribble();
    exchange.receive(exchange.upstream, ok("one"));
    assert.ok(exchange.has(FLAG_MORE));
    assert.equal(exchange.engine.calls.proceed(exchange.downstream, 3), EVENT_REQUEST);
    const stream = exchange.engine.mailStream;
    assert.equal(exchange.receive(exchange.downstream, get("/3")), EVENT_HELD);
    assert.equal(exchange.engine.calls.attempt(stream, exchange.upstream, 3), 0);
    assert.match(exchange.output, /^GET \/2 /);
    exchange.receive(exchange.upstream, ok("two"));
    assert.equal(exchange.engine.calls.proceed(exchange.downstream, 4), EVENT_REQUEST);
  });

  it("hold: a body that came before the connection is sent with the head", () => {
    const text = "POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 8\r\n\r\nhalf";
    assert.equal(exchange.receive(exchange.downstream, text), EVENT_REQUEST);
    const stream = exchange.engine.mailStream;
    assert.ok(exchange.has(FLAG_MORE) && !exchange.has(FLAG_REQUEST_END));
    exchange.engine.calls.hold(exchange.downstream);
    exchange.scribble();
    assert.equal(exchange.receive(exchange.downstream, "done"), EVENT_HELD);
    exchange.scribble();
    assert.equal(exchange.engine.calls.attempt(stream, exchange.upstream, 3), 0);
    assert.match(exchange.output, /\r\n\r\nhalfdone$/);
    assert.ok(exchange.has(FLAG_REQUEST_END));
  });

  it("body: chunks go on as they come, with their end", () => {
    exchange.begin(CHUNKED);
    assert.equal(exchange.receive(exchange.downstream, "3\r\nabc"), EVENT_TO_UPSTREAM);
    assert.equal(exchange.output, "3\r\nabc\r\n");
    assert.equal(exchange.receive(exchange.downstream, "\r\n0\r\n"), EVENT_NONE);
    assert.equal(exchange.receive(exchange.downstream, "\r\n"), EVENT_TO_UPSTREAM);
    assert.equal(exchange.output, "0\r\n\r\n");
    assert.ok(exchange.has(FLAG_REQUEST_END));
  });

  it("early response: the upstream is abandoned, and the client cut off", () => {
    exchange.begin(CHUNKED);
    assert.equal(exchange.receive(exchange.upstream, ok("no")), EVENT_TO_DOWNSTREAM);
    assert.ok(exchange.has(FLAG_COMPLETE) && exchange.has(FLAG_ABANDON_UPSTREAM));
    assert.ok(exchange.has(FLAG_CLOSE) && !exchange.has(FLAG_REUSABLE));
    assert.equal(exchange.receive(exchange.downstream, "3\r\nabc\r\n"), EVENT_NONE);
  });

  for (const [name, bytes, isReplayable] of [
    ["before a byte", "", 1],
    ["in a head", "HTTP/1.1 2", 0],
  ] as const) {
    it(`early end ${name}: canReplay is ${isReplayable} for GET`, () => {
      const stream = exchange.begin(get("/"));
      if (bytes !== "") exchange.receive(exchange.upstream, bytes);
      const event = exchange.endUpstream(false);
      assert.equal(event, EVENT_UPSTREAM_FAILED);
      assert.equal(exchange.engine.calls.canReplay(stream), isReplayable);
    });
  }

  for (const [method, isReplayable] of [
    ["GET", 1],
    ["HEAD", 1],
    ["PUT", 1],
    ["DELETE", 1],
    ["OPTIONS", 1],
    ["POST", 0],
    ["PATCH", 0],
  ] as const) {
    it(`canReplay: ${method} without a body is ${isReplayable}`, () => {
      const stream = exchange.begin(`${method} / HTTP/1.1\r\nhost: test\r\n\r\n`);
      assert.equal(exchange.engine.calls.canReplay(stream), isReplayable);
    });
  }

  it("upstream that closes under a stream: the stream lives on without it", () => {
    const stream = exchange.begin(get("/"));
    exchange.engine.calls.closeConnection(exchange.upstream);
    const texts = exchange.engine.placeTexts(["details", "body"]);
    const [details, body] = texts.lengths;
    const event = exchange.engine.calls.replyLocally(
      stream,
      503,
      -1,
      0,
      texts.address,
      details,
      body,
      3,
    );
    assert.equal(event, EVENT_TO_DOWNSTREAM);
    assert.match(exchange.output, /^HTTP\/1.1 503 (.*\r\n)+\r\nbody$/);
    assert.equal(exchange.activeCount, 0);
  });

  it("output: what is detached stays as it is while the next is written", () => {
    exchange.begin(get("/a"));
    const first = exchange.engine.output();
    const text = exchange.output;
    const region = exchange.engine.holdRegion();
    exchange.receive(exchange.upstream, ok("body"));
    assert.equal(new TextDecoder().decode(first), text);
    exchange.engine.releaseRegion(region);
  });

  it("memory: a hundred thousand requests leave none behind", () => {
    const warm = (): void => {
      exchange.begin(get("/a"));
      exchange.receive(exchange.upstream, ok("body"));
    };
    warm();
    const before = exchange.engine.calls.bytesInUse();
    for (let i = 0; i < 100_000; i++) warm();
    assert.equal(exchange.engine.calls.bytesInUse(), before);
  }).timeout(20_000);
});
