import assert from "node:assert/strict";
import type { ChainMatcherModel } from "../../../../../../proxy/config/listener-model.ts";
import type { Part } from "../../../../../support/proxy-sketch.ts";
import { compileListener } from "./compiled-listener.ts";

const typed = (type: string, fields: Part = {}): Part => ({
  name: "any",
  typed_config: { "@type": `type.googleapis.com/${type}`, ...fields },
});
const NETWORK = "envoy.extensions.matching.common_inputs.network.v3";
const input = (name: string, fields: Part = {}): Part => typed(`${NETWORK}.${name}`, fields);
const action = (value: string): Part => ({
  action: typed("google.protobuf.StringValue", { value }),
});
const tree = (rest: Part, name = "DestinationPortInput"): Part => ({
  matcher_tree: { input: input(name), ...rest },
});

async function compile(filter_chain_matcher: Part): Promise<ChainMatcherModel | null> {
  return (await compileListener({ fields: { filter_chain_matcher } })).chainMatcher;
}

/** One row of a list with a single predicate. */
const single = (matcher: Part, name = "ServerNameInput"): Part => ({
  single_predicate: { input: input(name), ...matcher },
});

function list(predicate: Part): Part {
  return { matcher_list: { matchers: [{ predicate, on_match: action("a") }] } };
}

describe("compileChainMatcher", () => {
  it("compileChainMatcher: what istiod sends to a waypoint", async () => {
    const ports = (port: string, name: string): Part => ({
      matcher: tree({ exact_match_map: { map: { [port]: action(name) } } }),
    });
    const protocols = tree(
      { exact_match_map: { map: { "'h2c'": action("http"), "'http/1.1'": action("http") } } },
      "ApplicationProtocolInput",
    );
    const ranges = [
      { ranges: [{ address_prefix: "10.96.0.1", prefix_len: 32 }], on_match: ports("80", "a") },
      {
        ranges: [
          { address_prefix: "10.9.0.1", prefix_len: 32 },
          { address_prefix: "fd00::", prefix_len: 8 },
        ],
        on_match: { matcher: { ...protocols, on_no_match: action("tcp") } },
        exclusive: true,
      },
    ];
    const custom = typed("xds.type.matcher.v3.IPMatcher", { range_matchers: ranges });
    const matcher = await compile(tree({ custom_match: custom }, "DestinationIPInput"));
    const chain = (name: string) => ({ kind: "chain", name });
    assert.deepEqual(matcher, {
      onNoMatch: null,
      rule: {
        kind: "ranges",
        input: { kind: "destination-ip" },
        ranges: [
          {
            ranges: ["10.96.0.1/32"],
            isExclusive: false,
            outcome: {
              kind: "matcher",
              matcher: {
                onNoMatch: null,
                rule: {
                  kind: "exact",
                  input: { kind: "destination-port" },
                  map: new Map([["80", chain("a")]]),
                },
              },
            },
          },
          {
            ranges: ["10.9.0.1/32", "fd00::/8"],
            isExclusive: true,
            outcome: {
              kind: "matcher",
              matcher: {
                onNoMatch: chain("tcp"),
                rule: {
                  kind: "exact",
                  input: { kind: "application-protocol" },
                  map: new Map([
                    ["'h2c'", chain("http")],
                    ["'http/1.1'", chain("http")],
                  ]),
                },
              },
            },
          },
        ],
      },
    });
  });

  it("compileChainMatcher: a list with predicates of all kinds", async () => {
    const ip = typed("envoy.extensions.matching.input_matchers.ip.v3.Ip", {
      cidr_ranges: [{ address_prefix: "10.0.0.0", prefix_len: 8 }],
      stat_prefix: "s",
    });
    const name = single({ value_match: { suffix: ".TEST", ignore_case: true } });
    const predicate = {
      or_matcher: {
        predicate: [
          { and_matcher: { predicate: [name, single({ custom_match: ip }, "SourceIPInput")] } },
          { not_matcher: single({ value_match: { safe_regex: { google_re2: {}, regex: "a+" } } }) },
        ],
      },
    };
    const value = (how: string, text: string, ignoresCase: boolean) => ({
      kind: "value",
      input: { kind: "server-name" },
      value: { how, value: text, ignoresCase },
    });
    assert.deepEqual((await compile(list(predicate)))?.rule, {
      kind: "list",
      matchers: [
        {
          outcome: { kind: "chain", name: "a" },
          predicate: {
            kind: "or",
            predicates: [
              {
                kind: "and",
                predicates: [
                  value("suffix", ".test", true),
                  { kind: "range", input: { kind: "source-ip" }, ranges: ["10.0.0.0/8"] },
                ],
              },
              { kind: "not", predicate: value("regex", "a+", false) },
            ],
          },
        },
      ],
    });
  });

  const refused: readonly [name: string, matcher: Part, reason: RegExp][] = [
    [
      "an action that names no chain",
      { on_no_match: { action: typed("google.protobuf.UInt32Value", { value: 1 }) } },
      /on_no_match.action.typed_config: .* is not implemented/,
    ],
    [
      "an action that is an input",
      { on_no_match: { action: input("SourceIPInput") } },
      /only a google.protobuf.StringValue names a chain/,
    ],
    [
      "an input that is an action",
      {
        matcher_tree: {
          input: typed("google.protobuf.StringValue", { value: "a" }),
          exact_match_map: { map: { a: action("a") } },
        },
      },
      /matcher_tree.input.typed_config: an input of this type is not implemented/,
    ],
    [
      "a range with too many bits",
      tree({
        custom_match: typed("xds.type.matcher.v3.IPMatcher", {
          range_matchers: [
            { ranges: [{ address_prefix: "10.0.0.1", prefix_len: 33 }], on_match: action("a") },
          ],
        }),
      }),
      /invalid ip\/mask combo '10.0.0.1\/33'/,
    ],
    [
      "a broken regular expression",
      list(single({ value_match: { safe_regex: { google_re2: {}, regex: "(" } } })),
      /safe_regex.regex: /,
    ],
  ];
  for (const [name, matcher, reason] of refused) {
    it(`compileChainMatcher: ${name} is refused`, async () => {
      await assert.rejects(compile(matcher), reason);
    });
  }

  it("compileChainMatcher: matchers in matchers are followed to the limit", async () => {
    const nest = (depth: number): Part =>
      depth === 0 ? { on_no_match: action("a") } : { on_no_match: { matcher: nest(depth - 1) } };
    assert.notEqual(await compile(nest(32)), null);
    await assert.rejects(compile(nest(33)), /deeper than 32 matchers/);
  });
});
