import type { Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { type Part, TestProxy } from "../../../support/proxy-sketch.ts";
import { type ConnectServer, startConnectServer } from "./connect-server.ts";
import { CASES } from "./interop-client.ts";
import { HTTP2, webFilters } from "./proxied.ts";

interface Peer {
  readonly name: string;
  /** HTTP filters of the proxy. */
  readonly filters?: readonly Part[];
  /** Makes the transport of the client. */
  open(baseUrl: string, sessionManager: Http2SessionManager): Transport;
  /** Cases that need both directions at a time, which HTTP/1 has not. */
  readonly isHalfDuplex?: boolean;
}

const http1 = "1.1";
const http2 = "2";

const PEERS: readonly Peer[] = [
  {
    name: "gRPC",
    open: (baseUrl, sessionManager) => createGrpcTransport({ baseUrl, sessionManager }),
  },
  {
    name: "Connect over HTTP/2",
    open: (baseUrl, sessionManager) =>
      createConnectTransport({ baseUrl, httpVersion: http2, sessionManager }),
  },
  {
    name: "Connect over HTTP/1",
    open: (baseUrl) => createConnectTransport({ baseUrl, httpVersion: http1 }),
    isHalfDuplex: true,
  },
  {
    name: "gRPC-Web over HTTP/2, passed through",
    open: (baseUrl, sessionManager) =>
      createGrpcWebTransport({ baseUrl, httpVersion: http2, sessionManager }),
  },
  {
    name: "gRPC-Web over HTTP/2, translated",
    filters: webFilters,
    open: (baseUrl, sessionManager) =>
      createGrpcWebTransport({ baseUrl, httpVersion: http2, sessionManager }),
  },
  {
    name: "gRPC-Web over HTTP/1, translated",
    filters: webFilters,
    open: (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: http1 }),
    isHalfDuplex: true,
  },
];

const FULL_DUPLEX = /ping_pong|cancel_after_first_response|timeout_on_sleeping_server/;

describe("gRPC interop, connect client to connect server", () => {
  let server: ConnectServer;
  before(async () => {
    server = await startConnectServer();
  });
  after(() => server.stop());

  for (const { name, filters, open, isHalfDuplex = false } of PEERS) {
    describe(name, () => {
      let proxy: TestProxy;
      let session: Http2SessionManager;
      before(async () => {
        const manager = filters === undefined ? {} : { http_filters: filters };
        proxy = await TestProxy.start({ endpoints: [server.port], cluster: HTTP2, manager });
        session = new Http2SessionManager(`http://127.0.0.1:${proxy.port}`);
      });
      after(async () => {
        session.abort();
        await proxy.untilIdle();
        await proxy.stop();
      });

      for (const [title, run] of Object.entries(CASES)) {
        if (isHalfDuplex && FULL_DUPLEX.test(title)) continue;
        it(`${name}: ${title}`, () => run(open(`http://127.0.0.1:${proxy.port}`, session)));
      }
    });
  }
});
