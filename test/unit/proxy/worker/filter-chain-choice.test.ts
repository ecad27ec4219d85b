import assert from "node:assert/strict";
import type {
  FilterChainMatchModel,
  FilterChainModel,
  HttpConnectionManagerModel,
} from "../../../../proxy/config/model.ts";
import type { ConnectionEnds } from "../../../../proxy/engine/ends.ts";
import { FilterChainChoice } from "../../../../proxy/worker/filter-chain-choice.ts";

const MANAGER: HttpConnectionManagerModel = {
  kind: "http",
  record: 0,
  statScope: "",
  codec: "auto",
  idleTimeoutMs: 0,
  connectionDurationMaxMs: 0,
  requestTimeoutMs: 0,
  requestHeadersTimeoutMs: 0,
  delayedCloseTimeoutMs: 0,
  drainTimeoutMs: 0,
  forwardedDetails: { subject: false, cert: false, chain: false, dns: false, uri: false },
};

const PLAIN = { filters: [], terminal: MANAGER, tls: null, handshakeTimeoutMs: 0 };

/** A chain that matches by what is given; with nothing given it takes every connection. */
function chain(name: string, match: Partial<FilterChainMatchModel> | null): FilterChainModel {
  if (match === null) return { name, match, ...PLAIN };
  const any: FilterChainMatchModel = {
    destinationPort: 0,
    prefixRanges: [],
    directSourcePrefixRanges: [],
    sourcePrefixRanges: [],
    sourcePorts: [],
    sourceType: "any",
  };
  return { name, match: { ...any, ...match }, ...PLAIN };
}

const ENDS: ConnectionEnds = {
  localAddress: "10.0.0.1",
  localPort: 80,
  remoteAddress: "192.168.1.2",
  remotePort: 5_000,
};

/** Which of several chains takes a connection, by Envoy's order of criteria. */
const rows: readonly {
  name: string;
  chains: readonly FilterChainModel[];
  ends?: Partial<ConnectionEnds>;
  want: string | null;
}[] = [
  { name: "no chain", chains: [], want: null },
  { name: "a chain without a match", chains: [chain("a", null)], want: "a" },
  { name: "a chain with an empty match", chains: [chain("a", {})], want: "a" },
  { name: "another port", chains: [chain("a", { destinationPort: 81 })], want: null },
  {
    name: "the port, before the chain without one",
    chains: [chain("a", {}), chain("b", { destinationPort: 80 })],
    want: "b",
  },
  {
    name: "the longest range that holds our address",
    chains: [
      chain("a", { prefixRanges: ["10.0.0.0/8"] }),
      chain("b", { prefixRanges: ["10.0.0.0/24", "0.0.0.0/0"] }),
      chain("c", { prefixRanges: ["10.0.1.0/30"] }),
    ],
    want: "b",
  },
  {
    name: "a range of no bits, before no range",
    chains: [chain("a", {}), chain("b", { prefixRanges: ["0.0.0.0/0"] })],
    want: "b",
  },
  {
    name: "ranges of the other family hold nothing",
    chains: [chain("a", { prefixRanges: ["::/0"] })],
    want: null,
  },
  {
    name: "IPv6",
    chains: [chain("a", { prefixRanges: ["fd00::/16"] }), chain("b", { prefixRanges: ["::/0"] })],
    ends: { localAddress: "fd00::1" },
    want: "a",
  },
  {
    name: "the port decides before the range",
    chains: [
      chain("a", { prefixRanges: ["10.0.0.1/32"] }),
      chain("b", { destinationPort: 80, prefixRanges: ["10.0.0.0/8"] }),
    ],
    want: "b",
  },
  {
    // Envoy goes down one way of its tree and does not come back for another.
    name: "what was chosen by the port is not given up for a later criterion",
    chains: [chain("a", {}), chain("b", { destinationPort: 80, sourcePorts: [1] })],
    want: null,
  },
  {
    name: "the direct source",
    chains: [
      chain("a", { directSourcePrefixRanges: ["192.168.0.0/16"] }),
      chain("b", { directSourcePrefixRanges: ["192.168.1.0/24"] }),
    ],
    want: "b",
  },
  {
    name: "the source, and then its port",
    chains: [
      chain("a", { sourcePrefixRanges: ["192.168.1.2/32"] }),
      chain("b", { sourcePrefixRanges: ["192.168.1.2/32"], sourcePorts: [4_999, 5_000] }),
    ],
    want: "b",
  },
  {
    name: "a peer from elsewhere is external",
    chains: [
      chain("a", { sourceType: "same-ip-or-loopback" }),
      chain("b", { sourceType: "external" }),
    ],
    want: "b",
  },
  ...["127.0.0.1", "127.8.0.1", "::1", "10.0.0.1"].map((remoteAddress) => ({
    name: `${remoteAddress} is not external`,
    chains: [
      chain("a", { sourceType: "same-ip-or-loopback" }),
      chain("b", { sourceType: "external" }),
    ],
    ends: { remoteAddress },
    want: "a",
  })),
  {
    name: "of equals the first",
    chains: [chain("a", { destinationPort: 80 }), chain("b", { destinationPort: 80 })],
    want: "a",
  },
  {
    name: "a Unix socket is in no range",
    chains: [chain("a", { prefixRanges: ["0.0.0.0/0"] }), chain("b", {})],
    ends: { localAddress: "", localPort: 0, remoteAddress: "", remotePort: 0 },
    want: "b",
  },
];

describe("filter chain choice", () => {
  for (const { name, chains, ends, want } of rows) {
    it(`FilterChainChoice: ${name}`, () => {
      const choice = new FilterChainChoice(chains, null);
      assert.equal(choice.choose(() => ({ ...ENDS, ...ends }))?.name ?? null, want);
    });
  }

  it("FilterChainChoice: the default chain takes what no other does, and only that", () => {
    const choice = new FilterChainChoice([chain("a", { destinationPort: 80 })], chain("b", null));
    assert.equal(choice.choose(() => ENDS)?.name, "a");
    assert.equal(choice.choose(() => ({ ...ENDS, localPort: 81 }))?.name, "b");
  });

  it("FilterChainChoice: one chain for all does not ask who is at the ends", () => {
    const choice = new FilterChainChoice([chain("a", null)], null);
    assert.equal(choice.choose(assert.fail)?.name, "a");
  });
});
