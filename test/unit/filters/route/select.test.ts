import assert from "node:assert/strict";
import { ROUTE_CLUSTER, ROUTE_NONE } from "../../../../api/engine/route-image.ts";
import { buildImage, RouteEngine } from "./route-engine.ts";

describe("selectRoute", () => {
  let engine: RouteEngine;

  before(async function () {
    this.timeout(60_000);
    engine = await RouteEngine.open();
  });

  it("selectRoute: the first route whose prefix fits is taken", () => {
    engine.load(
      buildImage({
        name: "r",
        virtualHosts: [
          {
            name: "all",
            domains: ["*"],
            routes: [
              { name: "a", match: { prefix: "/a" }, route: { cluster: "alpha" } },
              { name: "b", match: { path: "/b" }, route: { cluster: "beta" } },
            ],
          },
        ],
      }),
    );
    const found = engine.select({ path: "/a/x?y" });
    assert.deepEqual(
      [found.result, found.route, found.cluster, found.timeoutMs],
      [ROUTE_CLUSTER, "a", "alpha", 15_000],
    );
    assert.equal(engine.select({ path: "/b?c" }).route, "b");
    assert.equal(engine.select({ path: "/bc" }).result, ROUTE_NONE);
  });
});
