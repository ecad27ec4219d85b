import assert from "node:assert/strict";
import {
  TCP_COUNTERS,
  TCP_DOWNSTREAM_CX_TOTAL,
  TCP_STATS_BYTES,
} from "../../../../api/engine/network/tcp-stats.ts";
import { TcpTally } from "../../../../proxy/tcp/tcp-tally.ts";
import { loadEngine } from "../../../support/load-engine.ts";

describe("TcpTally", () => {
  const engine = loadEngine();
  let stats: number;
  let tally: TcpTally;

  beforeEach(() => {
    stats = engine.calls.allocate(TCP_STATS_BYTES);
    engine.bytes.fill(0, stats, stats + TCP_STATS_BYTES);
    tally = new TcpTally(engine, stats);
  });

  /** What is not 0, by name. */
  function counted(): Record<string, number> {
    const values = TCP_COUNTERS.map((name, place) => {
      return [name, engine.floats[(stats >> 3) + place]] as const;
    });
    return Object.fromEntries(values.filter(([, value]) => value !== 0));
  }

  it("count: by one, or by more", () => {
    tally.count(TCP_DOWNSTREAM_CX_TOTAL);
    tally.count(TCP_DOWNSTREAM_CX_TOTAL, 4);
    assert.deepEqual(counted(), { downstream_cx_total: 5 });
  });

  it("pushed back and resumed: each counts once, in turns", () => {
    tally.onResumed();
    tally.onPushedBack();
    tally.onPushedBack();
    tally.onResumed();
    tally.onResumed();
    tally.onPushedBack();
    assert.deepEqual(counted(), {
      downstream_flow_control_paused_reading_total: 2,
      downstream_flow_control_resumed_reading_total: 1,
    });
  });

  it("noteBuffered: adds to what others have", () => {
    tally.noteBuffered(3, 4);
    new TcpTally(engine, stats).noteBuffered(10, 20);
    assert.deepEqual(counted(), {
      downstream_cx_tx_bytes_buffered: 24,
      downstream_cx_rx_bytes_buffered: 13,
    });
  });
});
