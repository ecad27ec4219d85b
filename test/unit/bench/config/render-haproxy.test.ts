import assert from "node:assert/strict";
import type { Configuration } from "../../../../bench/config/configuration.ts";
import { renderHaproxy } from "../../../../bench/config/render-haproxy.ts";

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

describe("bench/config/render-haproxy", () => {
  const rows: { changes: Partial<Configuration>; has: RegExp; hasNot: RegExp }[] = [
    { changes: {}, has: /mode http\n/, hasNot: /ssl|proto h2/ },
    { changes: { downstream: "h2c" }, has: /bind .* proto h2\n/, hasNot: /server .* proto h2/ },
    {
      changes: { template: "h2-upstream", downstream: "h2c", upstream: "h2c" },
      has: /server one 127\.0\.0\.1:10003 proto h2\n/,
      hasNot: /ssl/,
    },
    {
      changes: { template: "tls", downstream: "tls-http1" },
      has: /bind .* ssl crt \/run\/tls\/server-pair\.pem alpn h2,http\/1\.1/,
      hasNot: /proto h2/,
    },
    { changes: { template: "tcp" }, has: /mode tcp\n/, hasNot: /mode http|http-reuse/ },
  ];
  for (const { changes, has, hasNot } of rows) {
    it(`renderHaproxy: ${JSON.stringify(changes)}`, () => {
      const { configuration: text } = renderHaproxy({ ...PLAIN, ...changes }, SITE);
      assert.match(text, has);
      assert.doesNotMatch(text, hasNot);
    });
  }
});
