import assert from "node:assert/strict";
import { E_NO_ANSWER, E_UNEXPECTED } from "../../../../../api/engine/http1.ts";
import {
  EVENT_HELD,
  EVENT_TO_DOWNSTREAM,
  EVENT_TO_UPSTREAM,
  EVENT_UPSTREAM_FAILED,
  FLAG_ABANDON_UPSTREAM,
  FLAG_CLOSE,
  FLAG_COMPLETE,
  FLAG_UPGRADED,
} from "../../../../../api/engine/layout.ts";
import { Exchange } from "../../exchange.ts";

const SWITCH =
  "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n";
const SKETCH = {
  manager: { upgrade_configs: [{ upgrade_type: "websocket" }, { upgrade_type: "foo" }] },
};
const CONNECT_SKETCH = {
  manager: { upgrade_configs: [{ upgrade_type: "CONNECT" }] },
  routes: [{ match: { connect_matcher: {} }, route: { cluster: "up" } }],
};
const CONNECT = "CONNECT a.test:443 HTTP/1.1\r\nhost: a.test:443\r\n\r\n";

function ask(type = "websocket"): string {
  return `GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: ${type}\r\n\r\n`;
}

function answer(status: number, ...lines: string[]): string {
  return `HTTP/1.1 ${[`${status} X`, ...lines].join("\r\n")}\r\n\r\n`;
}

/** What an answer does with a request: it opens a tunnel, is passed on, or is an error. */
const answers: readonly (readonly [
  why: string,
  request: string,
  answer: string,
  want: "opens" | "is passed on" | "fails" | "is passed on without body",
])[] = [
  ["101 to WebSocket", ask(), SWITCH, "opens"],
  ["101 to another protocol", ask("foo"), SWITCH, "opens"],
  ["101 without upgrade", ask(), answer(101), "fails"],
  ["200 to WebSocket", ask(), `${answer(200, "content-length: 2")}ok`, "is passed on without body"],
  ["204 to WebSocket", ask(), answer(204), "is passed on without body"],
  ["302 to WebSocket", ask(), `${answer(302, "content-length: 2")}ok`, "is passed on without body"],
  ["400 to WebSocket", ask(), `${answer(400, "content-length: 2")}ok`, "is passed on"],
  ["503 to WebSocket", ask(), `${answer(503, "content-length: 2")}ok`, "is passed on"],
  ["200 to another protocol", ask("foo"), `${answer(200, "content-length: 2")}ok`, "is passed on"],
  ["200 to CONNECT", CONNECT, answer(200), "opens"],
  ["204 to CONNECT", CONNECT, answer(204), "opens"],
  ["299 to CONNECT", CONNECT, answer(299), "opens"],
  ["101 to CONNECT", CONNECT, SWITCH, "fails"],
  ["302 to CONNECT", CONNECT, `${answer(302, "content-length: 2")}ok`, "is passed on"],
  ["407 to CONNECT", CONNECT, `${answer(407, "content-length: 2")}ok`, "is passed on"],
];

describe("tunnel", () => {
  function begin(request: string): Exchange {
    const exchange = new Exchange(request === CONNECT ? CONNECT_SKETCH : SKETCH);
    exchange.begin(request);
    return exchange;
  }

  for (const [why, request, text, want] of answers) {
    it(`opensTunnel: ${why}: it ${want}`, () => {
      const exchange = begin(request);
      const event = exchange.receive(exchange.upstream, text);
      if (want === "fails") {
        assert.equal(event, EVENT_UPSTREAM_FAILED);
        assert.equal(exchange.engine.mailError, E_UNEXPECTED);
        return;
      }
      assert.equal(event, EVENT_TO_DOWNSTREAM);
      assert.equal(exchange.has(FLAG_UPGRADED), want === "opens");
      assert.equal(exchange.has(FLAG_COMPLETE), want !== "opens");
      if (want === "opens") return;
      assert.equal(exchange.has(FLAG_ABANDON_UPSTREAM), true);
      assert.equal(exchange.has(FLAG_CLOSE), true);
      assert.equal(exchange.output.endsWith("\r\n\r\nok"), want === "is passed on");
      assert.match(exchange.output, /\r\nconnection: close\r\n/);
    });
  }

  it("beginTunnel: what waited goes on then, and what comes after it as it is", () => {
    const exchange = begin(ask());
    assert.equal(exchange.receive(exchange.downstream, "early "), EVENT_HELD);
    assert.equal(exchange.receive(exchange.downstream, "data"), EVENT_HELD);
    assert.equal(exchange.receive(exchange.upstream, `${SWITCH}hello`), EVENT_TO_DOWNSTREAM);
    assert.match(exchange.output, /^HTTP\/1\.1 101 (.|\s)*\r\n\r\nhello$/);
    const { calls } = exchange.engine;
    assert.equal(calls.proceed(exchange.downstream, 3), EVENT_TO_UPSTREAM);
    assert.equal(exchange.output, "early data");
    assert.equal(exchange.receive(exchange.downstream, "5\r\n"), EVENT_TO_UPSTREAM);
    assert.equal(exchange.output, "5\r\n");
  });

  it("beginTunnel: the answer to CONNECT has no length (RFC 9110 §9.3.6)", () => {
    const exchange = begin(CONNECT);
    exchange.receive(exchange.upstream, answer(200, "content-length: 5", "x-a: b"));
    assert.doesNotMatch(exchange.output, /content-length|transfer-encoding|connection:/);
    assert.match(exchange.output, /\r\nx-a: b\r\n/);
  });

  it("noteTunnelEnd: an upstream that closes ends the tunnel, one that resets breaks it", () => {
    const closed = begin(ask());
    closed.receive(closed.upstream, SWITCH);
    assert.equal(closed.endUpstream(false), EVENT_TO_DOWNSTREAM);
    assert.equal(closed.has(FLAG_COMPLETE), true);
    const broken = begin(ask());
    broken.receive(broken.upstream, SWITCH);
    assert.equal(broken.endUpstream(true), EVENT_UPSTREAM_FAILED);
    assert.equal(broken.engine.mailError, E_NO_ANSWER);
  });
});
