import assert from "node:assert/strict";
import type { Configuration } from "../../../../bench/config/configuration.ts";
import { renderNginx, renderNginxStream } from "../../../../bench/config/render-nginx.ts";

const SITE = {
  ...{ proxyPort: 10_001, adminPort: 10_002, backendPort: 10_003 },
  ...{ folder: "/run/bench", tlsFolder: "/run/tls" },
};
const PLAIN: Configuration = {
  template: "router",
  downstream: "http1",
  upstream: "http1",
  routeCount: 1,
  clusterCount: 1,
};

describe("bench/config/render-nginx", () => {
  const rows: { changes: Partial<Configuration>; has: RegExp; hasNot: RegExp }[] = [
    { changes: {}, has: /backlog=16384;/, hasNot: /ssl|http2|Upgrade|grpc/ },
    { changes: { downstream: "h2c" }, has: /backlog=16384 http2;/, hasNot: /ssl/ },
    {
      changes: { template: "tls", downstream: "tls-http1" },
      has: /16384 ssl;[\s\S]*ssl_certificate \/run\/tls\/server\.pem;/,
      hasNot: /http2/,
    },
    { changes: { template: "tls", downstream: "tls-h2" }, has: /ssl http2;/, hasNot: /grpc/ },
    {
      changes: { template: "websocket" },
      has: /Upgrade \$http_upgrade;/,
      hasNot: /Connection "";/,
    },
    {
      changes: { template: "h2-upstream", downstream: "h2c", upstream: "h2c" },
      has: /grpc_pass grpc:\/\/backend-0;/,
      hasNot: /proxy_pass/,
    },
  ];
  for (const { changes, has, hasNot } of rows) {
    it(`renderNginx: ${JSON.stringify(changes)}`, () => {
      const text = renderNginx({ ...PLAIN, ...changes }, SITE);
      assert.match(text, has);
      assert.doesNotMatch(text, hasNot);
    });
  }

  it("renderNginxStream: the module is loaded where it is not built in", () => {
    assert.match(
      renderNginxStream("/modules/stream.so", SITE),
      /^load_module \/modules\/stream.so;/,
    );
    assert.doesNotMatch(renderNginxStream(null, SITE), /load_module/);
  });
});
