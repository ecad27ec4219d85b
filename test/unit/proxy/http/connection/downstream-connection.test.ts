import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { LocalWorker } from "../../../../support/local-worker.ts";
import { get, ok, toBootstrap } from "../../../../support/proxy-sketch.ts";
import { RawConnection } from "../../../../support/raw-connection.ts";
import { RawUpstream } from "../../../../support/raw-upstream.ts";

describe("DownstreamConnection", () => {
  let upstream: RawUpstream;
  let worker: LocalWorker;

  beforeEach(async () => {
    upstream = await RawUpstream.listen();
    worker = await LocalWorker.start(toBootstrap({ endpoints: [upstream.port] }));
  });

  afterEach(() => {
    worker.stop();
    worker.stop();
    upstream.close();
  });

  it("destroy: in the middle of a request it ends both sides once", async () => {
    const client = await RawConnection.open(worker.port);
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    const [connection] = worker.connections;
    connection.destroy();
    connection.destroy();
    connection.drain(true);
    await up.readToEnd();
    assert.equal((await client.readToEnd()).text, "");
    assert.equal(worker.connections.length, 0);
  });

  it("drain: a connection whose request is being read is not closed", async () => {
    const client = await RawConnection.open(worker.port);
    while (worker.connectionCount === 0) await setImmediate();
    const idleBytes = worker.measure().engineBytes;
    client.write("GET / HTTP/1.1\r\n");
    // What came of the head is kept until the rest comes.
    while (worker.measure().engineBytes <= idleBytes) await setImmediate();
    const [connection] = worker.connections;
    connection.drain(true);
    client.write("host: test\r\n\r\n");
    const up = await upstream.accept();
    await up.readHead();
    up.write(ok("last"));
    assert.match((await client.readMessage()).head, /\r\nconnection: close\r\n/);
    assert.equal((await client.readToEnd()).text, "");
    client.close();
  });

  it("idle: an empty line behind a request is none, and has no time to become one", async () => {
    const manager = {
      request_headers_timeout: "0.05s",
      common_http_protocol_options: { idle_timeout: "0.2s" },
    };
    const hasty = await LocalWorker.start(toBootstrap({ endpoints: [upstream.port], manager }));
    const client = await RawConnection.open(hasty.port);
    client.write(`${get("/")}\r\n`);
    const up = await upstream.accept();
    await up.readHead();
    up.write(ok("once"));
    assert.equal((await client.readMessage()).body, "once");
    assert.deepEqual(await client.readToEnd(), { text: "", isBroken: false });
    client.close();
    hasty.stop();
  });

  it("drain: an empty line behind a request leaves the connection idle", async () => {
    const client = await RawConnection.open(worker.port);
    while (worker.connectionCount === 0) await setImmediate();
    const idleBytes = worker.measure().engineBytes;
    client.write("\r\n");
    // The line is kept, and still no request has begun.
    while (worker.measure().engineBytes <= idleBytes) await setImmediate();
    worker.connections[0].drain(true);
    assert.deepEqual(await client.readToEnd(), { text: "", isBroken: false });
    client.close();
  });

  it("memory: when it is scarce, input that must be kept ends its connection", async () => {
    const client = await RawConnection.open(worker.port);
    const patient = await RawConnection.open(worker.port);
    client.write(get("/1"));
    const up = await upstream.accept();
    await up.readHead();
    const blocks = worker.fillMemory();
    client.write(get("/2"));
    assert.equal((await client.readToEnd()).text, "");
    // Nobody else comes in, and what need not be kept goes on.
    const refused = await RawConnection.open(worker.port);
    assert.equal((await refused.readToEnd()).text, "");
    patient.write(get("/3"));
    const other = await upstream.accept();
    await other.readHead();
    other.write(ok("served"));
    assert.equal((await patient.readMessage()).body, "served");
    for (const block of blocks) worker.engine.calls.release(block);
    const next = await RawConnection.open(worker.port);
    next.write(get("/4"));
    await other.readHead();
    other.write(ok("again"));
    assert.equal((await next.readMessage()).body, "again");
    for (const end of [patient, next]) end.close();
  });
});
