import assert from "node:assert/strict";
import type { DownstreamOrigin } from "../../../../../proxy/cluster/variant/downstream-origin.ts";
import { prefaceOf } from "../../../../../proxy/cluster/upstream/proxy-preface.ts";
import type { ProxyUpstreamModel, TlvModel } from "../../../../../proxy/config/model.ts";
import { readProxyHeader } from "../../../../../proxy/proxy-protocol/proxy-header.ts";

const tlv = (type: number, text: string): TlvModel => {
  return { type, value: new TextEncoder().encode(text) };
};
const model = (facts: Partial<ProxyUpstreamModel>): ProxyUpstreamModel => {
  return { version: 2, passed: [], added: [], ...facts };
};
const OWN = { localAddress: "10.0.0.1", localPort: 5, remoteAddress: "10.0.0.2", remotePort: 6 };
const NOWHERE = { localAddress: "", localPort: 0, remoteAddress: "", remotePort: 0 };
const ORIGIN: DownstreamOrigin = {
  ends: { localAddress: "10.0.0.3", localPort: 80, remoteAddress: "10.0.0.4", remotePort: 999 },
  source: null,
  tlvs: [tlv(0xe0, "a"), tlv(0xe1, "b"), tlv(0xe0, "c"), tlv(0xe2, "d")],
};

interface Sketch {
  readonly model: Partial<ProxyUpstreamModel>;
  readonly origin?: DownstreamOrigin | null;
  readonly host?: readonly TlvModel[];
  readonly own?: typeof OWN;
}

function write({ model: facts, origin = ORIGIN, host = [], own = OWN }: Sketch): Uint8Array {
  const { bytes, isCut } = prefaceOf({
    model: model(facts),
    origin,
    hostTlvs: host,
    ownEnds: own,
  });
  assert.equal(isCut, false);
  return bytes;
}

function tlvsOf(sketch: Sketch): string[] {
  const tlvs = readProxyHeader(write(sketch))?.tlvs ?? [];
  return tlvs.map(({ type, value }) => `${type.toString(16)}=${new TextDecoder().decode(value)}`);
}

const lines: readonly [name: string, sketch: Omit<Sketch, "model">, want: string][] = [
  ["a downstream connection", {}, "PROXY TCP4 10.0.0.4 10.0.0.3 999 80\r\n"],
  ["none: the connection itself", { origin: null }, "PROXY TCP4 10.0.0.1 10.0.0.2 5 6\r\n"],
  [
    "one without addresses: the connection itself",
    { origin: { ends: NOWHERE, source: null, tlvs: [] } },
    "PROXY TCP4 10.0.0.1 10.0.0.2 5 6\r\n",
  ],
  ["no address at all", { origin: null, own: NOWHERE }, "PROXY UNKNOWN\r\n"],
];

describe("prefaceOf", () => {
  for (const [name, sketch, want] of lines) {
    it(`version 1: ${name}`, () => {
      assert.equal(new TextDecoder().decode(write({ ...sketch, model: { version: 1 } })), want);
    });
  }

  it("version 2: a downstream connection", () => {
    assert.deepEqual(readProxyHeader(write({ model: {} }))?.ends, {
      source: { ip: "10.0.0.4", port: 999 },
      destination: { ip: "10.0.0.3", port: 80 },
    });
  });

  it("version 2: without one, or without its addresses, LOCAL", () => {
    for (const origin of [null, { ends: NOWHERE, source: null, tlvs: ORIGIN.tlvs }]) {
      const bytes = write({ model: { passed: "all" }, origin });
      assert.deepEqual([...bytes.subarray(12)], [0x20, 0, 0, 0]);
    }
  });

  const rows: readonly [name: string, sketch: Sketch, want: readonly string[]][] = [
    ["none are passed where nothing is said", { model: {} }, []],
    ["all are passed", { model: { passed: "all" } }, ["e0=a", "e1=b", "e0=c", "e2=d"]],
    ["some are passed", { model: { passed: [0xe0, 0xe5] } }, ["e0=a", "e0=c"]],
    [
      "those of the cluster go before those that are passed, and in place of their types",
      { model: { passed: "all", added: [tlv(0xe0, "x"), tlv(0xf0, "y"), tlv(0xe0, "z")] } },
      ["e0=x", "f0=y", "e0=z", "e1=b", "e2=d"],
    ],
    [
      "those of the endpoint go before all others, and in place of their types",
      {
        model: { passed: [0xe1, 0xe2], added: [tlv(0xf0, "y"), tlv(0xf1, "z")] },
        host: [tlv(0xf0, "h"), tlv(0xf0, "i"), tlv(0xe1, "j")],
      },
      ["f0=h", "f0=i", "e1=j", "f1=z", "e2=d"],
    ],
  ];
  for (const [name, sketch, want] of rows) {
    it(`TLVs: ${name}`, () => assert.deepEqual(tlvsOf(sketch), want));
  }

  it("TLVs: those that do not fit are told", () => {
    const origin = { ...ORIGIN, tlvs: [{ type: 1, value: new Uint8Array(65_535) }] };
    const facts = { model: model({ passed: "all" }), origin, hostTlvs: [], ownEnds: OWN };
    assert.equal(prefaceOf(facts).isCut, true);
  });
});
