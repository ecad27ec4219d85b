import assert from "node:assert/strict";
import { parse } from "yaml";
import { renderEnvoy } from "../../../../bench/config/render-envoy.ts";

const SITE = {
  ...{ proxyPort: 10_001, adminPort: 10_002, backendPort: 10_003 },
  ...{ folder: "/run/bench", tlsFolder: "/run/tls" },
};
const PLAIN = { downstream: "http1", upstream: "http1" } as const;

describe("bench/config/render-envoy", () => {
  it("renderEnvoy: the ports and the log's path are filled in", () => {
    const configuration = {
      ...PLAIN,
      template: "access-log",
      routeCount: 1,
      clusterCount: 1,
    } as const;
    const text = renderEnvoy(configuration, SITE);
    assert.doesNotMatch(text, /: (PROXY_PORT|ADMIN_PORT|BACKEND_PORT|ACCESS_LOG)/);
    const { admin } = parse(text);
    assert.equal(admin.address.socket_address.port_value, 10_002);
    assert.match(text, /path: \/run\/bench\/access\.log/);
  });

  it("renderEnvoy: routes go to the clusters in turn", () => {
    const configuration = { ...PLAIN, template: "router", routeCount: 5, clusterCount: 2 } as const;
    const { static_resources: resources } = parse(renderEnvoy(configuration, SITE));
    const manager = resources.listeners[0].filter_chains[0].filters[0].typed_config;
    const { routes } = manager.route_config.virtual_hosts[0];
    assert.equal(routes.length, 5);
    assert.deepEqual(routes[3], {
      match: { prefix: "/route-00003/" },
      route: { cluster: "backend-1" },
    });
    assert.deepEqual(
      resources.clusters.map((cluster: { name: string }) => cluster.name),
      ["backend-0", "backend-1"],
    );
  });
});
