import assert from "node:assert/strict";
import type { FilterChainMatchModel } from "../../../../../proxy/config/model.ts";
import type { ConnectionEnds } from "../../../../../proxy/engine/ends.ts";
import { ConnectionFacts } from "../../../../../proxy/listener/connection-facts.ts";
import { ChainIndex } from "../../../../../proxy/listener/match/chain-index.ts";

const ANY: FilterChainMatchModel = {
  destinationPort: 0,
  prefixRanges: [],
  serverNames: [],
  transportProtocol: "",
  applicationProtocols: [],
  directSourcePrefixRanges: [],
  sourceType: "any",
  sourcePrefixRanges: [],
  sourcePorts: [],
};

const ENDS: ConnectionEnds = {
  localAddress: "10.0.0.1",
  localPort: 443,
  remoteAddress: "192.168.1.2",
  remotePort: 5_000,
};

type Match = Partial<FilterChainMatchModel> | null;
type Facts = Partial<
  Pick<ConnectionFacts, "serverName" | "transportProtocol" | "applicationProtocols">
> & { readonly ends?: Partial<ConnectionEnds> };

/** Which of several chains takes a connection, by its place; -1 for none. */
function find(matches: readonly Match[], { ends, ...rest }: Facts = {}): number {
  const facts = Object.assign(new ConnectionFacts(ENDS), rest);
  facts.ends = { ...ENDS, ...ends };
  return new ChainIndex(
    matches.map((match) => (match === null ? null : { ...ANY, ...match })),
  ).find(facts);
}

const NAMES = [
  { serverNames: ["www.example.com"] },
  { serverNames: ["*.example.com"] },
  { serverNames: ["*.com", "b.test"] },
  {},
];

const TLS = { transportProtocol: "tls" };

describe("ChainIndex", () => {
  const names: readonly [serverName: string, want: number][] = [
    ["www.example.com", 0],
    ["api.example.com", 1],
    ["a.b.example.com", 1],
    ["example.com", 2],
    ["b.test", 2],
    ["a.b.test", 3],
    ["com", 3],
    ["", 3],
  ];
  for (const [serverName, want] of names) {
    it(`ChainIndex: "${serverName}" is of chain ${want}: exact, then the longest suffix`, () => {
      assert.equal(find(NAMES, { serverName }), want);
    });
  }

  it("ChainIndex: without a chain for all other names there is none", () => {
    assert.equal(find(NAMES.slice(0, 3), { serverName: "c.test" }), -1);
  });

  it("ChainIndex: the transport protocol, raw where nothing was detected", () => {
    const chains = [TLS, { transportProtocol: "raw_buffer" }, {}];
    assert.equal(find(chains, { transportProtocol: "tls" }), 0);
    assert.equal(find(chains), 1);
    assert.equal(find(chains, { transportProtocol: "quic" }), 2);
  });

  it("ChainIndex: the first protocol that the client offers and a chain has", () => {
    const chains = [{ applicationProtocols: ["h2"] }, { applicationProtocols: ["http/1.1"] }, {}];
    assert.equal(find(chains, { applicationProtocols: ["x", "http/1.1", "h2"] }), 1);
    assert.equal(find(chains, { applicationProtocols: ["h2", "http/1.1"] }), 0);
    assert.equal(find(chains, { applicationProtocols: ["x"] }), 2);
    assert.equal(find(chains), 2);
  });

  const orders: readonly [name: string, chains: readonly Match[], want: number, facts?: Facts][] = [
    [
      "the port decides before the range",
      [{ prefixRanges: ["10.0.0.1/32"] }, { destinationPort: 443 }],
      1,
    ],
    [
      "the range decides before the name",
      [{ serverNames: ["a.test"] }, { prefixRanges: ["10.0.0.0/8"] }],
      1,
      { serverName: "a.test" },
    ],
    [
      "the name decides before the transport protocol",
      [TLS, { serverNames: ["a.test"] }],
      1,
      { serverName: "a.test", transportProtocol: "tls" },
    ],
    [
      "the transport protocol decides before the application protocol",
      [{ applicationProtocols: ["h2"] }, TLS],
      1,
      { applicationProtocols: ["h2"], transportProtocol: "tls" },
    ],
    [
      "the application protocol decides before the direct source",
      [{ directSourcePrefixRanges: ["192.168.1.2/32"] }, { applicationProtocols: ["h2"] }],
      1,
      { applicationProtocols: ["h2"] },
    ],
    [
      "the direct source decides before the type of source",
      [{ sourceType: "external" }, { directSourcePrefixRanges: ["192.168.0.0/16"] }],
      1,
    ],
    [
      "the type of source decides before the source",
      [{ sourcePrefixRanges: ["192.168.1.2/32"] }, { sourceType: "external" }],
      1,
    ],
    [
      "the source decides before its port",
      [{ sourcePorts: [5_000] }, { sourcePrefixRanges: ["192.168.0.0/16"] }],
      1,
    ],
    [
      "what was decided is not given up",
      [TLS, { serverNames: ["a.test"], transportProtocol: "raw_buffer" }],
      -1,
      { serverName: "a.test", transportProtocol: "tls" },
    ],
    ["a chain without a match takes what is left", [{ destinationPort: 80 }, null], 1],
  ];
  for (const [name, chains, want, facts] of orders) {
    it(`ChainIndex: ${name}`, () => assert.equal(find(chains, facts), want));
  }

  it("ChainIndex: the source may be restored, the direct one is that of the socket", () => {
    const chains = [
      { directSourcePrefixRanges: ["192.168.1.2/32"], sourcePrefixRanges: ["203.0.113.0/24"] },
      {},
    ];
    assert.equal(find(chains, { ends: { remoteAddress: "203.0.113.9" } }), 0);
  });

  it("ChainIndex: a chain is found by each of its values", () => {
    const chains = [
      { prefixRanges: ["10.0.0.0/8", "fd00::/8"], sourcePorts: [1, 2], serverNames: ["a", "b"] },
    ];
    for (const localAddress of ["10.1.1.1", "fd00::9"]) {
      for (const serverName of ["a", "b"]) {
        for (const remotePort of [1, 2]) {
          const facts = { serverName, ends: { localAddress, remotePort } };
          assert.equal(find(chains, facts), 0);
        }
      }
    }
    assert.equal(find(chains, { serverName: "c", ends: { remotePort: 1 } }), -1);
  });
});
