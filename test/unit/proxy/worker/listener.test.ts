import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalWorker } from "../../../support/local-worker.ts";
import { get, toBootstrap } from "../../../support/proxy-sketch.ts";
import { RawConnection } from "../../../support/raw-connection.ts";

describe("Listener", () => {
  let worker: LocalWorker;

  afterEach(() => worker.stop());

  it("accept: each connection is one of its own until it closes", async () => {
    worker = await LocalWorker.start(toBootstrap({ endpoints: [1] }));
    const clients = await Promise.all([1, 2, 3].map(() => RawConnection.open(worker.port)));
    for (const client of clients) {
      client.write(get("/"));
      assert.match((await client.readMessage()).head, /^HTTP\/1.1 503 /);
    }
    assert.equal(worker.connectionCount, 3);
    for (const client of clients) client.end();
    for (const client of clients) await client.readToEnd();
    assert.equal(worker.connectionCount, 0);
  });

  it("accept: without memory to spare a connection is closed at once", async () => {
    worker = await LocalWorker.start(toBootstrap({ endpoints: [1] }));
    worker.fillMemory();
    const client = await RawConnection.open(worker.port);
    assert.equal((await client.readToEnd()).text, "");
    assert.equal(worker.connectionCount, 0);
  });

  it("accept: what came over a Unix socket has its path at both ends", async () => {
    const path = join(tmpdir(), `causeway-${process.pid}-ends.sock`);
    const value = "%DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS%";
    const ends = { header: { key: "x-ends", value } };
    const plain = { match: { prefix: "/" }, direct_response: { status: 200 } };
    const routes = [{ ...plain, response_headers_to_add: [ends] }];
    const listener = { address: { pipe: { path } } };
    worker = await LocalWorker.start(toBootstrap({ endpoints: [1], routes, listener }));
    const client = await RawConnection.open(path);
    client.write(get("/"));
    assert.ok((await client.readMessage()).head.includes(`\r\nx-ends: ${path} ${path}\r\n`));
    client.close();
  });

  it("listen: an address in use is an error that names it", async () => {
    worker = await LocalWorker.start(toBootstrap({ endpoints: [1] }));
    const address = { socket_address: { address: "127.0.0.1", port_value: worker.port } };
    const listener = { address, enable_reuse_port: false };
    await assert.rejects(LocalWorker.start(toBootstrap({ endpoints: [1], listener })), {
      code: "EADDRINUSE",
    });
  });
});
