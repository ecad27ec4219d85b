import assert from "node:assert/strict";
import type {
  FilterChainMatchModel,
  FilterChainModel,
  HttpConnectionManagerModel,
} from "../../../../proxy/config/model.ts";
import type { ConnectionEnds } from "../../../../proxy/engine/ends.ts";
import type { ChainMatcherModel } from "../../../../proxy/config/listener-model.ts";
import { ConnectionFacts } from "../../../../proxy/listener/connection-facts.ts";
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
  forwardedDetails: null,
  tlsFacts: 0,
  http2Keepalive: null,
};

const PLAIN = { filters: [], terminal: MANAGER, stateSets: [], tls: null, handshakeTimeoutMs: 0 };

/** A chain that matches by what is given; with nothing given it takes every connection. */
function chain(name: string, match: Partial<FilterChainMatchModel> | null): FilterChainModel {
  if (match === null) return { name, match, ...PLAIN };
  const any: FilterChainMatchModel = {
    destinationPort: 0,
    prefixRanges: [],
    serverNames: [],
    transportProtocol: "",
    applicationProtocols: [],
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
  {
    name: "another address of the loopback network is external",
    chains: [
      chain("a", { sourceType: "same-ip-or-loopback" }),
      chain("b", { sourceType: "external" }),
    ],
    ends: { remoteAddress: "127.8.0.1" },
    want: "b",
  },
  ...["127.0.0.1", "::1", "10.0.0.1", ""].map((remoteAddress) => ({
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
    // Envoy puts this address in the place of what has none.
    name: "a Unix socket counts as 255.255.255.255",
    chains: [chain("a", { prefixRanges: ["255.0.0.0/8"] }), chain("b", {})],
    ends: { localAddress: "", localPort: 0, remoteAddress: "", remotePort: 0 },
    want: "a",
  },
];

/** A choice among chains by their matches. */
function choiceOf(
  filterChains: readonly FilterChainModel[],
  defaultFilterChain: FilterChainModel | null = null,
): FilterChainChoice {
  return new FilterChainChoice({ filterChains, defaultFilterChain, chainMatcher: null });
}

function factsOf(ends: Partial<ConnectionEnds> = {}): ConnectionFacts {
  return new ConnectionFacts({ ...ENDS, ...ends });
}

describe("filter chain choice", () => {
  for (const { name, chains, ends, want } of rows) {
    it(`FilterChainChoice: ${name}`, () => {
      assert.equal(choiceOf(chains).choose(() => factsOf(ends))?.name ?? null, want);
    });
  }

  it("FilterChainChoice: the default chain takes what no other does, and only that", () => {
    const choice = choiceOf([chain("a", { destinationPort: 80 })], chain("b", null));
    assert.equal(choice.choose(() => factsOf())?.name, "a");
    assert.equal(choice.choose(() => factsOf({ localPort: 81 }))?.name, "b");
  });

  it("FilterChainChoice: one chain for all does not ask who is at the ends", () => {
    assert.equal(choiceOf([chain("a", null)]).choose(assert.fail)?.name, "a");
  });

  it("FilterChainChoice: a matcher names the chain, and a wrong name gets none", () => {
    const chainMatcher: ChainMatcherModel = {
      rule: {
        kind: "exact",
        input: { kind: "destination-port" },
        map: new Map([
          ["80", { kind: "chain", name: "a" }],
          ["81", { kind: "chain", name: "nobody" }],
        ]),
      },
      onNoMatch: null,
    };
    const filterChains = [chain("a", null)];
    const choices = { filterChains, defaultFilterChain: chain("b", null), chainMatcher };
    const choice = new FilterChainChoice(choices);
    const name = (localPort: number) => choice.choose(() => factsOf({ localPort }))?.name;
    assert.deepEqual([80, 81, 82].map(name), ["a", undefined, "b"]);
  });
});
