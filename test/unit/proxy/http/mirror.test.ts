import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import {
  UPSTREAM_RETRY_OR_SHADOW_ABANDONED,
  UPSTREAM_UPSTREAM_RQ_TOTAL,
} from "../../../../api/engine/stats.ts";
import { LocalWorker } from "../../../support/local-worker.ts";
import { get, ok, toBootstrap, toCluster } from "../../../support/proxy-sketch.ts";
import { RawConnection } from "../../../support/raw-connection.ts";
import { RawUpstream } from "../../../support/raw-upstream.ts";

const LIMIT_BYTES = 20_000;
/** One connection at a time: a second mirror waits for the first. */
const BUSY = {
  per_connection_buffer_limit_bytes: LIMIT_BYTES,
  circuit_breakers: { thresholds: [{ max_connections: 1 }] },
};

describe("Mirror", () => {
  let up: RawUpstream;
  let shadow: RawUpstream;
  let worker: LocalWorker;
  let client: RawConnection;

  beforeEach(async () => {
    up = await RawUpstream.listen();
    shadow = await RawUpstream.listen();
    up.serve((_head, link, body) => link.write(ok(`${body.length}`)));
    const mirrors = ["shadow", "none"].map((cluster) => ({ cluster }));
    worker = await LocalWorker.start(
      toBootstrap({
        endpoints: [up.port],
        action: { request_mirror_policies: mirrors },
        moreClusters: [
          toCluster("shadow", [shadow.port], { cluster: BUSY }),
          toCluster("none", []),
        ],
      }),
    );
    client = await RawConnection.open(worker.port);
  });

  afterEach(() => {
    client.close();
    worker.stop();
    up.close();
    shadow.close();
  });

  /** Has the mirror's only connection serve a request that is not answered yet. */
  async function occupy(): Promise<RawConnection> {
    client.write(get("/first"));
    const mirror = await shadow.accept();
    await mirror.readMessage();
    await client.readMessage();
    return mirror;
  }

  /** Posts pieces of a body; each is sent when the upstream was. */
  async function post(...pieces: number[]): Promise<void> {
    const length = pieces.reduce((sum, piece) => sum + piece, 0);
    client.write(`POST / HTTP/1.1\r\nhost: test\r\ncontent-length: ${length}\r\n\r\n`);
    for (const piece of pieces) {
      client.write("b".repeat(piece));
      await setImmediate();
    }
    assert.equal((await client.readMessage()).body, `${length}`);
  }

  function abandonedCount(): number {
    return worker.clusterCount("up", UPSTREAM_RETRY_OR_SHADOW_ABANDONED);
  }

  it("feed: what waits for a connection may be as much as the limit", async () => {
    const mirror = await occupy();
    await post(LIMIT_BYTES / 2, LIMIT_BYTES / 2);
    assert.equal(abandonedCount(), 0);
    mirror.write(ok("1"));
    assert.equal((await mirror.readMessage()).body.length, LIMIT_BYTES);
    mirror.write(ok("2"));
  });

  it("feed: one byte more ends the mirror, and counts once", async () => {
    const mirror = await occupy();
    await post(LIMIT_BYTES, 1, 5, LIMIT_BYTES);
    assert.equal(abandonedCount(), 1);
    mirror.write(ok("1"));
    client.write(get("/next"));
    assert.match((await mirror.readMessage()).head, /^GET \/next /);
    await client.readMessage();
    mirror.write(ok("2"));
  });

  it("feed: a mirror that has its connection gets any number of bytes", async () => {
    await post(1, LIMIT_BYTES * 5, LIMIT_BYTES * 5);
    const mirror = await shadow.accept();
    assert.equal((await mirror.readMessage()).body.length, LIMIT_BYTES * 10 + 1);
    assert.equal(abandonedCount(), 0);
    mirror.write(ok("1"));
  });

  it("openMirrors: a mirror that fails at once is over, and leaves nothing", async () => {
    const mirror = await occupy();
    mirror.write(ok("1"));
    const serve = async (): Promise<void> => {
      client.write(get("/"));
      await mirror.readMessage();
      mirror.write(ok("mirror"));
      await client.readMessage();
    };
    for (let i = 0; i < 10; i++) await serve();
    const before = worker.measure().engineBytes;
    for (let i = 0; i < 100; i++) await serve();
    assert.equal(worker.measure().engineBytes, before);
    assert.equal(worker.clusterCount("none", UPSTREAM_UPSTREAM_RQ_TOTAL), 0);
  });

  it("giveUp: a mirror that waits for a connection waits no more", async () => {
    const mirror = await occupy();
    client.write("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 10\r\n\r\nhello");
    while (worker.clusterCount("up", UPSTREAM_UPSTREAM_RQ_TOTAL) < 2) await setImmediate();
    client.reset();
    while (worker.connectionCount > 0) await setImmediate();
    mirror.write(ok("1"));
    client = await RawConnection.open(worker.port);
    client.write(get("/next"));
    assert.match((await mirror.readMessage()).head, /^GET \/next /);
    mirror.write(ok("2"));
  });
});
