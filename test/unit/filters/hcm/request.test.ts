import assert from "node:assert/strict";
import {
  HCM_GENERATE_REQUEST_ID,
  HCM_PRESERVE_REQUEST_ID,
  HCM_SKIP_XFF_APPEND,
  HCM_USE_REMOTE_ADDRESS,
  UNDERSCORES_DROP,
  UNDERSCORES_REJECT,
} from "../../../../api/engine/image.ts";
import { STATE_CONNECTION_CLOSE } from "../../../../api/engine/layout.ts";
import { HcmModule, type HcmSketch } from "./hcm-module.ts";

const EDGE = { flags: HCM_USE_REMOTE_ADDRESS };
const IDS = { flags: HCM_GENERATE_REQUEST_ID };

/** What becomes of one header. */
interface Row {
  readonly name: string;
  readonly sketch?: HcmSketch;
  readonly lines: readonly string[];
  readonly header: string;
  readonly want: string | undefined;
}

const rows: readonly Row[] = [
  // RFC 9110 §7.6.1.
  {
    name: "Connection goes",
    lines: ["connection: keep-alive"],
    header: "connection",
    want: undefined,
  },
  {
    name: "what Connection names goes",
    lines: ["connection: X-A", "x-a: 1"],
    header: "x-a",
    want: undefined,
  },
  {
    name: "Keep-Alive goes",
    lines: ["keep-alive: timeout=5"],
    header: "keep-alive",
    want: undefined,
  },
  { name: "Upgrade alone goes", lines: ["upgrade: websocket"], header: "upgrade", want: undefined },
  {
    name: "Upgrade to h2c is passed over",
    lines: ["connection: upgrade", "upgrade: h2c"],
    header: "upgrade",
    want: undefined,
  },
  {
    name: "the settings of h2c go",
    lines: ["connection: upgrade", "upgrade: h2c", "http2-settings: A"],
    header: "http2-settings",
    want: undefined,
  },
  // RFC 9110 §10.1.4.
  { name: "TE says trailers", lines: ["te: gzip, trailers"], header: "te", want: "trailers" },
  {
    name: "TE says trailers in any line",
    lines: ["te: gzip", "te: trailers"],
    header: "te",
    want: "trailers",
  },
  { name: "TE says nothing else", lines: ["te: gzip"], header: "te", want: undefined },
  {
    name: "TE outlives being named",
    lines: ["connection: te", "te: trailers"],
    header: "te",
    want: "trailers",
  },
  { name: "Via is made", sketch: { via: "us" }, lines: [], header: "via", want: "us" },
  {
    name: "Via grows",
    sketch: { via: "us" },
    lines: ["via: a", "via: b"],
    header: "via",
    want: "a,b, us",
  },
  { name: "the scheme is told", lines: [], header: "x-forwarded-proto", want: "http" },
  {
    name: "the scheme of before is believed",
    lines: ["x-forwarded-proto: https"],
    header: ":scheme",
    want: "https",
  },
  {
    name: "an empty scheme is none",
    lines: ["x-forwarded-proto:"],
    header: "x-forwarded-proto",
    want: "http",
  },
  {
    name: "at the edge the scheme of before is not believed",
    sketch: EDGE,
    lines: ["x-forwarded-proto: https"],
    header: "x-forwarded-proto",
    want: "http",
  },
  {
    name: "inside the peer is not added",
    lines: ["x-forwarded-for: 10.0.0.1"],
    header: "x-forwarded-for",
    want: "10.0.0.1",
  },
  {
    name: "at the edge the peer is added",
    sketch: EDGE,
    lines: ["x-forwarded-for: 10.0.0.1"],
    header: "x-forwarded-for",
    want: "10.0.0.1,192.0.2.7",
  },
  {
    name: "at the edge lines of addresses are joined",
    sketch: EDGE,
    lines: ["x-forwarded-for: 10.0.0.1", "x-forwarded-for: 10.0.0.2"],
    header: "x-forwarded-for",
    want: "10.0.0.1,10.0.0.2,192.0.2.7",
  },
  {
    name: "an empty list of addresses begins anew",
    sketch: EDGE,
    lines: ["x-forwarded-for:"],
    header: "x-forwarded-for",
    want: "192.0.2.7",
  },
  {
    name: "skip_xff_append adds nothing",
    sketch: { flags: HCM_USE_REMOTE_ADDRESS | HCM_SKIP_XFF_APPEND },
    lines: ["x-forwarded-for: 10.0.0.1"],
    header: "x-forwarded-for",
    want: "10.0.0.1",
  },
  {
    name: "the external address is the peer",
    sketch: EDGE,
    lines: ["x-forwarded-for: 10.0.0.1"],
    header: "x-envoy-external-address",
    want: "192.0.2.7",
  },
  {
    name: "the external address stands a trusted hop away",
    sketch: { ...EDGE, trustedHops: 1 },
    lines: ["x-forwarded-for: 50.0.0.1, 10.0.0.1"],
    header: "x-envoy-external-address",
    want: "10.0.0.1",
  },
  {
    name: "the external address stands two trusted hops away",
    sketch: { ...EDGE, trustedHops: 2 },
    lines: ["x-forwarded-for: 50.0.0.1, 10.0.0.1"],
    header: "x-envoy-external-address",
    want: "50.0.0.1",
  },
  {
    name: "what is no address is no external address",
    sketch: { ...EDGE, trustedHops: 1 },
    lines: ["x-forwarded-for: junk"],
    header: "x-envoy-external-address",
    want: "192.0.2.7",
  },
  {
    name: "who comes from outside cannot steer",
    lines: ["x-envoy-max-retries: 9"],
    header: "x-envoy-max-retries",
    want: undefined,
  },
  {
    name: "who comes from outside is not internal",
    lines: ["x-envoy-internal: true"],
    header: "x-envoy-internal",
    want: undefined,
  },
  {
    name: "a request id stays inside",
    sketch: IDS,
    lines: ["x-request-id: mine"],
    header: "x-request-id",
    want: "mine",
  },
  {
    name: "a request id stays when it shall",
    sketch: { flags: HCM_USE_REMOTE_ADDRESS | HCM_GENERATE_REQUEST_ID | HCM_PRESERVE_REQUEST_ID },
    lines: ["x-request-id: mine"],
    header: "x-request-id",
    want: "mine",
  },
  {
    name: "no request id is made when none shall be",
    lines: [],
    header: "x-request-id",
    want: undefined,
  },
  {
    name: "underscores are dropped",
    sketch: { underscores: UNDERSCORES_DROP },
    lines: ["x_a: 1"],
    header: "x_a",
    want: undefined,
  },
];

