import assert from "node:assert/strict";
import { CLUSTER_BYTES, CLUSTER_STATS } from "../../../../api/engine/image.ts";
import { FILTER_STATS_BYTES } from "../../../../api/engine/network/filter-stats.ts";
import {
  UPSTREAM_CIRCUIT_BREAKERS_DEFAULT_CX_OPEN,
  UPSTREAM_CIRCUIT_BREAKERS_DEFAULT_RQ_OPEN,
  UPSTREAM_MEMBERSHIP_HEALTHY,
  UPSTREAM_MEMBERSHIP_TOTAL,
  UPSTREAM_STATS_BYTES,
  UPSTREAM_UPSTREAM_CX_NONE_HEALTHY,
} from "../../../../api/engine/stats.ts";
import {
  BREAKER_CONNECTIONS,
  BREAKER_REQUESTS,
  BreakerTable,
} from "../../../../proxy/cluster/breaker.ts";
import { Cluster } from "../../../../proxy/cluster/cluster.ts";
import {
  PLAIN_VARIANT,
  PROTOCOL_VARIANTS,
  RAW_VARIANT,
} from "../../../../proxy/cluster/variant/pool-variant.ts";
import type { EndpointModel } from "../../../../proxy/config/model.ts";
import { DeadlineQueue } from "../../../../proxy/timer/deadline.ts";
import { FlushQueue } from "../../../../proxy/engine/flush-queue.ts";
import { loadEngine } from "../../../support/load-engine.ts";
import { openTlsRegistry } from "../../../support/tls/registry.ts";
import { CLUSTER_MODEL } from "./cluster-model.ts";

function endpoint(port: number, isHealthy = true, weight = 1): EndpointModel {
  return {
    address: { kind: "tcp", host: "127.0.0.1", port },
    hostname: "127.0.0.1",
    weight,
    priority: 0,
    locality: { region: "", zone: "", subZone: "" },
    isHealthy,
    passedMetadata: [],
    proxyTlvs: [],
  };
}

