import assert from "node:assert/strict";
import {
  HCM_SKIP_XFF_APPEND,
  HCM_UNIX_SOCKETS_INTERNAL,
  HCM_USE_REMOTE_ADDRESS,
} from "../../../../api/engine/image.ts";
import { STATE_INTERNAL } from "../../../../api/engine/layout.ts";
import { HcmModule, type HcmSketch } from "./hcm-module.ts";

const V4 = { bytes: [10, 0, 0, 0], bits: 8 };
const V6 = { bytes: [0xfd, ...Array<number>(15).fill(0)], bits: 8 };
const MAPPED = { bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 0], bits: 104 };
const ODD = { bytes: [192, 168, 80, 0], bits: 20 };
const ALL_V4 = { bytes: [0, 0, 0, 0], bits: 0 };

const INSIDE: HcmSketch = { internal: [V4, V6, ODD] };
const EDGE: HcmSketch = { ...INSIDE, flags: HCM_USE_REMOTE_ADDRESS };
const FROM_10: HcmSketch = { ...EDGE, peer: "10.1.2.3" };
const UNIX: HcmSketch = { flags: HCM_USE_REMOTE_ADDRESS | HCM_UNIX_SOCKETS_INTERNAL, peer: "" };

/** Whether a request with these X-Forwarded-For is internal. Envoy mutateRequestHeaders. */
const trust: readonly { name: string; sketch: HcmSketch; xff: string[]; want: boolean }[] = [
  { name: "nobody without ranges", sketch: {}, xff: ["10.0.0.1"], want: false },
  { name: "an address in a range", sketch: INSIDE, xff: ["10.255.0.1"], want: true },
  { name: "an address outside", sketch: INSIDE, xff: ["11.0.0.1"], want: false },
  { name: "the last that shares the bits", sketch: INSIDE, xff: ["192.168.95.255"], want: true },
  { name: "the first that does not", sketch: INSIDE, xff: ["192.168.96.0"], want: false },
  { name: "IPv6 in a range", sketch: INSIDE, xff: ["FD00:0::1"], want: true },
  { name: "IPv6 outside", sketch: INSIDE, xff: ["fc00::1"], want: false },
  { name: "an IPv4 address in IPv6", sketch: INSIDE, xff: ["::ffff:10.0.0.1"], want: false },
  {
    name: "the same, where that is the range",
    sketch: { internal: [MAPPED] },
    xff: ["::ffff:10.0.0.1"],
    want: true,
  },
  { name: "no bits for all of IPv4", sketch: { internal: [ALL_V4] }, xff: ["8.8.8.8"], want: true },
  { name: "no bits, but for IPv6", sketch: { internal: [ALL_V4] }, xff: ["::1"], want: false },
  { name: "blanks around it", sketch: INSIDE, xff: ["  10.0.0.1 "], want: true },
  {
    name: "nobody without the header",
    sketch: { ...INSIDE, peer: "10.0.0.1" },
    xff: [],
    want: false,
  },
  { name: "not the last of several", sketch: INSIDE, xff: ["10.0.0.2, 10.0.0.1"], want: false },
  { name: "not over two lines", sketch: INSIDE, xff: ["10.0.0.2", "10.0.0.1"], want: false },
  { name: "not behind a comma", sketch: INSIDE, xff: [",10.0.0.1"], want: false },
  { name: "not before a comma", sketch: INSIDE, xff: ["10.0.0.1,"], want: false },
  { name: "not with a port", sketch: INSIDE, xff: ["10.0.0.1:80"], want: false },
  {
    name: "not behind a trusted hop",
    sketch: { ...INSIDE, trustedHops: 1 },
    xff: ["10.0.0.2, 10.0.0.1"],
    want: false,
  },
  {
    name: "not when the only one is the trusted hop",
    sketch: { ...INSIDE, trustedHops: 1 },
    xff: ["10.0.0.1"],
    want: false,
  },
  { name: "at the edge the peer", sketch: FROM_10, xff: [], want: true },
  { name: "at the edge not who is named", sketch: EDGE, xff: ["10.0.0.1"], want: false },
  { name: "at the edge not who names others", sketch: FROM_10, xff: ["10.0.0.1"], want: false },
  { name: "at the edge not who names nobody", sketch: FROM_10, xff: [""], want: false },
  {
    name: "with trusted hops the peer",
    sketch: { ...FROM_10, trustedHops: 1 },
    xff: [],
    want: true,
  },
  {
    name: "without an own entry the peer",
    sketch: { ...FROM_10, flags: HCM_USE_REMOTE_ADDRESS | HCM_SKIP_XFF_APPEND },
    xff: [],
    want: true,
  },
  { name: "the peer at a Unix socket", sketch: UNIX, xff: [], want: true },
  { name: "at a Unix socket not who names others", sketch: UNIX, xff: ["10.0.0.1"], want: false },
  {
    name: "the peer at a Unix socket only where that counts",
    sketch: { ...FROM_10, peer: "" },
    xff: [],
    want: false,
  },
  {
    name: "the peer at a Unix socket only at the edge",
    sketch: { flags: HCM_UNIX_SOCKETS_INTERNAL, peer: "" },
    xff: [],
    want: false,
  },
];

