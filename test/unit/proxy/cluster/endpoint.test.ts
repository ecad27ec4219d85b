import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import {
  UPSTREAM_UPSTREAM_CX_ACTIVE,
  UPSTREAM_UPSTREAM_CX_HTTP1_TOTAL,
  UPSTREAM_UPSTREAM_CX_HTTP2_TOTAL,
  UPSTREAM_UPSTREAM_CX_OVERFLOW,
  UPSTREAM_UPSTREAM_RQ_ACTIVE,
  UPSTREAM_UPSTREAM_RQ_CANCELLED,
  UPSTREAM_UPSTREAM_RQ_PENDING_ACTIVE,
  UPSTREAM_UPSTREAM_RQ_PENDING_OVERFLOW,
} from "../../../../api/engine/stats.ts";
import {
  BREAKER_CONNECTIONS,
  BREAKER_PENDING,
  BREAKER_REQUESTS,
} from "../../../../proxy/cluster/breaker.ts";
import type { ClusterView } from "../../../../proxy/cluster/cluster-view.ts";
import { Endpoint } from "../../../../proxy/cluster/endpoint.ts";
import { PROTOCOL_VARIANTS } from "../../../../proxy/cluster/variant/pool-variant.ts";
import type {
  UpstreamLink,
  UpstreamLoss,
  UpstreamUser,
} from "../../../../proxy/cluster/upstream/upstream-user.ts";
import type { EndpointModel } from "../../../../proxy/config/model.ts";
import { DeadlineQueue } from "../../../../proxy/timer/deadline.ts";
import { FlushQueue } from "../../../../proxy/engine/flush-queue.ts";
import { CLUSTER_BYTES } from "../../../../api/engine/image.ts";
import { loadEngine } from "../../../support/load-engine.ts";
import { CLUSTER_MODEL } from "./cluster-model.ts";

/** A cluster that counts in maps and allows what it is told to. */
class CountedCluster implements ClusterView {
  readonly engine = loadEngine();
  readonly deadlines = new DeadlineQueue();
  readonly flushes = new FlushQueue();
  readonly model = CLUSTER_MODEL;
  readonly tls = null;
  readonly internal = { dial: () => null };
  readonly record = this.engine.calls.allocate(CLUSTER_BYTES);
  readonly counts = new Map<number, number>();
  readonly breakers = new Map<number, number>();
  limits = { connect: 9, wait: 9, request: 9 };

  count(counter: number, by: number): void {
    this.counts.set(counter, (this.counts.get(counter) ?? 0) + by);
  }

  recordTime(): void {}

  countCutHeader(): void {}

  addBreaker(column: number, by: number): void {
    this.breakers.set(column, this.breaker(column) + by);
  }

  mayConnect(): boolean {
    return this.breaker(BREAKER_CONNECTIONS) < this.limits.connect;
  }

  mayWait(): boolean {
    return this.breaker(BREAKER_PENDING) < this.limits.wait;
  }

  mayRequest(): boolean {
    return this.breaker(BREAKER_REQUESTS) < this.limits.request;
  }

  onConnectionClosed(): void {}

  breaker(column: number): number {
    return this.breakers.get(column) ?? 0;
  }
}

/** A request that notes what it hears. */
class NotedUser implements UpstreamUser {
  readonly heard: string[] = [];
  link: UpstreamLink | null = null;
  #wake: () => void = () => {};

  onUpstreamReady(link: UpstreamLink): void {
    this.link = link;
    this.#note("ready");
  }

  onUpstreamOverflow(): void {
    this.#note("overflow");
  }

  onUpstreamConnectFailed(): void {
    this.#note("failed");
  }

  onUpstreamEvent(): void {}

  onUpstreamLost(_link: UpstreamLink, how: UpstreamLoss): void {
    this.#note(how);
  }

  onUpstreamWritten(): void {}

  /** Resolves when it has heard something. */
  async news(): Promise<readonly string[]> {
    while (this.heard.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.heard;
  }

  #note(event: string): void {
    this.heard.push(event);
    this.#wake();
  }
}

