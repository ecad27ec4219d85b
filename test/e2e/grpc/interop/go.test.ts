import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import {
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { findFreePort } from "../../../../bench/process/free-port.ts";
import { TestProxy } from "../../../support/proxy-sketch.ts";
import { requirePeer } from "../../../support/mocha/skip.ts";
import { type ConnectServer, startConnectServer } from "./connect-server.ts";
import { CASES } from "./interop-client.ts";
import { HTTP2, webFilters } from "./proxied.ts";

const run = promisify(execFile);

/** Resolves when something listens on a port. */
async function untilListening(port: number): Promise<void> {
  for (;;) {
    const socket = net.connect(port, "127.0.0.1");
    const isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await setTimeout(5);
  }
}

describe("gRPC interop with Go", () => {
  let client: string;
  let server: ChildProcess | undefined;
  let port: number;
  let connectServer: ConnectServer;

  before(async function () {
    this.timeout(30_000);
    client = requirePeer(this, "grpc-interop-client");
    const program = requirePeer(this, "grpc-interop-server");
    port = await findFreePort();
    server = spawn(program, ["-port", `${port}`], { stdio: "ignore" });
    await untilListening(port);
    connectServer = await startConnectServer();
  });
  after(async () => {
    server?.kill();
    await connectServer?.stop();
  });

  for (const kind of ["Go", "connect"]) {
    describe(`Go client to ${kind} server`, () => {
      let proxy: TestProxy;
      before(async () => {
        const endpoints = [kind === "Go" ? port : connectServer.port];
        proxy = await TestProxy.start({ endpoints, cluster: HTTP2 });
      });
      after(async () => {
        await proxy.untilIdle();
        await proxy.stop();
      });

      for (const title of Object.keys(CASES)) {
        it(`Go client to ${kind} server: ${title}`, async function () {
          this.timeout(30_000);
          const where = ["-server_host", "127.0.0.1", "-server_port", `${proxy.port}`];
          // It ends with another status, and says why, when the case fails.
          await run(client, [...where, "-test_case", title]);
        });
      }
    });
  }

  for (const kind of ["gRPC", "gRPC-Web"]) {
    describe(`connect client of ${kind} to Go server`, () => {
      let proxy: TestProxy;
      let session: Http2SessionManager;
      before(async () => {
        const manager = { http_filters: webFilters };
        proxy = await TestProxy.start({ endpoints: [port], cluster: HTTP2, manager });
        session = new Http2SessionManager(`http://127.0.0.1:${proxy.port}`);
      });
      after(async () => {
        session.abort();
        await proxy.untilIdle();
        // Status and messages of the Go server were seen on their way.
        assert.ok((await proxy.stat("cluster.up.grpc.success")) >= 6);
        assert.ok((await proxy.stat("cluster.up.grpc.response_message_count")) >= 10);
        await proxy.stop();
      });

      for (const [title, play] of Object.entries(CASES)) {
        it(`connect client of ${kind} to Go server: ${title}`, async () => {
          const baseUrl = `http://127.0.0.1:${proxy.port}`;
          const transport =
            kind === "gRPC"
              ? createGrpcTransport({ baseUrl, sessionManager: session })
              : createGrpcWebTransport({
                  baseUrl,
                  httpVersion: "2",
                  sessionManager: session,
                });
          await play(transport);
        });
      }
    });
  }
});
