import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import { MATCH_COMBINATIONS_MAX } from "../../../../../proxy/config/check/check-chain-matches.ts";
import { MANAGER, problemsOf, sampleBootstrap, setAt, typeUrl } from "../sample-bootstrap.ts";

const LISTENER = "static_resources.listeners[0]";
const CHAINS = `${LISTENER}.filter_chains`;
const OVERLAP = "multiple filter chains with overlapping matching rules are defined";

/** What is wrong with chains that match so. */
function problemsOfChains(chains: readonly JsonObject[], listener: JsonObject = {}): string[] {
  const bootstrap = sampleBootstrap();
  const filters = [{ name: "http", typed_config: typedConfig() }];
  setAt(
    bootstrap,
    CHAINS,
    chains.map((chain) => ({ ...chain, filters })),
  );
  for (const [name, value] of Object.entries(listener))
    setAt(bootstrap, `${LISTENER}.${name}`, value);
  return problemsOf(bootstrap);
}

function typedConfig(): JsonObject {
  const sample = sampleBootstrap();
  let at: unknown = sample;
  for (const part of MANAGER.replaceAll("]", "").split(/[.[]/)) {
    at = Reflect.get(Object(at), part);
  }
  const config: JsonObject = JSON.parse(JSON.stringify(at));
  return config;
}

const range = (text: string): JsonObject => {
  const [prefix, bits] = text.split("/");
  return { address_prefix: prefix, prefix_len: Number(bits) };
};
const match = (fields: JsonObject): JsonObject => ({ filter_chain_match: fields });

const rows: readonly [name: string, chains: readonly JsonObject[], want: readonly string[]][] = [
  [
    "the same match twice",
    [match({ destination_port: 1 }), match({ destination_port: 1 })],
    [`${CHAINS}[1]: has the same matching rules defined as filter_chains[0]`],
  ],
  [
    "no match and an empty one",
    [{}, match({})],
    // Envoy compares an empty match with none and finds them equal.
    [`${CHAINS}[1]: has the same matching rules defined as filter_chains[0]`],
  ],
  [
    "a name in another case",
    [match({ server_names: ["a"] }), match({ server_names: ["A"] })],
    [`${CHAINS}[1]: ${OVERLAP}`],
  ],
  [
    "a name in two chains",
    [match({ server_names: ["a", "b"] }), match({ server_names: ["c", "b"] })],
    [`${CHAINS}[1]: ${OVERLAP}`],
  ],
  [
    "a name twice in one chain",
    [match({ server_names: ["a", "a"] })],
    [`${CHAINS}[0]: ${OVERLAP}`],
  ],
  [
    "ranges that differ behind the prefix only",
    [
      match({ prefix_ranges: [range("10.0.0.0/8")] }),
      match({ prefix_ranges: [range("10.9.0.0/8"), range("11.0.0.0/8")] }),
    ],
    [`${CHAINS}[1]: ${OVERLAP}`],
  ],
  [
    "a range within another",
    [
      match({ prefix_ranges: [range("10.0.0.0/8")] }),
      match({ prefix_ranges: [range("10.0.0.0/9")] }),
    ],
    [],
  ],
  [
    "names that another criterion tells apart",
    [
      match({ server_names: ["a"], source_ports: [1, 2] }),
      match({ server_names: ["a", "b"], source_ports: [3] }),
      match({ server_names: ["a"] }),
    ],
    [],
  ],
  [
    "a wildcard in the middle",
    [match({ server_names: ["*.a.test", "b*.test"] }), match({ server_names: ["*"] })],
    [
      `${CHAINS}[0].filter_chain_match.server_names[1]: ` +
        'partial wildcards are not supported in "server_names"',
      `${CHAINS}[1].filter_chain_match.server_names[0]: ` +
        'partial wildcards are not supported in "server_names"',
    ],
  ],
];

describe("bootstrap, what chooses filter chains", () => {
  for (const [name, chains, want] of rows) {
    it(`parseBootstrap: ${name} is ${want.length === 0 ? "taken" : "refused"}`, () => {
      assert.deepEqual(problemsOfChains(chains), want);
    });
  }

  it("parseBootstrap: as many combinations as the limit are taken, one more is not", () => {
    const names = Array.from({ length: 1000 }, (_, index) => `n${index}`);
    const ports = Array.from({ length: 1000 }, (_, index) => index + 1);
    const all = match({ server_names: names, source_ports: ports });
    assert.deepEqual(problemsOfChains([all]), []);
    const reason = `the chains match more than ${MATCH_COMBINATIONS_MAX} combinations of values`;
    assert.deepEqual(problemsOfChains([all, {}]), [`${CHAINS}[1]: ${reason}`]);
  });

  it("parseBootstrap: beside a matcher chains have names of their own, and no matches", () => {
    const action = {
      name: "a",
      typed_config: { "@type": typeUrl("google.protobuf.StringValue"), value: "a" },
    };
    const listener = { filter_chain_matcher: { on_no_match: { action } } };
    const chains = [{ name: "a" }, { name: "a" }, {}, { name: "b", filter_chain_match: {} }];
    assert.deepEqual(problemsOfChains(chains, listener), [
      `${CHAINS}[1].name: "name" field is duplicated with value 'a'`,
      `${CHAINS}[2].name: "name" field is required when using a listener matcher`,
      `${CHAINS}[3].filter_chain_match: has no effect beside a filter_chain_matcher; leave it out`,
    ]);
  });
});
