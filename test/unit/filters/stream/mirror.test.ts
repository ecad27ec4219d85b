import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import { FRAMING_CHUNKED, FRAMING_LENGTH, FRAMING_NONE } from "../../../../api/engine/http1.ts";
import {
  STATE_HEAD_REQUEST,
  STATE_INTERNAL,
  STATE_KEEPS_BODY,
  STATE_MIRROR,
  STATE_REQUEST_END,
} from "../../../../api/engine/layout.ts";
import type { TestRequest } from "../route/route-engine.ts";
import { StreamEngine } from "./stream-engine.ts";

const SHADOW = { cluster: "beta" };

function config(...policies: JsonObject[]): JsonObject {
  const route = { cluster: "alpha", timeout: "7s", requestMirrorPolicies: policies };
  const routes = [{ match: { prefix: "/" }, route: { ...route, internalRedirectPolicy: {} } }];
  return { name: "r", virtualHosts: [{ name: "all", domains: ["*"], routes }] };
}

function sample(numerator: number): JsonObject {
  return { ...SHADOW, runtimeFraction: { defaultValue: { numerator, denominator: "HUNDRED" } } };
}

describe("mirror", () => {
  let engine: StreamEngine;
  before(async function () {
    this.timeout(60_000);
    engine = await StreamEngine.open();
  });

  /** Opens the first mirror of a request; 0 is none. */
  function withMirror(request: TestRequest, use: (mirror: number, stream: number) => void): void {
    const stream = engine.open(request);
    const mirror = engine.exports.mirror(stream, 0);
    use(mirror, stream);
    if (mirror !== 0) engine.exports.close(mirror);
    engine.exports.close(stream);
  }

  function authority(mirror: number): string | undefined {
    const line = engine.lines(mirror).find((each) => each.startsWith(":authority "));
    return line?.slice(":authority ".length);
  }

  it("mirrorCount: as many as the route has policies", () => {
    for (const count of [0, 1, 3]) {
      engine.load(config(...Array.from({ length: count }, () => SHADOW)));
      const stream = engine.open({});
      assert.equal(engine.exports.mirrors(stream), count);
      engine.exports.close(stream);
    }
  });

  it("openMirrorStream: the request is copied, and says that it comes from here", () => {
    engine.load(config(SHADOW), "10.0.0.9");
    const headers: [string, string][] = [
      ["x-a", "1"],
      ["accept", "*/*"],
      ["x-a", "2"],
      ["x-envoy-internal", "no"],
      ["x-forwarded-for", "10.0.0.1"],
    ];
    withMirror({ method: "PUT", path: "/a?b", headers }, (mirror, stream) => {
      engine.spoil();
      engine.put(stream, 0, "x-later", "1");
      assert.deepEqual(engine.lines(mirror), [
        ":method PUT",
        ":path /a?b",
        ":authority a.test-shadow",
        ":scheme http",
        "x-a 1",
        "accept */*",
        "x-a 2",
        "x-envoy-internal true",
        "x-forwarded-for 10.0.0.1,10.0.0.9",
        "x-envoy-expected-rq-timeout-ms 7000",
      ]);
      assert.equal(engine.field(mirror, "cluster"), 1);
      assert.equal(engine.field(mirror, "timeoutMs"), 7000);
    });
  });

  it("openMirrorStream: without an address of this node nothing is forwarded for it", () => {
    engine.load(config(SHADOW));
    withMirror({}, (mirror) => {
      assert.deepEqual(engine.lines(mirror).slice(4), [
        "x-envoy-internal true",
        "x-envoy-expected-rq-timeout-ms 7000",
      ]);
    });
  });

  const hosts: readonly (readonly [host: string, want: string])[] = [
    ["shop.example", "shop.example-shadow"],
    ["shop.example:8080", "shop.example-shadow:8080"],
    ["10.0.0.1", "10.0.0.1-shadow"],
    ["10.0.0.1:80", "10.0.0.1-shadow:80"],
    ["[::1]", "[::1]-shadow"],
    ["[::1]:80", "[::1]-shadow:80"],
    ["a:", "a-shadow:"],
    ["x".repeat(5000), `${"x".repeat(5000)}-shadow`],
  ];
  for (const [host, want] of hosts) {
    it(`openMirrorStream: the host of ${host.slice(0, 30)} says that it is a shadow`, () => {
      engine.load(config(SHADOW));
      withMirror({ authority: host }, (mirror) => assert.equal(authority(mirror), want));
    });
  }

  it("openMirrorStream: the host is as it was where the policy says so", () => {
    engine.load(config({ ...SHADOW, disableShadowHostSuffixAppend: true }));
    withMirror({ authority: "a:80" }, (mirror) => assert.equal(authority(mirror), "a:80"));
  });

  const shares: [numerator: number, random: number, isMirrored: boolean][] = [
    [0, 0, false],
    [1, 0, true],
    [1, 1, false],
    [50, 49, true],
    [50, 50, false],
    [50, 149, true],
    [100, 99, true],
  ];
  for (const [numerator, random, isMirrored] of shares) {
    it(`openMirrorStream: ${numerator} in 100 with ${random} is ${isMirrored}`, () => {
      engine.load(config(sample(numerator)));
      const stream = engine.open({});
      engine.exports.setRandom(stream, random);
      const mirror = engine.exports.mirror(stream, 0);
      assert.equal(mirror !== 0, isMirrored);
      if (mirror !== 0) engine.exports.close(mirror);
      engine.exports.close(stream);
    });
  }

  const named: [name: string, headers: [string, string][], cluster: number | null][] = [
    ["no header", [], null],
    ["a cluster", [["x-mirror", "gamma"]], 2],
    ["an unknown cluster", [["x-mirror", "delta"]], null],
    ["nothing", [["x-mirror", ""]], null],
    [
      "two clusters, of which the first counts",
      [
        ["x-mirror", "beta"],
        ["x-mirror", "gamma"],
      ],
      1,
    ],
  ];
  for (const [name, headers, cluster] of named) {
    it(`openMirrorStream: the header names ${name}`, () => {
      engine.load(config({ clusterHeader: "X-Mirror" }));
      withMirror({ headers }, (mirror) => {
        assert.equal(mirror === 0 ? null : engine.field(mirror, "cluster"), cluster);
      });
    });
  }

  it("openMirrorStream: policies are told apart by their places", () => {
    engine.load(config({ cluster: "gamma" }, { clusterHeader: "x-none" }, SHADOW));
    const stream = engine.open({});
    const mirrors = [0, 1, 2].map((place) => engine.exports.mirror(stream, place));
    assert.deepEqual(
      mirrors.map((mirror) => (mirror === 0 ? null : engine.field(mirror, "cluster"))),
      [2, null, 1],
    );
    for (const mirror of mirrors.filter((each) => each !== 0)) engine.exports.close(mirror);
    engine.exports.close(stream);
  });

  const states: { name: string; framing: number; state: number; want: number }[] = [
    { name: "whole", framing: FRAMING_NONE, state: STATE_REQUEST_END, want: STATE_REQUEST_END },
    {
      name: "HEAD",
      framing: FRAMING_NONE,
      state: STATE_HEAD_REQUEST | STATE_REQUEST_END,
      want: STATE_HEAD_REQUEST | STATE_REQUEST_END,
    },
    { name: "without its body yet", framing: FRAMING_LENGTH, state: 0, want: 0 },
  ];
  for (const { name, framing, state, want } of states) {
    it(`openMirrorStream: a request that is ${name} is mirrored so`, () => {
      engine.load(config(SHADOW));
      const stream = engine.open({}, { framing, length: 5 });
      engine.exports.setState(stream, state);
      const mirror = engine.exports.mirror(stream, 0);
      assert.equal(engine.field(mirror, "state"), want | STATE_MIRROR | STATE_INTERNAL);
      assert.equal(engine.field(mirror, "framing"), framing);
      engine.exports.close(mirror);
      engine.exports.close(stream);
    });
  }

  for (const { name, framing } of [
    { name: "with a length", framing: FRAMING_LENGTH },
    { name: "in chunks", framing: FRAMING_CHUNKED },
  ]) {
    it(`openMirrorStream: a body ${name} that a redirect brought is there at once`, () => {
      engine.load(config(SHADOW));
      const stream = engine.open({}, { framing, length: 5 });
      engine.exports.keepFrom(stream);
      engine.exports.keep(stream, ...engine.place("hello"));
      engine.exports.setState(stream, STATE_REQUEST_END | STATE_KEEPS_BODY);
      const mirror = engine.exports.mirror(stream, 0);
      assert.equal(engine.field(mirror, "state") & STATE_REQUEST_END, 0);
      assert.equal(engine.mirrorBody(mirror), "hello");
      engine.exports.close(mirror);
      engine.exports.close(stream);
    });
  }

  it("openMirrorStream: a thousand mirrors leave nothing behind", () => {
    engine.load(config(SHADOW));
    withMirror({}, () => {});
    const before = engine.exports.bytesInUse();
    for (let i = 0; i < 1000; i++) withMirror({ headers: [["x-a", "b".repeat(i)]] }, () => {});
    assert.equal(engine.exports.bytesInUse(), before);
  });
});
