import assert from "node:assert/strict";
import { mock } from "node:test";
import { Http2Keepalive } from "../../../../proxy/cluster/http2-keepalive.ts";
import type { KeepaliveModel } from "../../../../proxy/config/model.ts";
import { DeadlineQueue } from "../../../../proxy/timer/deadline.ts";

const MODEL: KeepaliveModel = {
  intervalMs: 1000,
  timeoutMs: 300,
  jitterRatio: 0.5,
  idleIntervalMs: 0,
};

/** A peer that notes what it is asked. */
class NotedPeer {
  pings = 0;
  pingsAnswered = 0;
  silences = 0;

  ping(): void {
    this.pings++;
  }

  onSilent(): void {
    this.silences++;
  }
}

describe("HTTP/2 keepalive", () => {
  let peer: NotedPeer;
  let deadlines: DeadlineQueue;
  let nowMs: number;

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    nowMs = 0;
    mock.method(performance, "now", () => nowMs);
    peer = new NotedPeer();
    deadlines = new DeadlineQueue();
  });

  afterEach(() => {
    deadlines.stop();
    mock.timers.reset();
    mock.restoreAll();
  });

  function start(model: Partial<KeepaliveModel> = {}, random = 0): Http2Keepalive {
    return new Http2Keepalive({ ...MODEL, ...model }, deadlines, peer, nowMs, () => random);
  }

  function pass(ms: number): void {
    for (let i = 0; i < ms; i++) {
      nowMs++;
      mock.timers.tick(1);
    }
  }

  it("Http2Keepalive: asks after the interval, and again after the answer", () => {
    const keepalive = start();
    pass(999);
    assert.equal(peer.pings, 0);
    pass(1);
    assert.equal(peer.pings, 1);
    pass(100);
    peer.pingsAnswered++;
    keepalive.onRead(nowMs);
    pass(999);
    assert.equal(peer.pings, 1);
    pass(1);
    assert.equal(peer.pings, 2);
    assert.equal(peer.silences, 0);
  });

  it("Http2Keepalive: silence for the timeout is the end", () => {
    start();
    pass(1299);
    assert.equal(peer.silences, 0);
    pass(1);
    assert.equal(peer.silences, 1);
  });

  it("Http2Keepalive: whatever comes puts the end off", () => {
    const keepalive = start();
    pass(1200);
    keepalive.onRead(nowMs);
    pass(299);
    assert.equal(peer.silences, 0);
    pass(1);
    assert.equal(peer.silences, 1);
  });

  it("Http2Keepalive: what comes while nothing is asked changes nothing", () => {
    const keepalive = start();
    pass(500);
    keepalive.onRead(nowMs);
    pass(500);
    assert.equal(peer.pings, 1);
  });

  it("Http2Keepalive: jitter makes the interval longer, by less than its share", () => {
    start({}, 0.999);
    pass(1467);
    assert.equal(peer.pings, 0);
    pass(1);
    assert.equal(peer.pings, 1);
  });

  it("Http2Keepalive: without an interval it asks before a stream, after silence", () => {
    const keepalive = start({ intervalMs: 0, idleIntervalMs: 100 });
    pass(100);
    keepalive.onStream(nowMs);
    assert.equal(peer.pings, 0);
    pass(1);
    keepalive.onStream(nowMs);
    keepalive.onStream(nowMs);
    assert.equal(peer.pings, 1);
    peer.pingsAnswered++;
    keepalive.onRead(nowMs);
    pass(5000);
    assert.equal(peer.pings, 1);
    assert.equal(peer.silences, 0);
  });

  it("Http2Keepalive: nothing happens after the end of the connection", () => {
    const keepalive = start();
    pass(1100);
    keepalive.cancel();
    pass(5000);
    assert.equal(peer.pings, 1);
    assert.equal(peer.silences, 0);
  });
});
