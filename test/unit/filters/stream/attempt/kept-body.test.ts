import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import { FRAMING_CHUNKED, FRAMING_LENGTH, FRAMING_NONE } from "../../../../../api/engine/http1.ts";
import {
  MAIL_OUT,
  MAIL_OUT_BYTES,
  STATE_KEEPS_BODY,
  STATE_REQUEST_END,
} from "../../../../../api/engine/layout.ts";
import { LISTENER_BYTES_MAX, StreamEngine } from "../stream-engine.ts";

const ABANDONED = "retry_or_shadow_abandoned";

function config(host: JsonObject = {}, route: JsonObject = {}): JsonObject {
  const routes = [
    { match: { prefix: "/" }, route: { cluster: "alpha", internalRedirectPolicy: {} }, ...route },
  ];
  return { name: "r", virtualHosts: [{ name: "all", domains: ["*"], routes, ...host }] };
}

describe("kept-body", () => {
  let engine: StreamEngine;
  before(async function () {
    this.timeout(60_000);
    engine = await StreamEngine.open();
  });
  beforeEach(() => engine.load(config()));

  /** Keeps pieces of a body; the bytes are gone when they were offered. */
  function keep(stream: number, ...pieces: string[]): void {
    for (const piece of pieces) {
      engine.exports.keep(stream, ...engine.place(piece));
      engine.spoil();
    }
  }

  /** What would be sent again. */
  function written(stream: number): string {
    const mail = engine.exports.writeKept(stream);
    return engine.text(engine.word(mail + MAIL_OUT), engine.word(mail + MAIL_OUT_BYTES));
  }

  function end(stream: number): void {
    engine.exports.setState(stream, engine.field(stream, "state") | STATE_REQUEST_END);
  }

  const limits: { name: string; host: JsonObject; route: JsonObject; want: number }[] = [
    { name: "the listener's", host: {}, route: {}, want: LISTENER_BYTES_MAX },
    {
      name: "the virtual host's",
      host: { perRequestBufferLimitBytes: 10 },
      route: {},
      want: 10,
    },
    {
      name: "the route's, whatever the virtual host's is",
      host: { perRequestBufferLimitBytes: 10 },
      route: { perRequestBufferLimitBytes: 20 },
      want: 20,
    },
    {
      name: "the listener's where that is less",
      host: { perRequestBufferLimitBytes: 10 },
      route: { perRequestBufferLimitBytes: LISTENER_BYTES_MAX + 1 },
      want: LISTENER_BYTES_MAX,
    },
    { name: "nothing", host: {}, route: { perRequestBufferLimitBytes: 0 }, want: 0 },
  ];
  for (const { name, host, route, want } of limits) {
    it(`startKeeping: the limit is ${name}`, () => {
      engine.load(config(host, route));
      const stream = engine.open({}, { framing: FRAMING_LENGTH, length: 5 });
      engine.exports.keepFrom(stream);
      assert.equal(engine.field(stream, "keptBytesMax"), want);
      engine.exports.close(stream);
    });
  }

  it("startKeeping: without a body there is nothing to keep, and all of it is here", () => {
    const stream = engine.open({});
    engine.exports.keepFrom(stream);
    assert.equal(engine.field(stream, "state") & STATE_KEEPS_BODY, 0);
    assert.equal(engine.exports.mayRepeat(stream), 0);
    end(stream);
    assert.equal(engine.exports.mayRepeat(stream), 1);
    engine.exports.close(stream);
  });

  for (const { name, framing, want } of [
    { name: "as it came", framing: FRAMING_LENGTH, want: "abcdefg" },
    { name: "as one chunk", framing: FRAMING_CHUNKED, want: "7\r\nabcdefg\r\n" },
  ]) {
    it(`writeKeptBody: pieces are written ${name}`, () => {
      const before = engine.exports.bytesInUse();
      const stream = engine.open({}, { framing, length: 7 });
      engine.exports.keepFrom(stream);
      assert.equal(written(stream), "");
      keep(stream, "abc", "d", "efg");
      assert.equal(written(stream), want);
      assert.equal(written(stream), want);
      engine.exports.close(stream);
      assert.equal(engine.exports.bytesInUse(), before);
    });
  }

  it("keepBody: a body at the limit is kept, in however many pieces", () => {
    const stream = engine.open({}, { framing: FRAMING_LENGTH, length: LISTENER_BYTES_MAX });
    engine.exports.keepFrom(stream);
    const body = "0123456789".repeat(LISTENER_BYTES_MAX / 10);
    for (const byte of body) keep(stream, byte);
    end(stream);
    assert.equal(engine.exports.mayRepeat(stream), 1);
    assert.equal(written(stream), body);
    assert.deepEqual(engine.counted(), {});
    engine.exports.close(stream);
  });

  it("keepBody: one byte above the limit, nothing is kept any more", () => {
    const before = engine.exports.bytesInUse();
    const stream = engine.open({}, { framing: FRAMING_LENGTH, length: LISTENER_BYTES_MAX + 2 });
    engine.exports.keepFrom(stream);
    keep(stream, "x".repeat(LISTENER_BYTES_MAX));
    const keptBytes = engine.exports.bytesInUse() - before;
    keep(stream, "y");
    assert.ok(engine.exports.bytesInUse() - before < keptBytes);
    keep(stream, "z");
    end(stream);
    assert.equal(engine.exports.mayRepeat(stream), 0);
    assert.equal(written(stream), "");
    assert.deepEqual(engine.counted(), { [ABANDONED]: 1 });
    engine.exports.close(stream);
    assert.equal(engine.exports.bytesInUse(), before);
  });

  it("keepBody: where it was not asked for, nothing is kept", () => {
    const stream = engine.open({}, { framing: FRAMING_LENGTH, length: 3 });
    keep(stream, "abc");
    assert.deepEqual([engine.field(stream, "keptLength"), written(stream)], [0, ""]);
    engine.exports.close(stream);
  });

  it("keepBody: when memory is scarce, nothing is kept", () => {
    const blocks: number[] = [];
    const stream = engine.open({}, { framing: FRAMING_LENGTH, length: 6 });
    engine.exports.keepFrom(stream);
    keep(stream, "abc");
    const spare = 64 * 1024 * 1024;
    while (engine.exports.bytesLeft() >= spare) blocks.push(engine.exports.allocate(100_000));
    keep(stream, "def");
    end(stream);
    assert.equal(engine.exports.mayRepeat(stream), 0);
    assert.deepEqual(engine.counted(), { [ABANDONED]: 1 });
    engine.exports.close(stream);
    for (const block of blocks) engine.exports.release(block);
  });

  it("startKeeping: what a redirect brought beyond the limit is sent, but not once more", () => {
    const routes = [5, 4, 100].map((perRequestBufferLimitBytes) => ({
      match: { path: `/${perRequestBufferLimitBytes}` },
      route: { cluster: "alpha", internalRedirectPolicy: {} },
      perRequestBufferLimitBytes,
    }));
    engine.load(config({ routes }));
    const stream = engine.open({ path: "/100" }, { framing: FRAMING_LENGTH, length: 5 });
    engine.exports.keepFrom(stream);
    keep(stream, "hello");
    end(stream);
    engine.moveTo(stream, "/5");
    engine.exports.keepFrom(stream);
    assert.deepEqual([engine.exports.mayRepeat(stream), engine.counted()], [1, {}]);
    engine.moveTo(stream, "/4");
    engine.exports.keepFrom(stream);
    assert.equal(written(stream), "hello");
    assert.deepEqual([engine.exports.mayRepeat(stream), engine.counted()], [0, { [ABANDONED]: 1 }]);
    engine.exports.close(stream);
  });

  it("forgetBody: what is framed by nothing is repeatable all the same", () => {
    const stream = engine.open({}, { framing: FRAMING_NONE });
    engine.exports.forget(stream);
    end(stream);
    assert.equal(engine.exports.mayRepeat(stream), 1);
    engine.exports.close(stream);
  });
});
