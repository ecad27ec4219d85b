import assert from "node:assert/strict";
import { HOST, problemsOf, type Row, sampleBootstrap, setAt, typeUrl } from "./sample-bootstrap.ts";

const ROUTE = `${HOST}.routes[0]`;

/** What mirrors and internal redirects may not say, in Envoy's words. */
const refused: Row[] = [
  {
    name: "a mirror of an unknown cluster",
    at: `${ROUTE}.route.request_mirror_policies`,
    value: [{ cluster: "c" }, {}],
    want: [
      `${ROUTE}.route.request_mirror_policies[0].cluster: route: unknown shadow cluster 'c'`,
      `${ROUTE}.route.request_mirror_policies[1]: Exactly one of cluster or cluster_header ` +
        "in request mirror policy need to be specified",
    ],
  },
  {
    name: "headers of a redirect that would decide where it leads",
    at: `${ROUTE}.route.internal_redirect_policy`,
    value: { response_headers_to_copy: ["x-a", "Host", ":path"] },
    want: ["[1]", "[2]"].map((item) => {
      const at = `${ROUTE}.route.internal_redirect_policy.response_headers_to_copy${item}`;
      return `${at}: :-prefixed headers or Hosts may not be specified here.`;
    }),
  },
  {
    name: "more statuses of a redirect than there are",
    at: `${ROUTE}.route.internal_redirect_policy.redirect_response_codes`,
    value: [301, 302, 303, 307, 308, 301],
    want: [
      `${ROUTE}.route.internal_redirect_policy.redirect_response_codes: ` +
        "value must contain no more than 5 item(s)",
    ],
  },
  {
    name: "a predicate that is none",
    at: `${ROUTE}.route.internal_redirect_policy.predicates`,
    value: [
      {
        name: "a",
        typed_config: { "@type": typeUrl("envoy.extensions.filters.http.router.v3.Router") },
      },
    ],
    want: [
      `${ROUTE}.route.internal_redirect_policy.predicates[0].typed_config: ` +
        '"type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" is not implemented',
    ],
  },
];

describe("bootstrap, policies of routes", () => {
  for (const { name, at, value, want } of refused) {
    it(`parseBootstrap: ${name} is refused`, () => {
      const bootstrap = sampleBootstrap();
      setAt(bootstrap, at, value);
      assert.deepEqual(problemsOf(bootstrap), want);
    });
  }
});
