import assert from "node:assert/strict";
import * as http2 from "../../../api/engine/http2.ts";
import { frame, rstStream, windowUpdate, words } from "../../unit/filters/http2/frames.ts";
import { get, TestProxy } from "../../support/proxy-sketch.ts";
import { RawHttp2Upstream, headers } from "./raw-http2.ts";

const { FRAME_DATA, FRAME_END_STREAM: END, FRAME_PING } = http2;
const OK = { ":status": "200" };
const RESET = /reset reason: remote reset$/;
const MALFORMED = /reset reason: protocol error$/;
const TERMINATION = /reset reason: connection termination$/;

/** What an upstream sends on its stream, what the client is told, and what is counted. */
const ANSWERS: readonly (readonly [
  name: string,
  answer: (stream: number) => readonly Uint8Array[],
  status: number,
  body: RegExp,
  counter: string,
])[] = [
  ["RST_STREAM", (id) => [rstStream(id, http2.H2_CANCEL)], 503, RESET, "upstream_rq_rx_reset"],
  ["RST_STREAM, no error", (id) => [rstStream(id, 0)], 503, RESET, "upstream_rq_rx_reset"],
  [
    "an error of no number that is known",
    (id) => [rstStream(id, 0xffff_ffff)],
    503,
    RESET,
    "upstream_rq_rx_reset",
  ],
  [
    "a name in upper case",
    (id) => [headers(id, { ...OK, "X-A": "1" })],
    502,
    MALFORMED,
    "upstream_rq_tx_reset",
  ],
  [
    "no body where a length is said",
    (id) => [headers(id, { ...OK, "content-length": "5" }, END)],
    502,
    MALFORMED,
    "upstream_rq_tx_reset",
  ],
  [
    "DATA before the head",
    (id) => [frame(FRAME_DATA, END, id, [1])],
    502,
    MALFORMED,
    "upstream_rq_tx_reset",
  ],
  ["a window of 0 more", (id) => [windowUpdate(id, 0)], 502, MALFORMED, "upstream_rq_tx_reset"],
  [
    "a window that is too large",
    (id) => [windowUpdate(id, 0x7fff_ffff)],
    502,
    MALFORMED,
    "upstream_rq_tx_reset",
  ],
  [
    "more PING than may wait",
    () => Array.from({ length: 3000 }, () => frame(FRAME_PING, 0, 0, words(0, 0))),
    503,
    TERMINATION,
    "http2.outbound_control_flood",
  ],
];

describe("http/2 upstreams that break the rules", () => {
  let upstream: RawHttp2Upstream;
  let proxy: TestProxy;

  beforeEach(async () => {
    upstream = await RawHttp2Upstream.listen();
    const type = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    const options = { override_stream_error_on_invalid_http_message: true };
    proxy = await TestProxy.start({
      endpoints: [upstream.port],
      cluster: {
        typed_extension_protocol_options: {
          "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": type,
            explicit_http_config: { http2_protocol_options: options },
          },
        },
      },
    });
  });

  afterEach(async () => {
    await proxy.untilIdle();
    await proxy.stop();
    upstream.close();
  });

  for (const [name, answer, status, body, counter] of ANSWERS) {
    it(`${name}: ${status}, ${counter}`, async () => {
      upstream.serve = (peer, stream) => peer.write(...answer(stream));
      const client = await proxy.connect();
      client.write(get("/"));
      const message = await client.readMessage();
      assert.match(message.head, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.match(message.body, body);
      client.close();
      const resets = ["upstream_rq_rx_reset", "upstream_rq_tx_reset"];
      for (const each of new Set([...resets, counter])) {
        assert.equal(await proxy.stat(`cluster.up.${each}`), each === counter ? 1 : 0, each);
      }
    });
  }
});
