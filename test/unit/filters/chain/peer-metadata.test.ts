import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import type { Part } from "../../../support/proxy-sketch.ts";
import {
  BY_BAGGAGE,
  BY_HEADERS,
  clientOf,
  metadata,
  NODE,
  OWN_BAGGAGE,
  peerFilter,
  send,
  shows,
} from "../peer/peer-exchange.ts";

describe("peer_metadata, order", () => {
  const both =
    `baggage: k8s.namespace.name=by-baggage\r\n` +
    `x-envoy-peer-metadata: ${metadata({ NAMESPACE: "by-header" })}\r\n`;
  const format = "%FILTER_STATE(downstream_peer_obj:FIELD:namespace)%";
  const BAGGAGE = { baggage: {} };
  const HEADERS = { istio_headers: {} };
  const ADDRESS = { workload_discovery: {} };
  const rows: readonly (readonly [readonly Part[], string, string])[] = [
    [[BAGGAGE, HEADERS], both, "by-baggage"],
    [[HEADERS, BAGGAGE], both, "by-header"],
    [[ADDRESS, HEADERS, BAGGAGE, HEADERS], both, "by-header"],
    [[BAGGAGE, HEADERS], both.replace("k8s.", "x."), "by-header"],
    [[HEADERS, BAGGAGE], both.replace("metadata: ", "metadata: %"), "by-baggage"],
    [[ADDRESS], both, ""],
    [[], both, ""],
  ];
  for (const [methods, request, want] of rows) {
    const names = methods.flatMap((method) => Object.keys(method)).join();
    it(`downstream_discovery: ${names || "none"} finds ${want || "nobody"}`, () => {
      assert.equal(clientOf({ downstream_discovery: methods }, request, format), want);
    });
  }

  it("order: who is known already stays", () => {
    const filters = [
      peerFilter(BY_BAGGAGE, { name: "first" }),
      peerFilter(BY_HEADERS, { name: "second" }),
      shows("request", { "x-peer": format }),
    ];
    assert.equal(send(filters, { request: both }).request["x-peer"], "by-baggage");
  });

  it("upstream_filter_state: is refused with its path", () => {
    const method = { upstream_filter_state: { peer_metadata_key: "upstream_peer" } };
    assert.throws(
      () => send([peerFilter({ upstream_discovery: [method] })], {}),
      /upstream_discovery\[0\]\.upstream_filter_state: .*not implemented/,
    );
  });

  it("disabled: a filter that is off knows nobody", () => {
    const filters = [peerFilter(BY_BAGGAGE, { disabled: true }), shows("request", { x: format })];
    assert.equal(send(filters, { request: both }).request.x, "");
  });
});

describe("peer_metadata, propagation", () => {
  const OWN = {
    NAME: "waypoint-x",
    NAMESPACE: "shop",
    CLUSTER_ID: "Kubernetes",
    WORKLOAD_NAME: "waypoint",
    OWNER: "kubernetes://apis/apps/v1/namespaces/shop/deployments/waypoint",
    LABELS: { "service.istio.io/canonical-name": "waypoint" },
  };

  function told(headers: Readonly<Record<string, string>>): readonly unknown[] {
    return [headers["x-envoy-peer-metadata-id"], headers["x-envoy-peer-metadata"]];
  }

  const EXTERNAL = { metadata: { filter_metadata: { istio: { external: true } } } };
  const DISABLED = { metadata: { filter_metadata: { istio: { disable_mx: true } } } };
  const TOLD = [NODE.id, metadata(sorted(OWN))];
  const SILENT = [undefined, undefined];
  const skips = { istio_headers: { skip_external_clusters: true } };
  const rows: readonly (readonly [string, readonly Part[], Part, readonly unknown[]])[] = [
    ["says who this is", [{ istio_headers: {} }], {}, TOLD],
    ["says so outside the mesh, too", [{ istio_headers: {} }], EXTERNAL, TOLD],
    ["skips what is outside", [skips], EXTERNAL, SILENT],
    ["skips nothing inside", [skips], {}, TOLD],
    ["one that does not skip is enough", [skips, { istio_headers: {} }], EXTERNAL, TOLD],
    ["never where the cluster says so", [{ istio_headers: {} }], DISABLED, SILENT],
    ["not without it", [], {}, SILENT],
  ];
  for (const [name, methods, cluster, want] of rows) {
    it(`upstream_propagation: ${name}`, () => {
      const filters = [peerFilter({ upstream_propagation: methods })];
      assert.deepEqual(told(send(filters, { cluster }).request), want);
    });

    it(`downstream_propagation: ${name}`, () => {
      const config = { ...BY_HEADERS, downstream_propagation: methods };
      const request = "x-envoy-peer-metadata: a\r\nx-envoy-peer-metadata-id: b\r\n";
      const { response } = send([peerFilter(config)], { cluster, request });
      assert.deepEqual(told(response), want);
    });
  }

  it("downstream_propagation: tells only what the client told, too", () => {
    const config = { ...BY_HEADERS, downstream_propagation: [{ istio_headers: {} }] };
    const ask = (request: string): readonly unknown[] =>
      told(send([peerFilter(config)], { request }).response);
    assert.deepEqual(ask(""), SILENT);
    assert.deepEqual(ask("x-envoy-peer-metadata-id: b\r\n"), [NODE.id, undefined]);
    assert.deepEqual(ask("x-envoy-peer-metadata: b\r\n"), [undefined, TOLD[1]]);
  });

  it("upstream_propagation: replaces what the client said", () => {
    const config = { upstream_propagation: [{ istio_headers: {} }, { baggage: {} }] };
    const request =
      "x-envoy-peer-metadata: a\r\nx-envoy-peer-metadata: b\r\n" +
      "x-envoy-peer-metadata-id: c\r\nbaggage: d=e\r\n";
    const sent = send([peerFilter(config)], { request });
    assert.deepEqual(told(sent.request), TOLD);
    assert.equal(sent.request.baggage, OWN_BAGGAGE);
    assert.equal("baggage" in sent.response, false);
  });

  it("additional_labels: are told, too", () => {
    const config = {
      upstream_propagation: [{ istio_headers: {} }],
      additional_labels: ["role"],
    };
    const LABELS = { ...OWN.LABELS, role: "gate" };
    const [, found] = told(send([peerFilter(config)], {}).request);
    assert.equal(found, metadata(sorted({ ...OWN, LABELS: sorted(LABELS) })));
  });

  it("downstream_propagation: baggage goes with every answer", () => {
    const filters = [peerFilter({ downstream_propagation: [{ baggage: {} }] })];
    const sent = send(filters, { response: "baggage: a=b\r\n" });
    assert.equal(sent.response.baggage, OWN_BAGGAGE);
    assert.equal("baggage" in sent.request, false);
  });
});

function sorted(json: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1)));
}
