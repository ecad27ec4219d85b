import { get, ok, toBootstrap } from "../../support/proxy-sketch.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { assertNothingStays, SOAK_TIMEOUT_MS, type Turn } from "../../support/soak.ts";

const HOST = "host: test\r\n";
const POST = `POST / HTTP/1.1\r\n${HOST}`;

describe("leaks, HTTP/1", function () {
  this.timeout(SOAK_TIMEOUT_MS);
  let upstream: RawUpstream;

  before(async () => {
    upstream = await RawUpstream.listen();
    upstream.serve((head, up) => {
      if (head.includes("/gone")) return;
      if (head.includes("/reset")) up.reset();
      else if (head.includes("/close")) up.end("HTTP/1.1 200 OK\r\n\r\nbye");
      else if (head.startsWith("HEAD")) up.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n");
      else up.write(ok("fine", `x-pad: ${"p".repeat(head.length % 3000)}\r\n`));
    });
  });

  after(() => upstream.close());

  it("messages whole, broken and given up: nothing stays", () =>
    assertNothingStays({
      config: toBootstrap({ endpoints: [upstream.port] }),
      kinds,
      cost: 3,
      settle: () => upstream.cut(),
    }));
});

function kinds(port: number): Record<string, Turn> {
  /** A client that asks, and closes its connection. */
  const visit = (play: (client: RawConnection, turn: number) => unknown): Turn => {
    return async (turn) => {
      const client = await RawConnection.open(port);
      await play(client, turn);
      client.close();
    };
  };
  /** A client that is told that it is wrong. */
  const refused = (text: string): Turn =>
    visit((client) => {
      client.write(text);
      return client.readToEnd();
    });
  /** A client that goes in the middle. */
  const gone = (text: string): Turn =>
    visit((client) => {
      client.write(text);
      client.reset();
    });
  return {
    whole: visit(async (client, turn) => {
      const pad = `x-pad: ${"q".repeat(turn % 5000)}\r\n`;
      const chunks = "4\r\nbody\r\n0\r\nx-sum: 4\r\n\r\n";
      await askAll(client, get("/", pad), `${POST}content-length: 4\r\n\r\nbody`);
      await askAll(client, `${POST}transfer-encoding: chunked\r\n\r\n${chunks}`);
      client.write(`HEAD / HTTP/1.1\r\n${HOST}\r\n`);
      await client.readHead();
      await askAll(client, get("/close"), get("/reset"), get("/"));
    }),
    pipelined: visit(async (client) => {
      client.write(get("/") + get("/") + get("/"));
      for (let count = 0; count < 3; count++) await client.readMessage();
    }),
    "broken head": refused("GET / HTTP/1.1\r\nbad header\r\n\r\n"),
    "broken body": refused(`${POST}transfer-encoding: chunked\r\n\r\nnone\r\n`),
    "half a head": gone(`${POST}x-half: `),
    "half a body": gone(`${POST}content-length: 40\r\n\r\nbody`),
    "given up": gone(get("/gone")),
  };
}

/** Requests that are answered, one after the other. */
async function askAll(client: RawConnection, ...requests: readonly string[]): Promise<void> {
  for (const request of requests) {
    client.write(request);
    await client.readMessage();
  }
}
