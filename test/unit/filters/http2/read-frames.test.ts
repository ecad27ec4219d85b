import assert from "node:assert/strict";
import {
  FRAME_CONTINUATION,
  FRAME_DATA,
  FRAME_END_HEADERS,
  FRAME_END_STREAM,
  FRAME_GOAWAY,
  FRAME_HEADERS,
  FRAME_PADDED,
  FRAME_PING,
  FRAME_PRIORITY,
  FRAME_PRIORITY_FIELDS,
  H2_CANCEL,
} from "../../../../api/engine/http2.ts";
import { splitsOf } from "../../../support/feed.ts";
import {
  data,
  frame,
  literal,
  PREFACE,
  REQUEST_HEAD,
  request,
  rstStream,
  settings,
  windowUpdate,
  words,
} from "./frames.ts";
import { type H2Exports, openH2Module } from "./h2-module.ts";
import { H2Peer } from "./h2-peer.ts";

const GET = ":method: GET, :path: /, :authority: a, :scheme: http";
const HEAD = FRAME_END_HEADERS;
const ALL = FRAME_END_HEADERS | FRAME_END_STREAM;

interface Row {
  readonly name: string;
  readonly send: readonly Uint8Array[];
  /** What is found. */
  readonly want: readonly string[];
  /** What is answered, but for the acknowledgement of settings. */
  readonly answer?: readonly string[];
}

const messages: readonly Row[] = [
  { name: "a request without a body", send: [request(1)], want: [`head 1 ${GET} end`] },
  {
    name: "a request with a body in two frames",
    send: [request(1, HEAD), data(1, "hel"), data(1, "lo", FRAME_END_STREAM)],
    want: [`head 1 ${GET}`, 'data 1 "hel"', 'data 1 "lo" end'],
  },
  {
    name: "a body that ends with an empty frame",
    send: [request(1, HEAD), data(1, "x"), data(1, "", FRAME_END_STREAM)],
    want: [`head 1 ${GET}`, 'data 1 "x"', 'data 1 "" end'],
  },
  {
    name: "padding is not part of a body",
    send: [
      request(1, HEAD),
      frame(FRAME_DATA, FRAME_PADDED | FRAME_END_STREAM, 1, [3, 104, 105, 0, 0, 0]),
    ],
    want: [`head 1 ${GET}`, 'data 1 "hi" end'],
  },
  {
    name: "padding and priority around a head are passed over",
    send: [
      frame(FRAME_HEADERS, ALL | FRAME_PADDED | FRAME_PRIORITY_FIELDS, 1, [
        2,
        ...[0, 0, 0, 3, 15],
        ...REQUEST_HEAD,
        ...[0, 0],
      ]),
    ],
    want: [`head 1 ${GET} end`],
  },
  {
    name: "a head in three pieces",
    send: [
      frame(FRAME_HEADERS, FRAME_END_STREAM, 1, REQUEST_HEAD.slice(0, 1)),
      frame(FRAME_CONTINUATION, 0, 1, REQUEST_HEAD.slice(1, 4)),
      frame(FRAME_CONTINUATION, FRAME_END_HEADERS, 1, REQUEST_HEAD.slice(4)),
    ],
    want: [`head 1 ${GET} end`],
  },
  {
    name: "trailers end a request",
    send: [request(1, HEAD), data(1, "x"), frame(FRAME_HEADERS, ALL, 1, literal("x-sum", "1"))],
    want: [`head 1 ${GET}`, 'data 1 "x"', "trailers 1 x-sum: 1"],
  },
  {
    name: "streams are told apart",
    send: [request(1, HEAD), request(3, HEAD), data(3, "c"), data(1, "a"), request(7)],
    want: [`head 1 ${GET}`, `head 3 ${GET}`, 'data 3 "c"', 'data 1 "a"', `head 7 ${GET} end`],
  },
  {
    name: "frames of an unknown type are passed over",
    send: [frame(0xaa, 0xff, 5, [1, 2, 3]), request(1)],
    want: [`head 1 ${GET} end`],
  },
  {
    name: "PING is answered with its bytes",
    send: [frame(FRAME_PING, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8])],
    want: [],
    answer: ["PING ack 0102030405060708"],
  },
  {
    name: "PRIORITY has no effect",
    send: [frame(FRAME_PRIORITY, 0, 9, [0, 0, 0, 1, 1])],
    want: [],
  },
  {
    name: "GOAWAY is told",
    send: [frame(FRAME_GOAWAY, 0, 0, words(5, 0))],
    want: ["goaway 5 NO_ERROR"],
  },
  {
    name: "a stream that the peer gives up is told",
    send: [request(1, HEAD), rstStream(1, H2_CANCEL)],
    want: [`head 1 ${GET}`, "reset 1 CANCEL PEER"],
  },
  {
    name: "content-length that is kept",
    send: [request(1, HEAD, literal("content-length", "2")), data(1, "hi", FRAME_END_STREAM)],
    want: [`head 1 ${GET}, content-length: 2`, 'data 1 "hi" end'],
  },
];

