import { get, toBootstrap } from "../../support/proxy-sketch.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { assertNothingStays, SOAK_TIMEOUT_MS, type Turn } from "../../support/soak.ts";
import { HTTP2 } from "../grpc/interop/proxied.ts";
import { FickleHttp2 } from "./fickle-http2.ts";
import { toHttp2Kinds } from "./http2-kinds.ts";

describe("leaks, HTTP/2 upstream", function () {
  this.timeout(SOAK_TIMEOUT_MS);
  let upstream: FickleHttp2;

  beforeEach(async () => {
    upstream = await FickleHttp2.listen();
  });

  afterEach(() => upstream.close());

  for (const [client, kinds] of [
    ["HTTP/1", toHttp1Kinds],
    ["HTTP/2", toHttp2Kinds],
  ] as const) {
    it(`${client}: nothing stays of answers, resets, GOAWAY, cuts and bad frames`, () =>
      assertNothingStays({
        config: toBootstrap({ endpoints: [upstream.port], cluster: HTTP2 }),
        kinds,
        cost: client === "HTTP/1" ? 8 : 25,
        settle: () => upstream.cut(),
      }));
  }
});

function toHttp1Kinds(port: number): Record<string, Turn> {
  const visit = (play: (client: RawConnection) => unknown): Turn => {
    return async () => {
      const client = await RawConnection.open(port);
      await play(client);
      client.close();
    };
  };
  const last = "connection: close\r\n";
  return {
    asked: visit((client) => {
      client.write(get("/", last));
      return client.readToEnd();
    }),
    posted: visit((client) => {
      client.write(get("/", `${last}content-length: 4\r\n`).replace("GET", "POST"));
      client.write("body");
      return client.readToEnd();
    }),
    "given up": visit((client) => {
      client.write(get("/"));
      client.reset();
    }),
    "given up in a body": visit((client) => {
      client.write(get("/", "content-length: 400000\r\n").replace("GET", "POST"));
      client.write("half");
      client.reset();
    }),
  };
}
