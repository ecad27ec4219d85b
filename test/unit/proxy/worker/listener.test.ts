import assert from "node:assert/strict";
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

  it("listen: an address in use is an error that names it", async () => {
    worker = await LocalWorker.start(toBootstrap({ endpoints: [1] }));
    const address = { socket_address: { address: "127.0.0.1", port_value: worker.port } };
    const listener = { address, enable_reuse_port: false };
    await assert.rejects(LocalWorker.start(toBootstrap({ endpoints: [1], listener })), {
      code: "EADDRINUSE",
    });
  });
});
