import { once } from "node:events";
import { get, ok } from "../../support/proxy-sketch.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { assertNothingStays, SOAK_TIMEOUT_MS, type Turn } from "../../support/soak.ts";
import { clientHeader, readHeader } from "../../support/upstream/proxy-client.ts";
import {
  TAKES_HEADERS,
  toCluster,
  toHttpListener,
  withHeader,
} from "../../support/upstream/proxy-resources.ts";

const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
/** PP2_TYPE_AUTHORITY and one that is free to use. */
const TLVS = [0x02, 0xe0] as const;

/** Headers that are refused, and such as say less than they have. */
const WRONG = {
  "no header": get("/"),
  "a header of another protocol": "PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n",
  "a line that is too long": `PROXY TCP4 ${"1".repeat(200)}`,
  "another version": `${SIGNATURE}\x31\x11\0\x0c${"a".repeat(12)}`,
  "a length that lies": `${SIGNATURE}\x21\x11\0\x02ab`,
  "TLVs that lie": `${SIGNATURE}\x21\x11\0\x0f${"a".repeat(12)}\xe0\x40\x40`,
} as const;
const HALVES = { "half a line": "PROXY TCP4 192.", "half a header": `${SIGNATURE}\x21` } as const;

describe("leaks, PROXY protocol", function () {
  this.timeout(SOAK_TIMEOUT_MS);

  it("headers right, wrong and lying, passed on or not: nothing stays", async () => {
    const upstream = await RawUpstream.listen();
    serve(upstream);
    const all = withHeader({ version: "V2", pass_through_tlvs: {} });
    const resources = {
      listeners: [toHttpListener("all", { cluster: "all" }, [TAKES_HEADERS])],
      clusters: [toCluster("all", upstream.port, { transport_socket: all })],
    };
    await assertNothingStays({
      config: JSON.stringify({ static_resources: resources }),
      kinds,
      cost: 8,
      settle: () => upstream.cut(),
    });
    upstream.close();
  });
});

/** Answers what comes behind PROXY headers. */
function serve(upstream: RawUpstream): void {
  const answerAll = async (connection: RawConnection): Promise<void> => {
    await readHeader(connection);
    for (;;) {
      await connection.readHead();
      connection.write(ok("fine"));
    }
  };
  void upstream.accept().then((connection) => {
    serve(upstream);
    void answerAll(connection).catch(() => connection.close());
  });
}

function kinds(port: number): Record<string, Turn> {
  const visit = (play: (client: RawConnection, turn: number) => unknown): Turn => {
    return async (turn) => {
      const client = await RawConnection.open(port);
      await play(client, turn);
      client.close();
    };
  };
  const asked = (header: (turn: number) => string): Turn =>
    visit(async (client, turn) => {
      client.write(header(turn) + get("/"));
      await client.readMessage();
      client.write(get("/again"));
      await client.readMessage();
    });
  const wrong = Object.entries(WRONG).map(([name, text]) => {
    const turn = visit((client) => {
      client.write(text);
      return client.readToEnd();
    });
    return [name, turn] as const;
  });
  const halves = Object.entries(HALVES).map(([name, text]) => {
    const turn = visit(async (client) => {
      client.socket.write(text, "latin1");
      if (client.socket.writableNeedDrain) await once(client.socket, "drain");
      client.reset();
    });
    return [name, turn] as const;
  });
  return {
    "version 1": asked(() => "PROXY TCP4 192.0.2.1 198.51.100.7 1000 443\r\n"),
    "version 1 of nobody": asked(() => "PROXY UNKNOWN\r\n"),
    "version 2": asked(() => clientHeader([])),
    "version 2, local": asked(() => `${SIGNATURE}\x20\0\0\0`),
    // Each has connections to the upstream of its own.
    "TLVs of their own": asked((turn) => clientHeader(TLVS.map((type) => [type, `turn ${turn}`]))),
    ...Object.fromEntries([...wrong, ...halves]),
  };
}
