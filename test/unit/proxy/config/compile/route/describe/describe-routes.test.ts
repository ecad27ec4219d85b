import assert from "node:assert/strict";
import { describeRouteConfiguration } from "../../../../../../../proxy/config/compile/route/describe/describe-routes.ts";
import { compileSample, FULL_SAMPLE } from "../sample-context.ts";

const WANT = [
  'routes "full" flags=8',
  "  request headers: 1 to add, 0 to remove",
  "  response headers: 0 to add, 1 to remove",
  '  virtual host "shop" flags=1 tls=1 domains=*.shop.example,shop.*,shop.example',
  '    route "item" path "/item" flags=64 headers=1 queries=1 fraction=1/10000',
  '      forward to cluster 1 timeout=1000 idle=2000 path=1:"/i" host=0:"" mirrors=0 flags=0',
  '    route "split" prefix "/split" flags=0 headers=0 queries=0 fraction=0/0',
  '      forward to clusters 0×1 1×3 by header "x-dice" timeout=15000 idle=-1 path=0:"" ' +
    'host=1:"new.example" mirrors=1 flags=0 redirects=1:01001',
  '    route "old" prefix "/old/" flags=0 headers=0 queries=0 fraction=0/0',
  '      redirect 301 to "" "new.example" ":8443" "/"',
  '    route "answer" separated prefix "/health" flags=1 headers=0 queries=0 fraction=0/0',
  "      respond 200 with 2 bytes",
  '    route "header" prefix "/" flags=0 headers=0 queries=0 fraction=0/0',
  '      forward to the cluster in header "x-cluster" timeout=15000 idle=-1 path=0:"" ' +
    'host=0:"" mirrors=0 flags=0',
  '    path "" prefix=[0 1 2 3 4] exact=[0 1 2 3 4]',
  '  virtual host "rest" flags=0 tls=0 domains=*',
  '    route "" prefix "/" flags=0 headers=0 queries=0 fraction=0/0',
  "      do not forward",
  '    path "" prefix=[0] exact=[0]',
];

describe("describeRouteConfiguration", () => {
  it("describeRouteConfiguration: has a line for each record", () => {
    const { view, offset } = compileSample(FULL_SAMPLE);
    assert.deepEqual(describeRouteConfiguration(view, offset), WANT);
  });

  it("describeRouteConfiguration: has the candidates of each path", () => {
    const paths = ["/", "/a", "/a/b", "/c", "/d", "/e", "/f", "/g", "/h"];
    const routes = paths.map((prefix) => ({ match: { prefix }, nonForwardingAction: {} }));
    const exact = { match: { path: "/a" }, nonForwardingAction: {} };
    const virtualHosts = [{ name: "all", domains: ["*"], routes: [exact, ...routes] }];
    const { view, offset } = compileSample({ name: "r", virtualHosts });
    const lines = describeRouteConfiguration(view, offset);
    const found = lines.filter((line) => line.startsWith("    path")).slice(0, 4);
    assert.deepEqual(found, [
      '    path "" prefix=[] exact=[]',
      '    path "/" prefix=[1] exact=[1]',
      '    path "/a" prefix=[1 2] exact=[0 1 2]',
      '    path "/a/b" prefix=[1 2 3] exact=[1 2 3]',
    ]);
  });
});
