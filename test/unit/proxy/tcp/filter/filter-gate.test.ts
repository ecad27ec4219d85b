import assert from "node:assert/strict";
import { mock } from "node:test";
import type { Transport, TransportListener } from "../../../../../proxy/engine/transport.ts";
import type {
  ConnectionFilter,
  Refusal,
} from "../../../../../proxy/tcp/filter/connection-filter.ts";
import { FilterGate } from "../../../../../proxy/tcp/filter/filter-gate.ts";
import { DeadlineQueue } from "../../../../../proxy/timer/deadline.ts";

/** A transport that a test plays. */
class PlayedTransport implements Transport {
  readonly waitingBytes = 0;
  readonly isPaused = false;
  listener: TransportListener | null = null;

  listen(listener: TransportListener): void {
    this.listener = listener;
  }

  read(): void {}
  pause(): void {}
  resume(): void {}
  writeOutput(): void {}
  writeBytes(): void {}
  end(): void {}
  whenSent(): void {}
  closeOutput(): void {}
  destroy(): void {}
  reset(): void {}
}

const NOWHERE = { localAddress: "", localPort: 0, remoteAddress: "", remotePort: 0 };

describe("FilterGate", () => {
  let events: string[];
  let nowMs: number;
  let inner: PlayedTransport;
  let deadlines: DeadlineQueue;

  beforeEach(() => {
    events = [];
    nowMs = 1000;
    inner = new PlayedTransport();
    deadlines = new DeadlineQueue();
    mock.timers.enable({ apis: ["setTimeout"] });
    mock.method(performance, "now", () => nowMs);
  });

  afterEach(() => {
    deadlines.stop();
    mock.timers.reset();
    mock.restoreAll();
  });

  /** A filter that refuses at the beginning, or at the reading of that number. */
  function filter(
    name: string,
    judges: ConnectionFilter["judges"],
    refusal: Refusal | null = null,
    at = 0,
  ): ConnectionFilter {
    let reads = 0;
    return {
      judges,
      onOpen: () => {
        events.push(`${name} opens`);
        return at === 0 ? refusal : null;
      },
      onRead: () => {
        events.push(`${name} judges`);
        return ++reads === at ? refusal : null;
      },
      onClose: () => events.push(`${name} closes`),
    };
  }

  function open(...filters: ConnectionFilter[]): [FilterGate, boolean] {
    const gate = new FilterGate(inner, {
      filters,
      connection: {
        ends: NOWHERE,
        direct: NOWHERE,
        serverName: "",
        principals: null,
      },
      deadlines,
      onRefused: ({ details, receivedBytes }) => {
        events.push(`refused ${details} ${receivedBytes}`);
        gate.close();
      },
    });
    const isOpen = gate.open();
    if (isOpen) {
      gate.transport.listen({
        onRead: (bytes) => events.push(`read ${bytes}`),
        onEnd: () => events.push("end"),
        onWritten: () => events.push("written"),
        onBroken: () => events.push("broken"),
        onClosed: () => events.push("closed"),
      });
    }
    return [gate, isOpen];
  }

  const refusal = (details: string, delayMs = 0): Refusal => ({ details, delayMs, flag: -1 });

  it("filters that judge nothing: the connection itself goes on", () => {
    const [gate, isOpen] = open(filter("a", "nothing"), filter("b", "nothing"));
    assert.ok(isOpen);
    assert.equal(gate.transport, inner);
    gate.close();
    assert.deepEqual(events, ["a opens", "b opens", "a closes", "b closes"]);
  });

  it("a refusal at the beginning: those behind do not begin", () => {
    const [, isOpen] = open(
      filter("a", "nothing"),
      filter("b", "nothing", refusal("why")),
      filter("c", "nothing"),
    );
    assert.ok(!isOpen);
    assert.deepEqual(events, ["a opens", "b opens", "refused why 0", "a closes", "b closes"]);
  });

  it("a refusal with a delay: later, and what comes meanwhile is dropped", () => {
    open(filter("a", "nothing", refusal("why", 100)));
    inner.listener?.onRead(5);
    nowMs += 110;
    mock.timers.tick(110);
    assert.deepEqual(events, ["a opens", "refused why 0", "a closes"]);
  });

  for (const way of ["onEnd", "onClosed"] as const) {
    it(`a refusal with a delay, ${way}: at once, and once`, () => {
      open(filter("a", "nothing", refusal("why", 100)));
      inner.listener?.[way](null);
      nowMs += 110;
      mock.timers.tick(110);
      assert.deepEqual(events, ["a opens", "refused why 0", "a closes"]);
    });
  }

  it("first bytes: judged once, in order, before they pass", () => {
    open(filter("a", "first bytes"), filter("b", "all bytes"));
    inner.listener?.onRead(3);
    inner.listener?.onRead(4);
    assert.deepEqual(events.slice(2), ["a judges", "b judges", "read 3", "b judges", "read 4"]);
  });

  it("an end without bytes: judged, too", () => {
    open(filter("a", "first bytes", refusal("why"), 1));
    inner.listener?.onEnd();
    assert.deepEqual(events.slice(1), ["a judges", "refused why 0", "a closes"]);
  });

  it("denied at the second reading: it does not pass, nor does what follows", () => {
    open(filter("a", "all bytes", refusal("why", 100), 2));
    inner.listener?.onRead(3);
    inner.listener?.onRead(4);
    inner.listener?.onRead(5);
    nowMs += 110;
    mock.timers.tick(110);
    assert.deepEqual(events.slice(1), [
      "a judges",
      "read 3",
      "a judges",
      "refused why 9",
      "a closes",
    ]);
  });

  it("all else: goes on", () => {
    open(filter("a", "first bytes"));
    inner.listener?.onWritten();
    inner.listener?.onBroken();
    inner.listener?.onClosed(null);
    assert.deepEqual(events.slice(1), ["written", "broken", "closed"]);
  });
});
