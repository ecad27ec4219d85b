import assert from "node:assert/strict";
import {
  any,
  BY_BAGGAGE,
  clientOf,
  formsOf,
  peerFilter,
  send,
  shows,
  TYPES,
} from "../../peer/peer-exchange.ts";

describe("peer_metadata, formats", () => {
  const header = "baggage: k8s.deployment.name=a,k8s.namespace.name=b\r\n";
  const rows: readonly (readonly [string, string])[] = [
    ["downstream_peer", any({ type: "deployment", workload: "a", namespace: "b" })],
    ["downstream_peer_obj", '{"type":"deployment","workload":"a","namespace":"b"}'],
    ["downstream_peer_obj:TYPED", '{"type":"deployment","workload":"a","namespace":"b"}'],
    ["downstream_peer_obj:PLAIN", "type=deployment,workload=a,namespace=b"],
    ["downstream_peer:FIELD:workload", "a"],
    ["downstream_peer_obj:FIELD:namespace", "b"],
    ["downstream_peer_obj:FIELD:type", "deployment"],
    ["downstream_peer_obj:FIELD:availability_zone", ""],
    ["downstream_peer_obj:FIELD:identity", ""],
    ["downstream_peer_obj:FIELD:none", ""],
    ["upstream_peer", ""],
    ["upstream_peer_obj:PLAIN", ""],
    ["upstream_peer_obj:FIELD:workload", ""],
  ];
  for (const [parameters, want] of rows) {
    it(`FILTER_STATE: ${parameters} is ${want || "nothing"}`, () => {
      assert.equal(clientOf(BY_BAGGAGE, header, `%FILTER_STATE(${parameters})%`), want);
    });
  }

  it("FILTER_STATE: a limit shortens what is found", () => {
    assert.equal(clientOf(BY_BAGGAGE, header, "%FILTER_STATE(downstream_peer:PLAIN):6%"), "type=d");
  });

  it("FILTER_STATE: the type of a workload without one is unknown", () => {
    const found = clientOf(
      BY_BAGGAGE,
      "baggage: app.name=a\r\n",
      "%FILTER_STATE(downstream_peer_obj:FIELD:type)%",
    );
    assert.equal(found, "unknown");
  });

  it("FILTER_STATE: a text that was set under the name is a text", () => {
    const sets = {
      name: "sets",
      typed_config: {
        "@type": `${TYPES}.set_filter_state.v3.Config`,
        on_request_headers: [
          {
            object_key: "downstream_peer",
            factory_key: "envoy.string",
            format_string: { text_format_source: { inline_string: "me" } },
          },
        ],
      },
    };
    const format = `${formsOf("downstream_peer")} | %FILTER_STATE(downstream_peer:FIELD:app)%`;
    const filters = [sets, peerFilter(BY_BAGGAGE), shows("request", { x: format })];
    assert.equal(send(filters, { request: header }).request.x, 'me | "me" | ');
  });
});
