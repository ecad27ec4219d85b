import assert from "node:assert/strict";
import { FRAME_END_HEADERS, FRAME_SETTINGS } from "../../../../api/engine/http2.ts";
import { data, frame, request } from "./frames.ts";
import { type H2Exports, openH2Module } from "./h2-module.ts";
import { H2Peer } from "./h2-peer.ts";

const HEAD = FRAME_END_HEADERS;

describe("HTTP/2 windows that grow", () => {
  let module: H2Exports;

  before(async function () {
    this.timeout(120_000);
    module = await openH2Module();
  });

  beforeEach(() => module.setNow(0));

  const serve = (options: Readonly<Record<string, number>> = {}): H2Peer => {
    return H2Peer.serve(module, options);
  };

  /** A server with small windows that may grow, whose SETTINGS came back after `turnMs`. */
  const serveGrowing = (turnMs: number, options: Readonly<Record<string, number>> = {}): H2Peer => {
    const peer = serve({
      H2_OPTION_STREAM_WINDOW_MAX: 300_000,
      H2_OPTION_CONNECTION_WINDOW_MAX: 300_000,
      ...options,
    });
    module.setNow(turnMs);
    peer.receive(frame(FRAME_SETTINGS, 1, 0), request(1, HEAD));
    peer.takeFrames();
    return peer;
  };

  /** Has half a window used up `afterMs` later; what is said of windows then. */
  const use = (peer: H2Peer, bytes: number, atMs: number): string[] => {
    module.setNow(atMs);
    const stream = peer.field("stream");
    for (let left = bytes; left > 0; left -= 10_000) {
      peer.receive(data(1, "x".repeat(Math.min(left, 10_000))));
    }
    module.credit(peer.connection, stream, bytes);
    return peer.takeWords();
  };

  it("windows: they are doubled where half is used up within two round trips", () => {
    const peer = serveGrowing(50);
    // Doubled; a stream keeps what it has, which is more than a third of the connection's 131,070.
    assert.deepEqual(use(peer, 32_768, 150), [
      `WINDOW_UPDATE 0 ${32_768 + 65_535}`,
      "WINDOW_UPDATE 1 32768",
    ]);
    assert.deepEqual(use(peer, 65_535, 250), [
      `WINDOW_UPDATE 0 ${65_535 + 131_070}`,
      `WINDOW_UPDATE 1 ${65_535 + 87_380 - 65_535}`,
    ]);
    assert.deepEqual(use(peer, 87_380, 300), ["WINDOW_UPDATE 1 87380"]);
    // The greatest size of a connection.
    assert.deepEqual(use(peer, 43_690, 350), [
      `WINDOW_UPDATE 0 ${131_070 + 300_000 - 262_140}`,
      `WINDOW_UPDATE 1 ${43_690 + 100_000 - 87_380}`,
    ]);
    assert.deepEqual(use(peer, 100_000, 400), ["WINDOW_UPDATE 1 100000"]);
    assert.deepEqual(use(peer, 50_000, 450), ["WINDOW_UPDATE 0 150000", "WINDOW_UPDATE 1 50000"]);
    peer.close();
  });

  it("windows: they stay where half takes longer", () => {
    const peer = serveGrowing(50);
    assert.deepEqual(use(peer, 32_768, 151), ["WINDOW_UPDATE 0 32768", "WINDOW_UPDATE 1 32768"]);
    peer.close();
  });

  it("windows: they stay before a round trip is known", () => {
    const peer = serve({
      H2_OPTION_STREAM_WINDOW_MAX: 300_000,
      H2_OPTION_CONNECTION_WINDOW_MAX: 300_000,
    });
    peer.receive(request(1, HEAD));
    assert.deepEqual(use(peer, 32_768, 1), ["WINDOW_UPDATE 0 32768", "WINDOW_UPDATE 1 32768"]);
    peer.close();
  });

  it("windows: that of a stream does not grow where that of the connection may not", () => {
    const peer = serveGrowing(50, { H2_OPTION_CONNECTION_WINDOW_MAX: 65_535 });
    assert.deepEqual(use(peer, 32_768, 100), ["WINDOW_UPDATE 0 32768", "WINDOW_UPDATE 1 32768"]);
    peer.close();
  });

  it("windows: all connections together grow by 64 MiB, and what ends makes room", () => {
    const most = 64 * 1024 * 1024;
    const first = 40 * 1024 * 1024;
    const options = {
      H2_OPTION_CONNECTION_WINDOW: first,
      H2_OPTION_CONNECTION_WINDOW_MAX: 2 ** 31 - 1,
      H2_OPTION_STREAM_WINDOW: 2 ** 31 - 1,
      H2_OPTION_STREAM_WINDOW_MAX: 2 ** 31 - 1,
    };
    const growth = (): [H2Peer, number] => {
      module.setNow(0);
      const peer = serveGrowing(50, options);
      const [word] = use(peer, first / 2, 100);
      return [peer, Number(word.split(" ")[2]) - first / 2];
    };
    const [one, byOne] = growth();
    const [two, byTwo] = growth();
    const [three, byThree] = growth();
    assert.deepEqual([byOne, byTwo, byThree], [first, most - first, 0]);
    one.close();
    const [four, byFour] = growth();
    assert.equal(byFour, first);
    for (const peer of [two, three, four]) peer.close();
  });
});