describe("readFrames", () => {
  let module: H2Exports;

  before(async function () {
    this.timeout(120_000);
    module = await openH2Module();
  });

  function serve(options: Readonly<Record<string, number>> = {}): H2Peer {
    return H2Peer.serve(module, options);
  }

  for (const { name, send, want, answer = [] } of messages) {
    it(`readFrames: ${name}`, () => {
      const before = module.bytesInUse();
      const peer = serve();
      assert.deepEqual(peer.receive(...send), want);
      assert.deepEqual(peer.takeWords(), answer);
      peer.close();
      assert.ok(module.bytesInUse() >= before);
    });

    it(`readFrames: ${name}, in any pieces`, () => {
      for (const pieces of splitsOf(Buffer.concat(send))) {
        const peer = serve();
        const events = peer.receive(...pieces).join("\n");
        // A body may come in more pieces than it was sent in.
        const joined = events.replaceAll(/"\ndata \d+ "/g, "");
        assert.equal(joined, want.join("\n").replaceAll(/"\ndata \d+ "/g, ""));
        peer.close();
      }
    });
  }

  it("readFrames: something else than the preface ends the connection at once", () => {
    const peer = new H2Peer(module, false);
    assert.deepEqual(peer.receive(PREFACE.slice(0, 23)), []);
    assert.deepEqual(peer.receive(Uint8Array.of(0)), ["error PROTOCOL_ERROR PREFACE"]);
    peer.close();
  });

  it("readFrames: the first frame is SETTINGS", () => {
    const peer = new H2Peer(module, false);
    const events = peer.receive(PREFACE, frame(FRAME_PING, 0, 0, words(0, 0)));
    assert.deepEqual(events, ["error PROTOCOL_ERROR UNEXPECTED_FRAME"]);
    peer.close();
  });

  it("readFrames: settings are acknowledged", () => {
    const peer = serve();
    assert.deepEqual(peer.receive(settings([3, 10])), ["settings"]);
    assert.deepEqual(peer.takeWords(), ["SETTINGS ack"]);
    peer.close();
  });

  it("readFrames: a stream above the limit is refused, and the tables stay in step", () => {
    const peer = serve({ H2_OPTION_STREAMS_MAX: 1 });
    const indexed = [0x40, 3, 120, 45, 97, 1, 49];
    assert.deepEqual(peer.receive(request(1, HEAD), request(3, ALL, indexed)), [`head 1 ${GET}`]);
    assert.deepEqual(peer.takeWords(), ["RST_STREAM 3 REFUSED_STREAM"]);
    peer.receive(rstStream(1, 8));
    assert.deepEqual(peer.receive(request(5, ALL, [0xbe])), [`head 5 ${GET}, x-a: 1 end`]);
    peer.close();
  });

  it("readFrames: what is under way for a stream that was reset here is passed over", () => {
    const peer = serve();
    peer.receive(request(1, HEAD));
    module.reset(peer.connection, peer.field("stream"), H2_CANCEL);
    const late = [data(1, "late"), frame(FRAME_HEADERS, ALL, 1, [0x40, 3, 120, 45, 97, 1, 49])];
    assert.deepEqual(peer.receive(...late, windowUpdate(1, 5), rstStream(1, 0)), []);
    assert.deepEqual(peer.receive(request(3, ALL, [0xbe])), [`head 3 ${GET}, x-a: 1 end`]);
    peer.close();
  });

  it("readFrames: so is what is under way for one of many that were", () => {
    const peer = serve();
    for (let id = 1; id < 401; id += 2) {
      peer.receive(request(id, HEAD));
      module.reset(peer.connection, peer.field("stream"), H2_CANCEL);
    }
    const late = [data(1, "late"), frame(FRAME_HEADERS, ALL, 3, [0x40, 3, 120, 45, 97, 1, 49])];
    assert.deepEqual(peer.receive(...late, data(399, "x")), []);
    assert.deepEqual(peer.receive(request(401, ALL, [0xbe])), [`head 401 ${GET}, x-a: 1 end`]);
    peer.close();
  });

  it("readFrames: streams behind those that were reset have to be open", () => {
    const peer = serve();
    for (let id = 1; id < 401; id += 2) {
      peer.receive(request(id, HEAD));
      module.reset(peer.connection, peer.field("stream"), H2_CANCEL);
    }
    peer.receive(request(401));
    module.reset(peer.connection, peer.field("stream"), H2_CANCEL);
    peer.receive(request(403), rstStream(403, 8));
    assert.deepEqual(peer.receive(data(403, "x")), ["error STREAM_CLOSED STREAM_CLOSED"]);
    peer.close();
  });

  it("readFrames: after the last GOAWAY new streams are not looked at", () => {
    const peer = serve();
    peer.receive(request(1, HEAD));
    module.announce(peer.connection);
    assert.deepEqual(peer.receive(request(3)), [`head 3 ${GET} end`]);
    module.refuse(peer.connection);
    assert.deepEqual(peer.receive(request(5), data(5, "x"), data(1, "y")), ['data 1 "y"']);
    assert.deepEqual(peer.takeWords(), ["GOAWAY 2147483647 NO_ERROR", "GOAWAY 3 NO_ERROR"]);
    peer.close();
  });

  it("readFrames: a head over the limit is told, and the connection goes on", () => {
    const peer = serve({ H2_OPTION_HEAD_BYTES_MAX: 100 });
    const long = literal("x-long", "v".repeat(100));
    assert.match(peer.receive(request(1, ALL, long))[0], /^head 1 HEAD_TOO_LARGE/);
    assert.deepEqual(peer.receive(request(3)), [`head 3 ${GET} end`]);
    peer.close();
  });
});