describe("Endpoint", () => {
  let server: net.Server;
  let cluster: CountedCluster;
  let endpoint: Endpoint;

  beforeEach(async () => {
    server = net.createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    cluster = new CountedCluster();
    endpoint = new Endpoint(cluster, toModel(port));
  });

  afterEach(() => {
    endpoint.destroy();
    for (const column of [BREAKER_CONNECTIONS, BREAKER_PENDING, BREAKER_REQUESTS]) {
      assert.equal(cluster.breaker(column), 0);
    }
    for (const gauge of [
      UPSTREAM_UPSTREAM_CX_ACTIVE,
      UPSTREAM_UPSTREAM_RQ_ACTIVE,
      UPSTREAM_UPSTREAM_RQ_PENDING_ACTIVE,
    ]) {
      assert.equal(cluster.counts.get(gauge) ?? 0, 0);
    }
    server.close();
  });

  async function serve(): Promise<NotedUser> {
    const user = new NotedUser();
    endpoint.serve(user, performance.now());
    await user.news();
    return user;
  }

  it("serve: a request waits for a connection; a later one has it at once", async () => {
    const first = await serve();
    assert.deepEqual(first.heard, ["ready"]);
    assert.equal(first.link?.mayBeStale, false);
    first.link?.finish(true, performance.now());
    const second = new NotedUser();
    assert.equal(endpoint.serve(second, performance.now()), true);
    assert.equal(second.link, first.link);
    assert.equal(second.link?.mayBeStale, true);
    second.link?.drop();
  });

  it("serve: one above the limit of those that wait overflows", async () => {
    cluster.limits = { connect: 9, wait: 1, request: 9 };
    const first = new NotedUser();
    const second = new NotedUser();
    assert.equal(endpoint.serve(first, performance.now()), false);
    assert.equal(endpoint.serve(second, performance.now()), true);
    assert.deepEqual(second.heard, ["overflow"]);
    assert.equal(cluster.counts.get(UPSTREAM_UPSTREAM_RQ_PENDING_OVERFLOW), 1);
    await first.news();
    first.link?.drop();
  });

  it("serve: one above the limit of requests overflows though a connection is idle", async () => {
    const first = await serve();
    const second = await serve();
    second.link?.finish(true, performance.now());
    cluster.limits = { connect: 9, wait: 9, request: 1 };
    const third = new NotedUser();
    assert.equal(endpoint.serve(third, performance.now()), true);
    assert.deepEqual(third.heard, ["overflow"]);
    first.link?.drop();
    const fourth = await serve();
    assert.deepEqual(fourth.heard, ["ready"]);
    fourth.link?.drop();
  });

  it("serve: above the limit of connections a request waits for one that is there", async () => {
    cluster.limits = { connect: 1, wait: 9, request: 9 };
    const first = await serve();
    const second = new NotedUser();
    assert.equal(endpoint.serve(second, performance.now()), false);
    assert.equal(cluster.counts.get(UPSTREAM_UPSTREAM_CX_OVERFLOW), 1);
    first.link?.finish(true, performance.now());
    assert.deepEqual(second.heard, ["ready"]);
    second.link?.drop();
  });

  it("serve: a request in another version has a connection whatever the limit, once", async () => {
    const first = await serve();
    cluster.limits = { connect: 1, wait: 9, request: 9 };
    const second = new NotedUser();
    endpoint.serve(second, performance.now(), PROTOCOL_VARIANTS.http2);
    assert.deepEqual(await second.news(), ["ready"]);
    assert.notEqual(second.link?.record, first.link?.record);
    assert.equal(endpoint.report()[0], 2);
    assert.equal(cluster.counts.get(UPSTREAM_UPSTREAM_CX_OVERFLOW), 1);
    assert.equal(cluster.counts.get(UPSTREAM_UPSTREAM_CX_HTTP1_TOTAL), 1);
    assert.equal(cluster.counts.get(UPSTREAM_UPSTREAM_CX_HTTP2_TOTAL), 1);
    first.link?.drop();
    second.link?.drop();
  });

  it("cancel: a request that waits hears nothing more", async () => {
    const first = new NotedUser();
    endpoint.serve(first, performance.now());
    endpoint.cancel(first);
    endpoint.cancel(first);
    assert.equal(cluster.counts.get(UPSTREAM_UPSTREAM_RQ_CANCELLED), 1);
    await once(server, "connection");
    assert.deepEqual((await serve()).heard, ["ready"]);
    assert.deepEqual(first.heard, []);
  });

  it("connect failure: all hear of it for whom no other connection is being made", async () => {
    server.close();
    cluster.limits = { connect: 1, wait: 9, request: 9 };
    const users = [new NotedUser(), new NotedUser(), new NotedUser()];
    for (const user of users) endpoint.serve(user, performance.now());
    await users[2].news();
    for (const user of users) assert.deepEqual(user.heard, ["failed"]);
    assert.equal(endpoint.stats.connectFailures, 1);
  });

  it("finish: a connection that may not be kept closes, its request hears nothing", async () => {
    const first = await serve();
    first.link?.finish(false, performance.now());
    first.link?.finish(true, performance.now());
    first.link?.drop();
    assert.deepEqual(first.heard, ["ready"]);
    assert.equal(endpoint.report()[0], 0);
  });

  it("drain: idle connections close, a busy one when its request is over", async () => {
    const first = await serve();
    const second = await serve();
    second.link?.finish(true, performance.now());
    assert.equal(endpoint.report()[0], 2);
    endpoint.drain();
    assert.equal(endpoint.report()[0], 1);
    first.link?.finish(true, performance.now());
    assert.equal(endpoint.report()[0], 0);
  });

  it("destroy: a request that is served hears that its connection closed, once", async () => {
    const first = await serve();
    endpoint.destroy();
    endpoint.destroy();
    assert.deepEqual(first.heard, ["ready", "closed"]);
  });
});

function toModel(port: number): EndpointModel {
  return {
    address: { kind: "tcp", host: "127.0.0.1", port },
    hostname: "127.0.0.1",
    weight: 1,
    priority: 0,
    locality: { region: "", zone: "", subZone: "" },
    isHealthy: true,
    passedMetadata: [],
    proxyTlvs: [],
  };
}