/** Headers that say something of a request or steer it, and for whom they go. */
const cleaned: readonly { header: string; inside: boolean; edge: boolean }[] = [
  { header: "x-envoy-max-retries", inside: true, edge: true },
  { header: "x-envoy-retry-on", inside: true, edge: true },
  { header: "x-envoy-retry-grpc-on", inside: true, edge: true },
  { header: "x-envoy-retriable-status-codes", inside: true, edge: true },
  { header: "x-envoy-retriable-header-names", inside: true, edge: true },
  { header: "x-envoy-hedge-on-per-try-timeout", inside: true, edge: true },
  { header: "x-envoy-upstream-alt-stat-name", inside: true, edge: true },
  { header: "x-envoy-upstream-rq-timeout-ms", inside: true, edge: true },
  { header: "x-envoy-upstream-rq-per-try-timeout-ms", inside: true, edge: true },
  { header: "x-envoy-upstream-rq-timeout-alt-response", inside: true, edge: true },
  { header: "x-envoy-upstream-stream-duration-ms", inside: true, edge: true },
  { header: "x-envoy-expected-rq-timeout-ms", inside: true, edge: true },
  { header: "x-envoy-force-trace", inside: true, edge: true },
  { header: "x-envoy-ip-tags", inside: true, edge: true },
  { header: "x-envoy-original-url", inside: true, edge: true },
  { header: "x-secret", inside: true, edge: true },
  { header: "x-envoy-decorator-operation", inside: false, edge: true },
  { header: "x-envoy-downstream-service-cluster", inside: false, edge: true },
  { header: "x-envoy-downstream-service-node", inside: false, edge: true },
  { header: "x-envoy-original-path", inside: false, edge: true },
  { header: "x-envoy-original-host", inside: false, edge: true },
  { header: "x-envoy-attempt-count", inside: false, edge: false },
];

/** IPv6 has many texts for one address; inet_ntop has one (RFC 5952 §4). */
const canonical: readonly { text: string; want: string }[] = [
  { text: "2001:DB8:0:0::1", want: "2001:db8::1" },
  { text: "2001:0db8:0000:0000:0001:0000:0000:0001", want: "2001:db8::1:0:0:1" },
  { text: "1:0:2:3:4:5:6:7", want: "1:0:2:3:4:5:6:7" },
  { text: "1:0:0:2:0:0:0:3", want: "1:0:0:2::3" },
  { text: "1:2:3:4:5:6:0:0", want: "1:2:3:4:5:6::" },
  { text: "0:0:0:0:0:0:0:0", want: "::" },
  { text: "::1", want: "::1" },
  { text: "::ffff:a00:1", want: "::ffff:10.0.0.1" },
  { text: "::FFFF:10.0.0.1", want: "::ffff:10.0.0.1" },
  { text: "::10.0.0.1", want: "::10.0.0.1" },
  { text: "64:ff9b::192.0.2.33", want: "64:ff9b::c000:221" },
  { text: "1:2:3:4:5:6:255.255.255.255", want: "1:2:3:4:5:6:ffff:ffff" },
  // What is no address leaves the peer.
  { text: "1:2:3:4:5:6:7:1.2.3.4", want: "192.0.2.7" },
  { text: "::1.2.3", want: "192.0.2.7" },
  { text: "::1.2.3.256", want: "192.0.2.7" },
  { text: "1.2.3.4::", want: "192.0.2.7" },
  { text: "1:::2", want: "192.0.2.7" },
];

describe("forwarded", () => {
  let hcm: HcmModule;
  before(async function () {
    this.timeout(60_000);
    hcm = await HcmModule.open();
  });
  const prepare = (lines: readonly string[], sketch: HcmSketch) => {
    const prepared = hcm.prepare(
      ["GET / HTTP/1.1", "host: a", ...lines, "", ""].join("\r\n"),
      sketch,
    );
    assert.ok(prepared !== null);
    return prepared;
  };

  for (const { name, sketch, xff, want } of trust) {
    it(`internal: ${name}: ${want}`, () => {
      const lines = xff.map((value) => `x-forwarded-for: ${value}`);
      const prepared = prepare(["x-envoy-internal: true", ...lines], sketch);
      assert.equal(prepared.get("x-envoy-internal"), want ? "true" : undefined);
      assert.equal((prepared.state & STATE_INTERNAL) !== 0, want);
    });
  }

  for (const { header, inside, edge } of cleaned) {
    const line = `${header}: 1`;
    it(`steering: ${header} of an internal request stays`, () => {
      const sketch = { ...FROM_10, internalOnly: ["x-secret"] };
      assert.equal(prepare([line], sketch).get(header), "1");
    });
    it(`steering: ${header} of an external request ${edge ? "goes" : "stays"} at the edge`, () => {
      const sketch = { ...EDGE, internalOnly: ["x-secret"] };
      assert.equal(prepare([line], sketch).get(header), edge ? undefined : "1");
    });
    it(`steering: ${header} of an external request ${inside ? "goes" : "stays"} inside`, () => {
      const sketch = { ...INSIDE, internalOnly: ["x-secret"] };
      assert.equal(prepare([line], sketch).get(header), inside ? undefined : "1");
    });
  }

  for (const { text, want } of canonical) {
    it(`external address: ${text} is ${want}`, () => {
      const sketch = { flags: HCM_USE_REMOTE_ADDRESS, trustedHops: 1 };
      const prepared = prepare([`x-forwarded-for: ${text}`], sketch);
      assert.equal(prepared.get("x-envoy-external-address"), want);
    });
  }

  it("external address: a peer at a Unix socket has none, and is not added", () => {
    const prepared = prepare([], { flags: HCM_USE_REMOTE_ADDRESS, peer: "" });
    assert.equal(prepared.get("x-envoy-external-address"), undefined);
    assert.equal(prepared.get("x-forwarded-for"), undefined);
  });

  it("external address: an internal request keeps what it says", () => {
    const prepared = prepare(["x-envoy-external-address: 9.9.9.9"], FROM_10);
    assert.equal(prepared.get("x-envoy-external-address"), "9.9.9.9");
  });
});
