import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import { ROUTE_CLUSTER, ROUTE_NO_CLUSTER } from "../../../../api/engine/route-image.ts";
import { buildImage, RouteEngine, type TestRequest } from "./route-engine.ts";

function routeTo(route: JsonObject, settings: JsonObject = {}): JsonObject {
  const routes = [{ match: { prefix: "/" }, route }];
  return { name: "r", virtualHosts: [{ name: "all", domains: ["*"], routes }], ...settings };
}

describe("selectRoute, clusters", () => {
  let engine: RouteEngine;

  before(async function () {
    this.timeout(120_000);
    engine = await RouteEngine.open();
  });

  function clusterFor(request: TestRequest): string | null {
    return engine.select(request).cluster;
  }

  it("cluster_header: the header names the cluster, the first one if there are several", () => {
    engine.load(buildImage(routeTo({ clusterHeader: "X-Cluster" })));
    assert.equal(clusterFor({ headers: [["x-cluster", "beta"]] }), "beta");
    const several: [string, string][] = [
      ["x-cluster", "gamma"],
      ["x-cluster", "beta"],
    ];
    assert.equal(clusterFor({ headers: several }), "gamma");
  });

  it("cluster_header: a missing header or an unknown cluster gives 503", () => {
    engine.load(buildImage(routeTo({ clusterHeader: "x-cluster" })));
    const missing: [string, string][][] = [[], [["x-cluster", "BETA"]], [["x-cluster", ""]]];
    for (const headers of missing) {
      const { result, status, cluster } = engine.select({ headers });
      assert.deepEqual([result, status, cluster], [ROUTE_NO_CLUSTER, 503, null]);
    }
  });

  it("cluster_not_found_response_code: says with what a missing cluster is answered", () => {
    const code = { clusterHeader: "x", clusterNotFoundResponseCode: "NOT_FOUND" };
    engine.load(buildImage(routeTo(code)));
    assert.equal(engine.select({}).status, 404);
    const route = { cluster: "none", clusterNotFoundResponseCode: "INTERNAL_SERVER_ERROR" };
    engine.load(buildImage(routeTo(route, { validateClusters: false })));
    assert.deepEqual([engine.select({}).result, engine.select({}).status], [ROUTE_NO_CLUSTER, 500]);
  });

  it("weighted_clusters: the random number picks by weight, in order", () => {
    const clusters = [
      { name: "alpha", weight: 2 },
      { name: "beta", weight: 0 },
      { name: "gamma", weight: 3 },
    ];
    engine.load(buildImage(routeTo({ weightedClusters: { clusters } })));
    const found = [0n, 1n, 2n, 4n, 5n, 2n ** 64n - 1n].map((random) => clusterFor({ random }));
    // 2^64 - 1 is 0 modulo 5.
    assert.deepEqual(found, ["alpha", "alpha", "gamma", "gamma", "alpha", "alpha"]);
  });

  it("weighted_clusters: a header may have the number instead", () => {
    const clusters = [
      { name: "alpha", weight: 1 },
      { name: "beta", weight: 1 },
    ];
    engine.load(buildImage(routeTo({ weightedClusters: { clusters, headerName: "x-dice" } })));
    const rolled = (...values: string[]) =>
      clusterFor({ random: 0n, headers: values.map((value) => ["x-dice", value]) });
    assert.equal(rolled("7"), "beta");
    assert.equal(rolled("18446744073709551615"), "beta");
    // What is no number, too large or ambiguous counts for nothing.
    assert.equal(rolled("18446744073709551617"), "alpha");
    assert.equal(rolled("-7"), "alpha");
    assert.equal(rolled("7", "7"), "alpha");
    assert.equal(rolled(), "alpha");
  });

  it("weighted_clusters: an entry may take its cluster from a header", () => {
    const clusters = [{ clusterHeader: "x-cluster", weight: 1 }];
    engine.load(buildImage(routeTo({ weightedClusters: { clusters } })));
    assert.equal(clusterFor({ headers: [["x-cluster", "beta"]] }), "beta");
    assert.equal(engine.select({}).result, ROUTE_NO_CLUSTER);
  });

  it("non_forwarding_action: a request that the router sees gets 503", () => {
    const routes = [{ match: { prefix: "/" }, nonForwardingAction: {} }];
    engine.load(buildImage({ virtualHosts: [{ name: "all", domains: ["*"], routes }] }));
    const { result, status } = engine.select({});
    assert.deepEqual([result, status], [ROUTE_NO_CLUSTER, 503]);
  });

  it("selectRoute: nothing of an earlier choice is left on the stream", () => {
    engine.load(buildImage(routeTo({ clusterHeader: "x-cluster" })));
    assert.equal(engine.select({ headers: [["x-cluster", "beta"]] }).result, ROUTE_CLUSTER);
    assert.equal(engine.select({}).cluster, null);
  });
});
