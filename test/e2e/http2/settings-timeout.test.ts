import assert from "node:assert/strict";
import { mock } from "node:test";
import * as http2 from "../../../api/engine/http2.ts";
import { frame } from "../../unit/filters/http2/frames.ts";
import { LocalWorker } from "../../support/local-worker.ts";
import { toBootstrap } from "../../support/proxy-sketch.ts";
import { RawHttp2, RawHttp2Upstream, headers, request } from "./raw-http2.ts";

const { FRAME_ACK, FRAME_END_STREAM: END, FRAME_GOAWAY, FRAME_HEADERS, FRAME_SETTINGS } = http2;
/** Milliseconds that a peer has. */
const ACKNOWLEDGE_MS = 30_000;
const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const acknowledge = frame(FRAME_SETTINGS, FRAME_ACK, 0);

describe("http/2, SETTINGS that are not acknowledged", () => {
  let upstream: RawHttp2Upstream;
  let worker: LocalWorker;
  let client: RawHttp2;

  beforeEach(async () => {
    upstream = await RawHttp2Upstream.listen();
    worker = await LocalWorker.start(
      toBootstrap({
        endpoints: [upstream.port],
        cluster: {
          typed_extension_protocol_options: {
            [OPTIONS]: {
              "@type": `type.googleapis.com/${OPTIONS}`,
              explicit_http_config: { http2_protocol_options: {} },
            },
          },
        },
      }),
    );
    mock.timers.enable({ apis: ["setTimeout"] });
    upstream.serve = (peer, stream) => peer.write(headers(stream, { ":status": "204" }, END));
    client = await RawHttp2.open(worker.port);
    client.write(request(1));
    await client.until(FRAME_HEADERS, 1);
  });

  afterEach(() => {
    mock.restoreAll();
    mock.timers.reset();
    client.close();
    worker.stop();
    upstream.close();
  });

  /** Lets the time pass that peers have, or a little less. */
  function pass(ms: number): void {
    const nowMs = performance.now() + ms;
    mock.method(performance, "now", () => nowMs);
    mock.timers.tick(ms);
  }

  it("a client: GOAWAY says so, and the connection ends (RFC 9113 §6.5.3)", async () => {
    pass(ACKNOWLEDGE_MS);
    const { payload } = await client.until(FRAME_GOAWAY);
    assert.equal(payload[7], http2.H2_SETTINGS_TIMEOUT);
    client.socket.end();
    while (!client.isClosed) await new Promise((resolve) => setImmediate(resolve));
  });

  it("an upstream: the same", async () => {
    client.write(acknowledge);
    const [peer] = upstream.peers;
    pass(ACKNOWLEDGE_MS);
    const { payload } = await peer.until(FRAME_GOAWAY);
    assert.equal(payload[7], http2.H2_SETTINGS_TIMEOUT);
    while (!peer.isClosed) await new Promise((resolve) => setImmediate(resolve));
  });

  it("peers that acknowledge them: they are served on", async () => {
    const [peer] = upstream.peers;
    client.write(acknowledge, request(3));
    peer.write(acknowledge);
    await client.until(FRAME_HEADERS, 3);
    client.write(request(5));
    await client.until(FRAME_HEADERS, 5);
    pass(ACKNOWLEDGE_MS);
    client.write(request(7));
    await client.until(FRAME_HEADERS, 7);
    assert.equal(client.find(FRAME_GOAWAY), undefined);
    assert.equal(peer.find(FRAME_GOAWAY), undefined);
  });
});