describe("Cluster", () => {
  const engine = loadEngine();
  const deadlines = new DeadlineQueue();
  let stats: number;
  /** Blocks of statistics that were asked for, and what is given for each. */
  const blocks: string[] = [];
  const block = engine.calls.allocate(FILTER_STATS_BYTES);

  function setting(clusterCount = 4) {
    const memory = new SharedArrayBuffer(BreakerTable.bytesFor(1, clusterCount));
    const tls = openTlsRegistry(engine);
    const flushes = new FlushQueue();
    const internal = { dial: () => null };
    const findBlock = (kind: number, name: string): number => {
      blocks.push(`${kind} ${name}`);
      return block;
    };
    const breakers = new BreakerTable(memory, 1, 0);
    return { engine, deadlines, flushes, breakers, tls, internal, findBlock };
  }

  /** A cluster's record with statistics, as loading an image makes it. */
  function newRecord(): number {
    const record = engine.calls.allocate(CLUSTER_BYTES);
    engine.words[(record + CLUSTER_STATS) >> 2] = stats;
    return record;
  }

  function stat(counter: number): number {
    return engine.floats[(stats >> 3) + counter];
  }

  beforeEach(() => {
    stats = engine.calls.allocate(UPSTREAM_STATS_BYTES);
    engine.bytes.fill(0, stats, stats + UPSTREAM_STATS_BYTES);
  });

  it("endpoints: only healthy ones are picked, all are counted", () => {
    const cluster = new Cluster(setting(), CLUSTER_MODEL, 0, newRecord());
    cluster.setEndpoints([endpoint(1), endpoint(2, false), endpoint(3)]);
    assert.equal(stat(UPSTREAM_MEMBERSHIP_TOTAL), 3);
    assert.equal(stat(UPSTREAM_MEMBERSHIP_HEALTHY), 2);
    const names = new Set(Array.from({ length: 4 }, () => cluster.pick(0)?.name));
    assert.deepEqual([...names].sort(), ["127.0.0.1:1", "127.0.0.1:3"]);
  });

  it("endpoints: those that stay keep their pools", () => {
    const cluster = new Cluster(setting(), CLUSTER_MODEL, 0, newRecord());
    cluster.setEndpoints([endpoint(1), endpoint(2)]);
    const [one, two] = cluster.endpoints;
    cluster.setEndpoints([endpoint(2), endpoint(3), endpoint(1, true, 5)]);
    assert.equal(cluster.endpoints[0], two);
    assert.notEqual(cluster.endpoints[2], one);
  });

  it("endpoints: without one there is nothing to pick, and that is counted", () => {
    const cluster = new Cluster(setting(), CLUSTER_MODEL, 0, newRecord());
    assert.equal(cluster.pick(0), null);
    assert.equal(stat(UPSTREAM_UPSTREAM_CX_NONE_HEALTHY), 1);
  });

  it("circuit breakers: one is open at its limit, not below", () => {
    const cluster = new Cluster(setting(), CLUSTER_MODEL, 1, newRecord());
    cluster.addBreaker(BREAKER_REQUESTS, 1);
    assert.equal(cluster.mayRequest(), true);
    cluster.addBreaker(BREAKER_REQUESTS, 1);
    assert.equal(cluster.mayRequest(), false);
    cluster.addBreaker(BREAKER_CONNECTIONS, 1);
    cluster.noteBreakers();
    assert.equal(stat(UPSTREAM_CIRCUIT_BREAKERS_DEFAULT_RQ_OPEN), 1);
    assert.equal(stat(UPSTREAM_CIRCUIT_BREAKERS_DEFAULT_CX_OPEN), 1);
    cluster.addBreaker(BREAKER_REQUESTS, -1);
    cluster.noteBreakers();
    assert.equal(stat(UPSTREAM_CIRCUIT_BREAKERS_DEFAULT_RQ_OPEN), 0);
  });

  it("variantFor: no cluster but one that follows the downstream has pools for versions", () => {
    const cluster = new Cluster(setting(), CLUSTER_MODEL, 0, newRecord());
    const client = { origin: null, protocol: "http2" } as const;
    assert.equal(cluster.variantFor(0, PLAIN_VARIANT, client), PLAIN_VARIANT);
    assert.equal(cluster.variantFor(0, RAW_VARIANT, client), RAW_VARIANT);
  });

  for (const [codec, first, second] of [
    ["http1", PLAIN_VARIANT, PROTOCOL_VARIANTS.http2],
    ["http2", PROTOCOL_VARIANTS.http1, PLAIN_VARIANT],
  ] as const) {
    it(`variantFor: a cluster that follows; ${codec} is for what came in none`, () => {
      const model = { ...CLUSTER_MODEL, codec, followsDownstream: true };
      const cluster = new Cluster(setting(), model, 0, newRecord());
      assert.equal(
        cluster.variantFor(0, PLAIN_VARIANT, { origin: null, protocol: "http1" }),
        first,
      );
      assert.equal(
        cluster.variantFor(0, PLAIN_VARIANT, { origin: null, protocol: "http2" }),
        second,
      );
      assert.equal(
        cluster.variantFor(0, PLAIN_VARIANT, { origin: null, protocol: null }),
        PLAIN_VARIANT,
      );
      assert.equal(
        cluster.variantFor(0, RAW_VARIANT, { origin: null, protocol: "http1" }),
        RAW_VARIANT,
      );
    });
  }

  it("variantFor: a cluster that follows and tells of clients has a pool for both", () => {
    const proxyHeader = { version: 1, passed: "all", added: [] } as const;
    const model = { ...CLUSTER_MODEL, followsDownstream: true, proxyHeader };
    const cluster = new Cluster(setting(), model, 0, newRecord());
    const ends = { localAddress: "10.0.0.1", localPort: 1, remoteAddress: "::1", remotePort: 2 };
    const client = { origin: { ends, source: null, tlvs: [] }, protocol: "http2" } as const;
    const { key, codec, origin } = cluster.variantFor(0, PLAIN_VARIANT, client);
    assert.equal(key, "http2 proxy [::1]:2 10.0.0.1:1");
    assert.equal(codec, "http2");
    assert.equal(origin, client.origin);
  });

  it("variantFor: a client's source is that of connections for it", () => {
    const cluster = new Cluster(setting(), CLUSTER_MODEL, 0, newRecord());
    const ends = { localAddress: "10.0.0.1", localPort: 1, remoteAddress: "::1", remotePort: 2 };
    const source = { address: "::1", mark: 3 };
    const client = { origin: { ends, source, tlvs: [] }, protocol: null };
    const { key, source: got } = cluster.variantFor(0, RAW_VARIANT, client);
    assert.equal(key, "raw from ::1 mark 3");
    assert.equal(got, source);
  });

  it("rebind: a cluster that did not change moves with its counts and keeps its statistics", () => {
    const cluster = new Cluster(setting(), CLUSTER_MODEL, 3, newRecord());
    cluster.addBreaker(BREAKER_REQUESTS, 2);
    const next = setting(1);
    const record = newRecord();
    assert.equal(cluster.rebind(next, { ...CLUSTER_MODEL }, 0, record), cluster);
    assert.equal(cluster.record, record);
    assert.equal(next.breakers.readOwn(0, BREAKER_REQUESTS), 2);
    assert.equal(cluster.mayRequest(), false);
    engine.calls.release(record);
    cluster.count(UPSTREAM_MEMBERSHIP_TOTAL, 5);
    assert.equal(stat(UPSTREAM_MEMBERSHIP_TOTAL), 5);
  });

  it("rebind: a cluster that changed does not move", () => {
    const cluster = new Cluster(setting(), CLUSTER_MODEL, 0, newRecord());
    const changed = { ...CLUSTER_MODEL, connectTimeoutMs: 7 };
    assert.equal(cluster.rebind(setting(), changed, 0, newRecord()), null);
  });
});
