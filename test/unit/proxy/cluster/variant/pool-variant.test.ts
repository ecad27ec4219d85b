import assert from "node:assert/strict";
import type { DownstreamOrigin } from "../../../../../proxy/cluster/variant/downstream-origin.ts";
import {
  PLAIN_VARIANT,
  proxiedVariant,
  RAW_VARIANT,
  sourcedVariant,
} from "../../../../../proxy/cluster/variant/pool-variant.ts";
import type { ProxyUpstreamModel } from "../../../../../proxy/config/model.ts";

const ENDS = { localAddress: "10.0.0.1", localPort: 80, remoteAddress: "10.0.0.2", remotePort: 9 };
const TLV = { type: 0xe0, value: Uint8Array.of(1) };
const OTHER = { type: 0xe0, value: Uint8Array.of(2) };
const MODEL: ProxyUpstreamModel = { version: 2, passed: [], added: [] };
const ALL: ProxyUpstreamModel = { ...MODEL, passed: "all" };

const key = (origin: DownstreamOrigin, model = MODEL, base = PLAIN_VARIANT): string =>
  proxiedVariant(base, model, origin).key;

describe("pool-variant", () => {
  it("proxiedVariant: the same ends share, other ends do not", () => {
    const one = key({ ends: ENDS, source: null, tlvs: [] });
    assert.equal(key({ ends: { ...ENDS }, source: null, tlvs: [] }), one);
    for (const change of [
      { localAddress: "10.0.0.3" },
      { localPort: 81 },
      { remoteAddress: "10.0.0.3" },
      { remotePort: 10 },
    ]) {
      assert.notEqual(key({ ends: { ...ENDS, ...change }, source: null, tlvs: [] }), one);
    }
  });

  it("proxiedVariant: TLVs that are passed tell connections apart, and no others", () => {
    const [none, some, more] = [[], [TLV], [OTHER]].map((tlvs) => ({
      ends: ENDS,
      source: null,
      tlvs,
    }));
    assert.equal(new Set([none, some, more].map((origin) => key(origin, ALL))).size, 3);
    assert.equal(new Set([none, some, more].map((origin) => key(origin))).size, 1);
  });

  it("proxiedVariant: it is that of its base otherwise", () => {
    const origin = { ends: ENDS, source: null, tlvs: [] };
    const raw = proxiedVariant(RAW_VARIANT, MODEL, origin);
    assert.equal(raw.isRaw, true);
    assert.equal(raw.origin, origin);
    assert.notEqual(raw.key, key(origin));
  });

  it("sourcedVariant: addresses and marks tell connections apart", () => {
    const sources = [
      { address: "192.0.2.1", mark: 0 },
      { address: "192.0.2.2", mark: 0 },
      { address: "192.0.2.1", mark: 7 },
    ];
    const variants = sources.map((source) => sourcedVariant(PLAIN_VARIANT, source));
    assert.equal(new Set(variants.map((variant) => variant.key)).size, 3);
    assert.equal(variants[0].source, sources[0]);
    assert.equal(sourcedVariant(PLAIN_VARIANT, { ...sources[0] }).key, variants[0].key);
    assert.equal(sourcedVariant(RAW_VARIANT, sources[0]).isRaw, true);
  });
});