const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

describe("request heads", () => {
  let hcm: HcmModule;
  before(async function () {
    this.timeout(60_000);
    hcm = await HcmModule.open();
  });
  const prepare = (lines: readonly string[], sketch?: HcmSketch) => {
    return hcm.prepare(["GET / HTTP/1.1", "host: a", ...lines, "", ""].join("\r\n"), sketch);
  };

  for (const { name, sketch, lines, header, want } of rows) {
    it(`head: ${name}`, () => assert.equal(prepare(lines, sketch)?.get(header), want));
  }

  it("head: a request id is made where there is none, or an empty one", () => {
    assert.match(prepare([], IDS)?.get("x-request-id") ?? "", UUID);
    assert.match(prepare(["x-request-id:"], IDS)?.get("x-request-id") ?? "", UUID);
  });

  it("head: at the edge a request id is replaced", () => {
    const flags = HCM_USE_REMOTE_ADDRESS | HCM_GENERATE_REQUEST_ID;
    assert.match(prepare(["x-request-id: mine"], { flags })?.get("x-request-id") ?? "", UUID);
  });

  it("head: underscores are refused with 400", () => {
    const prepared = prepare(["x_a: 1"], { underscores: UNDERSCORES_REJECT });
    assert.equal(prepared?.status, 400);
    assert.equal(prepared.details, "http1.unexpected_underscore");
  });

  it("head: Proxy-Connection: close ends the connection", () => {
    const state = prepare(["proxy-connection: Close"])?.state ?? 0;
    assert.notEqual(state & STATE_CONNECTION_CLOSE, 0);
    assert.equal(
      (prepare(["proxy-connection: keep-alive"])?.state ?? 0) & STATE_CONNECTION_CLOSE,
      0,
    );
  });
});
