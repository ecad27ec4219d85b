import assert from "node:assert/strict";
import { HTTP_COUNTERS, HTTP_STATS_BYTES } from "../../../../../api/engine/stats.ts";
import type { Engine } from "../../../../../proxy/engine/engine.ts";
import { ConnectionTally } from "../../../../../proxy/http/connection/connection-tally.ts";
import { loadEngine } from "../../../../support/load-engine.ts";

/** What happens to a connection that was accepted, and what is counted then but `cx_total`. */
const rows: readonly {
  readonly name: string;
  readonly happens: (tally: ConnectionTally) => void;
  readonly want: Readonly<Record<string, number>>;
}[] = [
  { name: "nothing", happens: () => {}, want: { downstream_cx_active: 1 } },
  {
    name: "two reads",
    happens(tally) {
      tally.onRead(3);
      tally.onRead(4);
    },
    want: {
      downstream_cx_active: 1,
      downstream_cx_http1_total: 1,
      downstream_cx_http1_active: 1,
      downstream_cx_rx_bytes_total: 7,
    },
  },
  {
    name: "a close before a byte came",
    happens: (tally) => tally.onClosed("remote", false, 5),
    want: { downstream_cx_destroy: 1, downstream_cx_destroy_remote: 1 },
  },
  {
    name: "a close in the middle of a request",
    happens(tally) {
      tally.onRead(3);
      tally.onClosed("local", true, 5);
    },
    want: {
      downstream_cx_http1_total: 1,
      downstream_cx_rx_bytes_total: 3,
      downstream_cx_destroy: 1,
      downstream_cx_destroy_local: 1,
      downstream_cx_destroy_active_rq: 1,
      downstream_cx_destroy_local_active_rq: 1,
    },
  },
  {
    name: "reading that was resumed without having been pushed back",
    happens: (tally) => tally.onResumed(),
    want: { downstream_cx_active: 1 },
  },
  {
    name: "reading that was pushed back twice, and resumed",
    happens(tally) {
      tally.onPushedBack();
      tally.onPushedBack();
      tally.onResumed();
      tally.onResumed();
    },
    want: {
      downstream_cx_active: 1,
      downstream_flow_control_paused_reading_total: 1,
      downstream_flow_control_resumed_reading_total: 1,
    },
  },
];

describe("ConnectionTally", () => {
  let engine: Engine;
  let stats: number;
  before(() => {
    engine = loadEngine();
    stats = engine.calls.allocate(HTTP_STATS_BYTES);
  });
  beforeEach(() => engine.bytes.fill(0, stats, stats + HTTP_STATS_BYTES));

  for (const { name, happens, want } of rows) {
    it(`tally: ${name}`, () => {
      happens(new ConnectionTally(engine, stats, false));
      const counted = HTTP_COUNTERS.map((counter, index) => {
        return [counter, engine.floats[(stats >> 3) + index]] as const;
      });
      const moved = Object.fromEntries(counted.filter(([, value]) => value !== 0));
      assert.deepEqual(moved, { downstream_cx_total: 1, ...want });
    });
  }
});
