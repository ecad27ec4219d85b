import assert from "node:assert/strict";
import fc from "fast-check";
import {
  FRAME_CONTINUATION,
  FRAME_DATA,
  FRAME_END_HEADERS,
  FRAME_END_STREAM,
  FRAME_HEADERS,
  FRAME_PING,
  FRAME_PRIORITY,
  FRAME_SETTINGS,
  H2_CANCEL,
} from "../../../../api/engine/http2.ts";
import { data, frame, request, rstStream, settings, windowUpdate, words } from "./frames.ts";
import { type H2Exports, openH2Module } from "./h2-module.ts";
import { H2Peer } from "./h2-peer.ts";

const HEAD = FRAME_END_HEADERS;

/** Has two peers exchange output until neither has any; returns what each found. */
function exchange(client: H2Peer, server: H2Peer): { client: string[]; server: string[] } {
  const found: { client: string[]; server: string[] } = { client: [], server: [] };
  for (let turn = 0; turn < 10_000; turn++) {
    const up = client.takeOutput();
    const down = server.takeOutput();
    if (up.length + down.length === 0) return found;
    found.server.push(...server.receive(up));
    found.client.push(...client.receive(down));
  }
  throw new Error("they never stop");
}

describe("HTTP/2 flow control and floods", () => {
  let module: H2Exports;

  before(async function () {
    this.timeout(120_000);
    module = await openH2Module();
  });

  beforeEach(() => module.setNow(0));

  const serve = (options: Readonly<Record<string, number>> = {}): H2Peer => {
    return H2Peer.serve(module, options);
  };

  it("sendData: what the stream's window does not take waits for WINDOW_UPDATE", () => {
    const peer = serve();
    peer.receive(settings([4, 5]), request(1));
    peer.takeFrames();
    const stream = peer.field("stream");
    peer.sendHead(stream, { ":status": "200" }, false);
    peer.sendBody(stream, "hello, world", true);
    assert.deepEqual(peer.takeWords(), ["HEADERS 1", 'DATA 1 "hello"']);
    assert.equal(peer.streamField(stream, "pending"), 7);
    peer.receive(windowUpdate(1, 3));
    assert.deepEqual(peer.takeWords(), ['DATA 1 ", w"']);
    peer.receive(windowUpdate(1, 100));
    assert.deepEqual(peer.takeWords(), ['DATA 1 "orld" end']);
    assert.equal(peer.streamField(stream, "isOver"), 1);
    peer.close();
  });

  it("sendData: the window of the connection holds for all streams together", () => {
    const peer = serve();
    peer.receive(settings([4, 0x7fff_ffff]), request(1), request(3));
    peer.takeFrames();
    const second = peer.field("stream");
    peer.sendHead(second, { ":status": "200" }, false);
    peer.sendBody(second, "x".repeat(65_535), false);
    assert.equal(peer.takeFrames().length, 1 + 4);
    peer.sendBody(second, "more", true);
    assert.deepEqual(peer.takeWords(), []);
    peer.receive(windowUpdate(0, 4));
    assert.deepEqual(peer.takeWords(), ['DATA 3 "more" end']);
    peer.close();
  });

  it("sendData: streams that wait for one window take turns", () => {
    const peer = serve();
    peer.receive(settings([4, 0x7fff_ffff]), request(1));
    const first = peer.field("stream");
    peer.receive(request(3));
    const second = peer.field("stream");
    for (const stream of [first, second]) {
      peer.sendHead(stream, { ":status": "200" }, false);
      peer.sendBody(stream, "y".repeat(100_000), true);
    }
    const sent = peer.takeFrames().filter(({ type }) => type === FRAME_DATA);
    const bytes = sent.reduce((sum, { payload }) => sum + payload.length, 0);
    assert.equal(bytes, 65_535);
    peer.receive(windowUpdate(0, 65_536));
    const rest = peer.takeWords();
    assert.deepEqual(
      rest.map((word) => word.split(" ")[1]),
      ["1", "3", "1", "3"],
    );
    peer.close();
  });

  it("sendTrailers: they wait behind the body", () => {
    const peer = serve();
    peer.receive(settings([4, 2]), request(1));
    peer.takeFrames();
    const stream = peer.field("stream");
    peer.sendHead(stream, { ":status": "200" }, false);
    peer.sendBody(stream, "four", false);
    peer.sendTrailers(stream, { "grpc-status": "0" });
    assert.deepEqual(peer.takeWords(), ["HEADERS 1", 'DATA 1 "fo"']);
    peer.receive(windowUpdate(1, 9));
    assert.deepEqual(peer.takeWords(), ['DATA 1 "ur"', "HEADERS 1 end"]);
    peer.close();
  });

  it("settings: a smaller window takes back what was not used, below zero", () => {
    const peer = serve();
    peer.receive(settings([4, 10]), request(1));
    const stream = peer.field("stream");
    peer.sendHead(stream, { ":status": "200" }, false);
    peer.sendBody(stream, "12345678", false);
    peer.receive(settings([4, 3]));
    assert.equal(peer.streamField(stream, "sendWindow"), -5);
    peer.takeFrames();
    peer.sendBody(stream, "9", false);
    peer.receive(windowUpdate(1, 5));
    assert.deepEqual(peer.takeWords(), []);
    peer.receive(windowUpdate(1, 1));
    assert.deepEqual(peer.takeWords(), ['DATA 1 "9"']);
    peer.close();
  });

  it("creditStream: windows are opened again by halves, of stream and connection", () => {
    const peer = serve();
    peer.receive(request(1, HEAD));
    const stream = peer.field("stream");
    const piece = data(1, "z".repeat(16_000));
    peer.receive(piece);
    module.credit(peer.connection, stream, 16_000);
    peer.receive(piece);
    module.credit(peer.connection, stream, 16_000);
    assert.deepEqual(peer.takeWords(), []);
    peer.receive(piece);
    module.credit(peer.connection, stream, 16_000);
    assert.deepEqual(peer.takeWords(), ["WINDOW_UPDATE 0 48000", "WINDOW_UPDATE 1 48000"]);
    peer.close();
  });

  it("windows: a peer that sends beyond the stream's loses the stream", () => {
    const peer = serve({ H2_OPTION_CONNECTION_WINDOW: 1_000_000 });
    peer.receive(request(1, HEAD));
    const pieces = Array.from({ length: 4 }, () => data(1, "z".repeat(16_384)));
    const events = peer.receive(...pieces);
    assert.equal(events.at(-1), "reset 1 FLOW_CONTROL_ERROR WINDOW");
    assert.deepEqual(peer.receive(request(3)).length, 1);
    peer.close();
  });

  it("windows: a peer that sends beyond the connection's loses it", () => {
    const peer = serve({ H2_OPTION_STREAM_WINDOW: 1_000_000 });
    peer.receive(request(1, HEAD));
    const pieces = Array.from({ length: 4 }, () => data(1, "z".repeat(16_384)));
    assert.equal(peer.receive(...pieces).at(-1), "error FLOW_CONTROL_ERROR WINDOW");
    peer.close();
  });

  it("windows: padding counts, and is given back", () => {
    const peer = serve();
    peer.receive(request(1, HEAD));
    const padded = frame(FRAME_DATA, 8, 1, [255, ...new Array(255).fill(0)]);
    for (let i = 0; i < 2000; i++) assert.deepEqual(peer.receive(padded), []);
    assert.deepEqual(peer.receive(data(1, "x")), ['data 1 "x"']);
    peer.close();
  });

  const floods: { name: string; one: (i: number) => Uint8Array; most: number; reason: string }[] = [
    {
      name: "empty DATA",
      one: () => data(1, ""),
      most: 1,
      reason: "EMPTY_FRAMES_FLOOD",
    },
    {
      name: "PRIORITY",
      one: () => frame(FRAME_PRIORITY, 0, 3, [0, 0, 0, 1, 1]),
      // 100 for each of one stream, and 100 more.
      most: 200,
      reason: "PRIORITY_FLOOD",
    },
    {
      name: "WINDOW_UPDATE",
      one: () => windowUpdate(0, 1),
      // 5, and twice one stream.
      most: 7,
      reason: "WINDOW_UPDATE_FLOOD",
    },
    {
      name: "PING that is answered to nobody",
      one: () => frame(FRAME_PING, 0, 0, words(0, 0)),
      most: 1000,
      reason: "OUTBOUND_CONTROL_FLOOD",
    },
    {
      name: "SETTINGS that are acknowledged to nobody",
      one: () => settings(),
      most: 1000,
      reason: "OUTBOUND_CONTROL_FLOOD",
    },
  ];
  for (const { name, one, most, reason } of floods) {
    it(`flood: ${most} of ${name} are taken, one more ends the connection`, () => {
      const peer = serve();
      peer.receive(request(1, HEAD));
      for (let i = 0; i < most; i++) {
        const events = peer.receive(one(i)).filter((event) => event !== "settings");
        assert.deepEqual(events, [], `number ${i + 1}`);
      }
      assert.deepEqual(peer.receive(one(most)), [`error ENHANCE_YOUR_CALM ${reason}`]);
      peer.close();
    });
  }

  it("flood: 10,000 frames that nobody reads are written, one more ends the connection", () => {
    const peer = serve({ H2_OPTION_OUTBOUND_CONTROL_FRAMES_MAX: 20_000 });
    const ping = frame(FRAME_PING, 0, 0, words(0, 0));
    for (let i = 0; i < 10_000; i++) assert.deepEqual(peer.receive(ping), [], `number ${i + 1}`);
    assert.deepEqual(peer.receive(ping), ["error ENHANCE_YOUR_CALM OUTBOUND_FLOOD"]);
    peer.close();
  });

  it("flood: one empty CONTINUATION is taken, two end the connection", () => {
    const peer = serve();
    peer.receive(frame(FRAME_HEADERS, FRAME_END_STREAM, 1, [0x82]));
    assert.deepEqual(peer.receive(frame(FRAME_CONTINUATION, 0, 1)), []);
    const second = peer.receive(frame(FRAME_CONTINUATION, 0, 1));
    assert.deepEqual(second, ["error ENHANCE_YOUR_CALM EMPTY_FRAMES_FLOOD"]);
    peer.close();
  });

  it("flood: 64 settings in a frame are taken", () => {
    const peer = serve();
    const most = settings(...Array.from({ length: 64 }, () => [99, 0] as const));
    assert.deepEqual(peer.receive(most), ["settings"]);
    peer.close();
  });

  it("flood: CONTINUATION frames are as many as a head may need, and eight more", () => {
    const peer = serve();
    peer.receive(frame(FRAME_HEADERS, FRAME_END_STREAM, 1, [0x82]));
    const piece = frame(9, 0, 1, [0x86]);
    for (let i = 0; i < 3 + 8; i++) assert.deepEqual(peer.receive(piece), []);
    assert.deepEqual(peer.receive(piece), ["error ENHANCE_YOUR_CALM CONTINUATION_FLOOD"]);
    peer.close();
  });

  it("flood: requests that are taken back at once end the connection", () => {
    const peer = serve();
    let id = 1;
    const one = (): string[] => {
      const events = peer.receive(request(id, HEAD), rstStream(id, H2_CANCEL));
      id += 2;
      return events;
    };
    // Half of the 500 that it takes to judge.
    for (let i = 0; i < 249; i++) assert.match(one()[1], /^reset/);
    assert.equal(one()[1], "error ENHANCE_YOUR_CALM RESET_FLOOD");
    peer.close();
  });

  it("flood: fewer than half of many requests may be taken back", () => {
    const peer = serve();
    for (let id = 1; id < 4000; id += 6) {
      assert.match(peer.receive(request(id, HEAD), rstStream(id, H2_CANCEL))[1], /^reset/);
      peer.receive(request(id + 2), request(id + 4));
      module.setNow(id * 1000);
      for (const late of [id + 2, id + 4]) peer.receive(rstStream(late, H2_CANCEL));
    }
    peer.close();
  });

  it("flood: requests that are taken back after a second do not", () => {
    const peer = serve();
    for (let id = 1; id < 1400; id += 2) {
      peer.receive(request(id, HEAD));
      module.setNow(id * 1000);
      assert.deepEqual(peer.receive(rstStream(id, H2_CANCEL)), [`reset ${id} CANCEL PEER`]);
    }
    peer.close();
  });

  it("client and server: requests and responses of any size come through", () => {
    const property = fc.property(
      fc.array(
        fc.record({
          request: fc.nat(200_000),
          response: fc.nat(200_000),
          hasTrailers: fc.boolean(),
        }),
        { minLength: 1, maxLength: 5 },
      ),
      fc.integer({ min: 65_535, max: 200_000 }),
      (calls, window) => {
        const before = module.bytesInUse();
        const client = new H2Peer(module, true, { H2_OPTION_STREAM_WINDOW: window });
        const server = new H2Peer(module, false);
        exchange(client, server);
        for (const call of calls) roundTrip(client, server, call);
        client.close();
        server.close();
        assert.ok(module.bytesInUse() - before < 100_000);
      },
    );
    fc.assert(property, { numRuns: 30 });
  });

  function roundTrip(
    client: H2Peer,
    server: H2Peer,
    call: { request: number; response: number; hasTrailers: boolean },
  ): void {
    const head = { ":method": "POST", ":path": "/", ":authority": "a", ":scheme": "http" };
    const asked = client.ask(head, false);
    client.sendBody(asked, "q".repeat(call.request), true);
    const seen = collect(client, server, "server");
    assert.equal(seen.bytes, call.request);
    const answered = server.field("stream");
    server.sendHead(answered, { ":status": "200", "x-kind": "answer" }, false);
    server.sendBody(answered, "r".repeat(call.response), !call.hasTrailers);
    if (call.hasTrailers) server.sendTrailers(answered, { "x-sum": "1" });
    const heard = collect(client, server, "client");
    assert.equal(heard.bytes, call.response);
    assert.equal(heard.hasTrailers, call.hasTrailers);
    assert.equal(client.streamField(asked, "isOver"), 1);
    client.module.closeStream(client.connection, asked);
    server.module.closeStream(server.connection, answered);
  }

  /** Exchanges output until one side has a whole message, crediting what it reads. */
  function collect(client: H2Peer, server: H2Peer, side: "client" | "server") {
    const [reader, writer] = side === "client" ? [client, server] : [server, client];
    let bytes = 0;
    for (let turn = 0; turn < 1000; turn++) {
      for (const event of reader.receive(writer.takeOutput())) {
        const [kind, , what] = event.split(" ");
        if (kind === "data") {
          const length = what.startsWith('"') ? what.length - 2 : Number(what);
          bytes += length;
          module.credit(reader.connection, reader.field("stream"), length);
        }
        if (kind === "trailers") return { bytes, hasTrailers: true };
        if (event.endsWith(" end")) return { bytes, hasTrailers: false };
        assert.notEqual(kind, "error", event);
      }
      writer.receive(reader.takeOutput());
    }
    throw new Error("the message never ends");
  }

  it("any bytes: nothing traps, and the same bytes in pieces give the same", () => {
    const pieces = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(request(1), request(3, HEAD), data(1, "x"), data(3, "y"), settings([4, 9])),
      fc.constantFrom(windowUpdate(1, 9), rstStream(1, 8), frame(FRAME_SETTINGS, 1, 0)),
      fc
        .tuple(fc.nat(12), fc.nat(255), fc.nat(6), fc.uint8Array({ maxLength: 30 }))
        .map(([type, flags, stream, payload]) => frame(type, flags, stream, payload)),
    );
    const property = fc.property(fc.array(pieces, { maxLength: 12 }), fc.nat(400), (list, cut) => {
      const all = Buffer.concat(list);
      const whole = serve();
      const split = serve();
      const wanted = whole.receive(all);
      const got = split.receive(all.subarray(0, cut), all.subarray(cut));
      // Bodies may come in more pieces; an error is told as often as somebody asks.
      const telling = (events: string[]) => [
        ...new Set(events.filter((event) => !event.startsWith("data"))),
      ];
      assert.deepEqual(telling(got), telling(wanted));
      whole.close();
      split.close();
    });
    fc.assert(property, { numRuns: 500 });
  });
});
