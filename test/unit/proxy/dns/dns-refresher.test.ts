import assert from "node:assert/strict";
import { mock } from "node:test";
import type { ClusterModel, EndpointModel } from "../../../../proxy/config/model.ts";
import { DnsRefresher } from "../../../../proxy/dns/dns-refresher.ts";
import type { Question, Resolution } from "../../../../proxy/dns/resolve.ts";
import { Log } from "../../../../proxy/observe/log.ts";

const LOCALITY = { region: "r", zone: "z", subZone: "" };

const TLVS = [{ type: 0xe0, value: Uint8Array.of(1) }];

/** A cluster with a name to look up for each host. */
function cluster(hosts: readonly string[], facts: Partial<ClusterModel> = {}): ClusterModel {
  const target = { port: 80, weight: 2, priority: 0, locality: LOCALITY, proxyTlvs: TLVS };
  return {
    name: "a",
    observedName: "a",
    discovery: "strict-dns",
    originalDst: null,
    endpoints: [],
    dnsTargets: hosts.map((host) => ({ ...target, host, hostname: `${host}.example` })),
    dnsRefreshMs: 5_000,
    dnsFailureRefreshMs: 5_000,
    respectsDnsTtl: false,
    dnsFamily: "auto",
    connectTimeoutMs: 1_000,
    requestsPerConnectionMax: 0,
    idleTimeoutMs: 0,
    connectionDurationMaxMs: 0,
    bufferBytesMax: 1_024,
    codec: "http1",
    followsDownstream: false,
    http2StreamsMax: 1,
    http2Keepalive: null,
    preconnectRatio: 1,
    circuitBreaker: { connectionsMax: 1, pendingMax: 1, requestsMax: 1, retriesMax: 1 },
    hasKeepAlive: false,
    keepAliveDelayMs: 0,
    proxyHeader: null,
    tls: null,
    tlsFacts: 0,
    ...facts,
  };
}

/** A refresher whose answers a test sets, and what it did. */
class Scene {
  /** The answer for each host; one that is absent fails. */
  readonly answers = new Map<string, Resolution>();
  readonly questions: Question[] = [];
  /** Hosts of each update, with the index of its cluster. */
  readonly updates: (readonly [number, readonly EndpointModel[]])[] = [];
  readonly counts: string[] = [];
  readonly refresher = new DnsRefresher(
    async (question) => {
      this.questions.push(question);
      const answer = this.answers.get(question.host);
      if (answer === undefined) throw new Error("ENOTFOUND");
      return answer;
    },
    {
      onEndpoints: (index, endpoints) => this.updates.push([index, endpoints]),
      onCount: (name, counter) => this.counts.push(`${name}.${counter}`),
    },
    new Log({ level: "off", format: undefined }).logger("dns"),
  );

  answer(host: string, addresses: readonly string[], ttlMs: number | null = null): void {
    this.answers.set(host, { addresses, ttlMs });
  }

  /** Lets time pass, and what was started then come to its end. */
  async pass(ms: number): Promise<void> {
    mock.timers.tick(ms);
    await settle();
  }

  get hosts(): readonly (readonly string[])[] {
    return this.updates.map(([, endpoints]) =>
      endpoints.map(({ address }) => (address.kind === "tcp" ? address.host : address.kind)),
    );
  }
}

