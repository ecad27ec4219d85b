import * as http2 from "../../../api/engine/http2.ts";
import { headers, request, type RawHttp2 } from "../../e2e/http2/raw-http2.ts";
import {
  frame,
  rstStream,
  settings,
  windowUpdate,
  words,
} from "../../unit/filters/http2/frames.ts";
import type { Scenario, Stage } from "./stage.ts";

const { FRAME_DATA, FRAME_END_STREAM: END, FRAME_HEADERS, FRAME_PING } = http2;
const { FRAME_PRIORITY, FRAME_RST_STREAM } = http2;

const DIRECT = { ":path": "/direct" };
const LARGE = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`x-${n}`, "v"]));

/** Resolves when the peer has closed. */
async function untilClosed(peer: RawHttp2): Promise<void> {
  while (!peer.isClosed) await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when a stream has ended, or was reset. */
async function untilOver(client: RawHttp2, stream: number): Promise<void> {
  while (!client.hasEnded(stream) && client.find(FRAME_RST_STREAM, stream) === undefined) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Resolves when the upstream has this many requests. */
function arrivals(stage: Stage, count: number): Promise<readonly [RawHttp2, number]> {
  return new Promise((resolve) => {
    let seen = 0;
    stage.upstream.serve = (peer, stream) => {
      if (++seen === count) resolve([peer, stream]);
    };
  });
}

/** Sends what the listener does not bear, and waits for the end of the connection. */
function breaks(name: string, pieces: readonly Uint8Array[], manager = {}): Scenario {
  return {
    name,
    manager,
    async play(stage) {
      const client = await stage.connect();
      await client.until(http2.FRAME_SETTINGS);
      client.write(...pieces);
      await untilClosed(client);
    },
  };
}

/** Answers a request with these frames, and waits for what the client gets. */
function answers(
  name: string,
  answer: (stream: number) => readonly Uint8Array[],
  options = {},
): Scenario {
  return {
    name,
    http2: options,
    async play(stage) {
      const client = await stage.connect();
      stage.upstream.serve = (peer, stream) => peer.write(...answer(stream));
      client.write(request(1));
      await untilOver(client, 1);
    },
  };
}

const KEEPALIVE = { connection_keepalive: { interval: "0.03s", timeout: "0.05s" } };
const STREAM_ERRORS = {
  http2_protocol_options: { override_stream_error_on_invalid_http_message: true },
};
const bad = (stream: number, flags: number = END) => request(stream, { "X-A": "1" }, flags);
const OK = { ":status": "200" };

/** What happens downstream. */
const DOWNSTREAM: readonly Scenario[] = [
  {
    name: "a-request",
    async play(stage) {
      const client = await stage.connect();
      client.write(request(1, DIRECT));
      await client.until(FRAME_HEADERS, 1);
    },
  },
  {
    name: "the-client-resets",
    async play(stage) {
      const client = await stage.connect();
      const arrival = arrivals(stage, 1);
      client.write(request(1));
      await arrival;
      client.write(rstStream(1, http2.H2_CANCEL));
      await stage.reaches("http.the-client-resets.downstream_rq_active", 0);
    },
  },
  {
    name: "the-client-leaves",
    async play(stage) {
      const client = await stage.connect();
      const arrival = arrivals(stage, 1);
      client.write(request(1));
      await arrival;
    },
  },
  breaks("malformed-head", [bad(1)]),
  {
    name: "malformed-head-of-a-stream",
    manager: STREAM_ERRORS,
    async play(stage) {
      const client = await stage.connect();
      client.write(bad(1));
      await client.until(FRAME_RST_STREAM, 1);
    },
  },
  {
    name: "wrong-length-of-a-stream",
    manager: STREAM_ERRORS,
    async play(stage) {
      const client = await stage.connect();
      const arrival = arrivals(stage, 1);
      client.write(request(1, { ":method": "POST", "content-length": "5" }, 0));
      await arrival;
      client.write(frame(FRAME_DATA, END, 1, Buffer.from("hi")));
      await client.until(FRAME_RST_STREAM, 1);
    },
  },
  {
    name: "wrong-length-of-a-head",
    manager: STREAM_ERRORS,
    async play(stage) {
      const client = await stage.connect();
      client.write(request(1, { "content-length": "5" }));
      await client.until(FRAME_RST_STREAM, 1);
    },
  },
  {
    name: "too-many-headers",
    async play(stage) {
      const client = await stage.connect();
      client.write(request(1, LARGE));
      await untilOver(client, 1);
    },
  },
  {
    name: "request-trailers",
    async play(stage) {
      const client = await stage.connect();
      stage.upstream.serve = (peer, stream, each) => {
        if ((each.flags & END) !== 0) peer.write(headers(stream, OK, END));
      };
      client.write(request(1, { ":method": "POST" }, 0), headers(1, { "x-t": "1" }, END));
      await client.until(FRAME_HEADERS, 1);
    },
  },
  {
    name: "one-stream-too-many",
    manager: { http2_protocol_options: { max_concurrent_streams: 1 } },
    async play(stage) {
      const client = await stage.connect();
      const arrival = arrivals(stage, 1);
      client.write(request(1), request(3));
      await client.until(FRAME_RST_STREAM, 3);
      const [peer, stream] = await arrival;
      peer.write(headers(stream, OK, END));
      await client.until(FRAME_HEADERS, 1);
    },
  },
  breaks("empty-frames", [
    request(1, { ":method": "POST" }, 0),
    ...Array.from({ length: 3 }, () => frame(FRAME_DATA, 0, 1)),
  ]),
  breaks(
    "priority-frames",
    Array.from({ length: 300 }, () => frame(FRAME_PRIORITY, 0, 3, [0, 0, 0, 1, 1])),
  ),
  breaks("window-updates", [
    request(1, { ":method": "POST" }, 0),
    ...Array.from({ length: 20 }, () => windowUpdate(0, 1)),
  ]),
  breaks(
    "pings",
    Array.from({ length: 3000 }, () => frame(FRAME_PING, 0, 0, words(0, 0))),
  ),
  breaks(
    "settings",
    Array.from({ length: 3000 }, () => settings()),
  ),
  {
    name: "rapid-resets",
    async play(stage) {
      const client = await stage.connect();
      await client.until(http2.FRAME_SETTINGS);
      // So that an upstream connection is there, and each of the others goes to it.
      client.write(request(1));
      await client.until(FRAME_HEADERS, 1);
      for (let id = 3; id < 2400 && !client.isClosed; id += 2) {
        client.write(request(id), rstStream(id, http2.H2_CANCEL));
        if (id % 100 === 1) await new Promise((resolve) => setImmediate(resolve));
      }
      await untilClosed(client);
    },
  },
  {
    name: "an-idle-client",
    manager: { common_http_protocol_options: { idle_timeout: "0.05s" }, drain_timeout: "0.05s" },
    async play(stage) {
      const client = await stage.connect();
      client.write(request(1, DIRECT));
      await client.until(FRAME_HEADERS, 1);
      await untilClosed(client);
    },
  },
  ...(["REJECT_REQUEST", "DROP_HEADER"] as const).map((action): Scenario => {
    return {
      name: `underscores-${action}`,
      manager: { common_http_protocol_options: { headers_with_underscores_action: action } },
      async play(stage) {
        const client = await stage.connect();
        client.write(request(1, { ...DIRECT, a_b: "1", c_d: "2" }));
        await untilOver(client, 1);
      },
    };
  }),
];

/** What happens upstream. */
const UPSTREAM: readonly Scenario[] = [
  answers("an-answer", (stream) => [headers(stream, OK, END)]),
  answers("answer-with-trailers", (stream) => [
    headers(stream, OK),
    headers(stream, { "x-t": "1" }, END),
  ]),
  answers("the-upstream-resets", (stream) => [rstStream(stream, http2.H2_INTERNAL_ERROR)]),
  answers("the-upstream-resets-late", (stream) => [
    headers(stream, OK),
    rstStream(stream, http2.H2_INTERNAL_ERROR),
  ]),
  answers("malformed-answer", (stream) => [headers(stream, { ...OK, "X-A": "1" }, END)]),
  answers(
    "malformed-answer-of-a-stream",
    (stream) => [headers(stream, { ...OK, "X-A": "1" }, END)],
    { override_stream_error_on_invalid_http_message: true },
  ),
  answers("many-headers-of-an-answer", (stream) => [headers(stream, { ...OK, ...LARGE })]),
  answers("empty-frames-of-an-answer", (stream) => [
    headers(stream, OK),
    ...Array.from({ length: 3 }, () => frame(FRAME_DATA, 0, stream)),
  ]),
  answers("pings-of-an-upstream", (stream) => [
    ...Array.from({ length: 3000 }, () => frame(FRAME_PING, 0, 0, words(0, 0))),
    headers(stream, OK, END),
  ]),
  {
    name: "an-early-answer",
    async play(stage) {
      const client = await stage.connect();
      stage.upstream.serve = (peer, stream) => peer.write(headers(stream, OK, END));
      client.write(request(1, { ":method": "POST" }, 0));
      await client.until(FRAME_RST_STREAM, 1);
    },
  },
];

/** Peers that do not go on. */
const SLOW: readonly Scenario[] = [
  {
    name: "an-answer-that-is-not-taken",
    manager: { stream_idle_timeout: "0.1s" },
    async play(stage) {
      const client = await stage.connect([http2.SETTINGS_INITIAL_WINDOW_SIZE, 5]);
      stage.upstream.serve = (peer, stream) => {
        peer.write(headers(stream, OK), frame(FRAME_DATA, END, stream, Buffer.alloc(1000)));
      };
      client.write(request(1));
      await client.until(FRAME_RST_STREAM, 1);
    },
  },
  {
    name: "a-silent-client",
    manager: { http2_protocol_options: KEEPALIVE },
    async play(stage) {
      await untilClosed(await stage.connect());
    },
  },
  {
    name: "a-silent-upstream",
    http2: KEEPALIVE,
    async play(stage) {
      const client = await stage.connect();
      client.write(request(1, { ":method": "POST" }));
      await client.until(FRAME_HEADERS, 1);
    },
  },
];

/** All that is compared. */
export const SCENARIOS: readonly Scenario[] = [...DOWNSTREAM, ...UPSTREAM, ...SLOW];
