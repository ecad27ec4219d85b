import assert from "node:assert/strict";
import type { MatchInput } from "../../../../../proxy/config/listener-model.ts";
import { ConnectionFacts } from "../../../../../proxy/listener/connection-facts.ts";
import { readInput } from "../../../../../proxy/listener/match/match-input.ts";

const FULL = new ConnectionFacts({
  localAddress: "10.0.0.1",
  localPort: 80,
  remoteAddress: "10.0.0.2",
  remotePort: 5000,
});
FULL.ends = {
  localAddress: "fd00::1",
  localPort: 443,
  remoteAddress: "10.0.0.9",
  remotePort: 6000,
};
FULL.serverName = "a.test";
FULL.transportProtocol = "tls";
FULL.applicationProtocols = ["h2", "http/1.1"];
FULL.filterState = (key) => (key === "k" ? "v" : null);

const EMPTY = new ConnectionFacts({
  localAddress: "",
  localPort: 0,
  remoteAddress: "",
  remotePort: 0,
});

const rows: readonly [input: MatchInput, full: string | null, empty: string | null][] = [
  [{ kind: "destination-ip" }, "fd00::1", null],
  [{ kind: "destination-port" }, "443", null],
  [{ kind: "source-ip" }, "10.0.0.9", null],
  [{ kind: "source-port" }, "6000", null],
  [{ kind: "direct-source-ip" }, "10.0.0.2", null],
  [{ kind: "source-type" }, null, "local"],
  [{ kind: "server-name" }, "a.test", null],
  [{ kind: "transport-protocol" }, "tls", "raw_buffer"],
  [{ kind: "application-protocol" }, "'h2','http/1.1'", null],
  [{ kind: "filter-state", key: "k" }, "v", null],
  [{ kind: "filter-state", key: "l" }, null, null],
];

describe("readInput", () => {
  for (const [input, full, empty] of rows) {
    it(`readInput: ${JSON.stringify(input)} of a connection, and of one without anything`, () => {
      assert.equal(readInput(input, FULL), full);
      assert.equal(readInput(input, EMPTY), empty);
    });
  }
});