/** Lets promises that wait for nothing but one another settle. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("DNS refresher", () => {
  let scene: Scene;
  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    scene = new Scene();
  });
  afterEach(() => {
    scene.refresher.stop();
    mock.timers.reset();
  });

  it("DnsRefresher: every address of every name is an endpoint", async () => {
    scene.answer("one", ["10.0.0.1", "10.0.0.2"]);
    scene.answer("two", ["fd00::1"]);
    await scene.refresher.start([cluster([], { discovery: "static" }), cluster(["one", "two"])]);
    const endpoint = (hostname: string, host: string): EndpointModel => ({
      address: { kind: "tcp", host, port: 80 },
      hostname,
      weight: 2,
      priority: 0,
      locality: LOCALITY,
      isHealthy: true,
      passedMetadata: [],
      proxyTlvs: TLVS,
    });
    const want = [
      endpoint("one.example", "10.0.0.1"),
      endpoint("one.example", "10.0.0.2"),
      endpoint("two.example", "fd00::1"),
    ];
    assert.deepEqual(scene.updates, [[1, want]]);
    assert.deepEqual(scene.counts, ["a.update_attempt", "a.update_success", "a.update_success"]);
  });

  it("DnsRefresher: LOGICAL_DNS takes the first address only", async () => {
    scene.answer("one", ["10.0.0.1", "10.0.0.2"]);
    await scene.refresher.start([cluster(["one"], { discovery: "logical-dns" })]);
    assert.deepEqual(scene.hosts, [["10.0.0.1"]]);
  });

  it("DnsRefresher: asks again after the refresh rate, and tells changes only", async () => {
    scene.answer("one", ["10.0.0.1"]);
    await scene.refresher.start([cluster(["one"])]);
    await scene.pass(4_999);
    assert.equal(scene.questions.length, 1);
    await scene.pass(1);
    assert.equal(scene.questions.length, 2);
    assert.equal(scene.counts.at(-1), "a.update_no_rebuild");
    scene.answer("one", ["10.0.0.9"]);
    await scene.pass(5_000);
    assert.deepEqual(scene.hosts, [["10.0.0.1"], ["10.0.0.9"]]);
  });

  it("DnsRefresher: a failure keeps the addresses found last", async () => {
    scene.answer("one", ["10.0.0.1"]);
    scene.answer("two", ["10.0.0.2"]);
    await scene.refresher.start([cluster(["one", "two"])]);
    scene.answers.delete("one");
    scene.answer("two", ["10.0.0.3"]);
    await scene.pass(5_000);
    assert.deepEqual(scene.hosts.at(-1), ["10.0.0.1", "10.0.0.3"]);
    assert.ok(scene.counts.includes("a.update_failure"));
  });

  it("DnsRefresher: a name that is gone takes its addresses with it", async () => {
    scene.answer("one", ["10.0.0.1"]);
    await scene.refresher.start([cluster(["one"])]);
    scene.answer("one", []);
    await scene.pass(5_000);
    assert.deepEqual(scene.hosts.at(-1), []);
    assert.ok(scene.counts.includes("a.update_empty"));
  });

  const ttls: readonly { name: string; ttlMs: number | null; nextMs: number }[] = [
    { name: "the time to live", ttlMs: 20_000, nextMs: 20_000 },
    { name: "the refresh rate where there is none", ttlMs: null, nextMs: 5_000 },
    { name: "a second for a time to live of 0", ttlMs: 0, nextMs: 1_000 },
    { name: "24 days at most", ttlMs: 2 ** 31 * 1_000, nextMs: 2 ** 31 - 1 },
  ];
  for (const { name, ttlMs, nextMs } of ttls) {
    it(`DnsRefresher: respect_dns_ttl waits for ${name}`, async () => {
      scene.answer("one", ["10.0.0.1"], ttlMs);
      await scene.refresher.start([cluster(["one"], { respectsDnsTtl: true })]);
      await scene.pass(nextMs - 1);
      assert.equal(scene.questions.length, 1);
      await scene.pass(1);
      assert.equal(scene.questions.length, 2);
      assert.equal(scene.questions[0]?.wantsTtl, true);
    });
  }

  it("DnsRefresher: without respect_dns_ttl a time to live does not count", async () => {
    scene.answer("one", ["10.0.0.1"], 1_000);
    await scene.refresher.start([cluster(["one"])]);
    await scene.pass(1_000);
    assert.equal(scene.questions.length, 1);
    assert.equal(scene.questions[0]?.wantsTtl, false);
  });

  it("DnsRefresher: the start waits 5 seconds for names, and takes them later too", async () => {
    const late = Promise.withResolvers<Resolution>();
    const updates: number[] = [];
    const events = { onEndpoints: (index: number) => updates.push(index), onCount: () => {} };
    const log = new Log({ level: "off", format: undefined }).logger("dns");
    const refresher = new DnsRefresher(() => late.promise, events, log);
    let isStarted = false;
    const started = refresher.start([cluster(["one"])]).then(() => {
      isStarted = true;
    });
    await scene.pass(4_999);
    assert.equal(isStarted, false);
    await scene.pass(1);
    await started;
    late.resolve({ addresses: ["10.0.0.1"], ttlMs: null });
    await settle();
    assert.deepEqual(updates, [0]);
    refresher.stop();
  });

  it("DnsRefresher: late answers for clusters that were replaced are dropped", async () => {
    const late = Promise.withResolvers<Resolution>();
    const updates: number[] = [];
    const events = { onEndpoints: (index: number) => updates.push(index), onCount: () => {} };
    const log = new Log({ level: "off", format: undefined }).logger("dns");
    const refresher = new DnsRefresher(() => late.promise, events, log);
    void refresher.start([cluster(["one"])]);
    await refresher.start([]);
    late.resolve({ addresses: ["10.0.0.1"], ttlMs: null });
    await settle();
    assert.deepEqual(updates, []);
  });

  it("DnsRefresher: asks no more once it is stopped", async () => {
    scene.answer("one", ["10.0.0.1"]);
    await scene.refresher.start([cluster(["one"])]);
    scene.refresher.stop();
    await scene.pass(60_000);
    assert.equal(scene.questions.length, 1);
  });
});
