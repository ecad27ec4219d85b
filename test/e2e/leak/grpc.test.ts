import { once } from "node:events";
import http2, { type ServerHttp2Stream } from "node:http2";
import { setImmediate } from "node:timers/promises";
import { toBootstrap } from "../../support/proxy-sketch.ts";
import { assertNothingStays, SOAK_TIMEOUT_MS, type Turn } from "../../support/soak.ts";
import { data, rstStream } from "../../unit/filters/http2/frames.ts";
import * as wire from "../../../api/engine/http2.ts";
import { HTTP2, webFilters } from "../grpc/interop/proxied.ts";
import { RawHttp2, request } from "../http2/raw-http2.ts";
import { portOf } from "../upgrade/tunnel-upstream.ts";
import { untilOver } from "./http2-kinds.ts";

/** A message of four bytes behind its prefix. */
const MESSAGE = "\0\0\0\0\x04echo";
/** Calls on a connection. */
const CALLS: readonly number[] = [1, 3, 5, 7, 9, 11];
const { FRAME_END_STREAM: END, H2_CANCEL } = wire;

describe("leaks, gRPC", function () {
  this.timeout(SOAK_TIMEOUT_MS);

  it("calls whole, streaming, cancelled, late, broken: nothing stays", async () => {
    const upstream = await GrpcUpstream.listen();
    await assertNothingStays({
      config: toBootstrap({
        endpoints: [upstream.port],
        cluster: HTTP2,
        manager: { http_filters: webFilters },
        action: { max_stream_duration: { grpc_timeout_header_max: "0s" } },
      }),
      kinds,
      cost: 30,
      settle: () => upstream.cut(),
    });
    upstream.close();
  });
});

function kinds(port: number): Record<string, Turn> {
  const visit = (play: (peer: RawHttp2) => unknown): Turn => {
    return async () => {
      const peer = await RawHttp2.open(port);
      await play(peer);
      peer.close();
    };
  };
  const head = (method: string, more: Readonly<Record<string, string>> = {}) => {
    const type = { ":method": "POST", ":path": `/test.Echo/${method}`, te: "trailers" };
    return (stream: number): Uint8Array =>
      request(stream, { ...type, "content-type": "application/grpc", ...more }, 0);
  };
  /** Calls with messages that are all sent at once. */
  const call = (
    method: string,
    messages: readonly string[],
    more: Readonly<Record<string, string>> = {},
  ): Turn =>
    visit(async (peer) => {
      peer.write(...CALLS.map(head(method, more)));
      for (const stream of CALLS) {
        peer.write(...messages.map((each) => data(stream, each)), data(stream, "", END));
      }
      await untilOver(peer, CALLS);
    });
  /** Calls that are still under way when the client ends them. */
  const leave = (method: string, end: (peer: RawHttp2) => unknown): Turn =>
    visit(async (peer) => {
      peer.write(...CALLS.map(head(method)), ...CALLS.map((stream) => data(stream, MESSAGE)));
      await setImmediate();
      await end(peer);
    });
  const cancel = async (peer: RawHttp2): Promise<void> => {
    peer.write(...CALLS.map((stream) => rstStream(stream, H2_CANCEL)));
    const last = 101;
    peer.write(head("Unary")(last), data(last, MESSAGE, END));
    await untilOver(peer, [last]);
  };
  const web = { "content-type": "application/grpc-web-text+proto" };
  return {
    unary: call("Unary", [MESSAGE]),
    streaming: call(
      "Chat",
      Array.from({ length: 20 }, () => MESSAGE),
    ),
    "trailers only": call("None", [MESSAGE]),
    broken: call("Broken", [MESSAGE]),
    late: call("Silent", [MESSAGE], { "grpc-timeout": "1m" }),
    "late in the middle": call("Half", [MESSAGE], { "grpc-timeout": "2m" }),
    web: call("Unary", [Buffer.from(MESSAGE, "latin1").toString("base64")], web),
    "web, late": call("Half", [], { ...web, "grpc-timeout": "2m" }),
    "cancelled while silent": leave("Silent", cancel),
    "cancelled in a stream": leave("Chat", cancel),
    "cut while silent": leave("Silent", () => {}),
    "cut in a stream": leave("Chat", () => setImmediate()),
    "cut in trailers": leave("Unary", (peer) => {
      peer.write(...CALLS.map((stream) => data(stream, "", END)));
    }),
  };
}

/** What the methods do. */
const METHODS: Readonly<Record<string, (stream: ServerHttp2Stream) => void>> = {
  Unary: (stream) => {
    respond(stream);
    stream.resume().once("end", () => stream.end(MESSAGE, "latin1"));
  },
  Chat: (stream) => {
    respond(stream);
    stream.pipe(stream);
  },
  None: (stream) => stream.respond({ ":status": 200, "grpc-status": "5" }, { endStream: true }),
  Broken: (stream) => {
    respond(stream);
    stream.write(MESSAGE, "latin1");
    setImmediate().then(() => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR));
  },
  Silent: () => {},
  Half: (stream) => {
    respond(stream);
    stream.write(MESSAGE, "latin1");
  },
};

function respond(stream: ServerHttp2Stream): void {
  const head = { ":status": 200, "content-type": "application/grpc" };
  stream.respond(head, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
}

/** An upstream of gRPC, by node's own HTTP/2. */
class GrpcUpstream {
  readonly #server: http2.Http2Server;
  readonly #sessions = new Set<http2.ServerHttp2Session>();

  private constructor(server: http2.Http2Server) {
    this.#server = server;
    server.on("sessionError", () => {});
    server.on("session", (session) => {
      this.#sessions.add(session);
      session.on("error", () => {}).once("close", () => this.#sessions.delete(session));
    });
    server.on("stream", (stream: ServerHttp2Stream, head) => {
      stream.on("error", () => {});
      METHODS[(head[":path"] ?? "").split("/")[2]]?.(stream);
    });
  }

  static async listen(): Promise<GrpcUpstream> {
    // Calls that are cancelled are many, and are meant: node closes connections for fewer.
    const upstream = new GrpcUpstream(
      http2.createServer({ streamResetBurst: 1e9, streamResetRate: 1e9 }),
    );
    upstream.#server.listen(0, "127.0.0.1");
    await once(upstream.#server, "listening");
    return upstream;
  }

  get port(): number {
    return portOf(this.#server);
  }

  /** Closes the connections that are open. */
  cut(): void {
    for (const session of this.#sessions) session.destroy();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }
}
