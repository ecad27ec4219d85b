import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import { CLUSTER, problemsOf, sampleBootstrap, setAt } from "../sample-bootstrap.ts";

const NO_ROUND_ROBIN =
  "lb_policy: cluster: LB policy ROUND_ROBIN is not valid for Cluster type ORIGINAL_DST. " +
  "Only 'CLUSTER_PROVIDED' is allowed with cluster type 'ORIGINAL_DST'";
const NO_ENDPOINTS =
  "load_assignment: ORIGINAL_DST clusters must have no load assignment configured";
const NOT_PROVIDED =
  "lb_policy: cluster manager: cluster provided LB specified but cluster 'a' did not provide one";
const NO_HEADER =
  "original_dst_lb_config.http_header_name: ORIGINAL_DST cluster: invalid config " +
  "http_header_name=x-to and use_http_header is false. " +
  "Set use_http_header to true if http_header_name is desired";

const rows: readonly [name: string, fields: JsonObject, want: readonly string[]][] = [
  ["ORIGINAL_DST", { type: "ORIGINAL_DST", lb_policy: "CLUSTER_PROVIDED" }, []],
  ["ORIGINAL_DST that balances", { type: "ORIGINAL_DST" }, [NO_ROUND_ROBIN]],
  [
    "ORIGINAL_DST with endpoints, though none",
    { type: "ORIGINAL_DST", lb_policy: "CLUSTER_PROVIDED", load_assignment: { cluster_name: "a" } },
    [NO_ENDPOINTS],
  ],
  ["STATIC that provides", { lb_policy: "CLUSTER_PROVIDED" }, [NOT_PROVIDED]],
  [
    "STRICT_DNS that provides",
    { type: "STRICT_DNS", lb_policy: "CLUSTER_PROVIDED" },
    [NOT_PROVIDED],
  ],
  [
    "a header that is read",
    {
      type: "ORIGINAL_DST",
      lb_policy: "CLUSTER_PROVIDED",
      original_dst_lb_config: { use_http_header: true, http_header_name: "x-to" },
    },
    [],
  ],
  [
    "a header that is not read",
    {
      type: "ORIGINAL_DST",
      lb_policy: "CLUSTER_PROVIDED",
      original_dst_lb_config: { http_header_name: "x-to" },
    },
    [NO_HEADER],
  ],
];

describe("checkOriginalDst", () => {
  for (const [name, fields, want] of rows) {
    it(`checkOriginalDst: ${name}`, () => {
      const bootstrap = sampleBootstrap();
      setAt(bootstrap, CLUSTER, { name: "a", ...fields });
      assert.deepEqual(
        problemsOf(bootstrap),
        want.map((each) => `${CLUSTER}.${each}`),
      );
    });
  }
});
