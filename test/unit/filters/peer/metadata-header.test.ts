import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import {
  any,
  BY_HEADERS,
  clientOf,
  metadata,
  NOBODY,
  peerFilter,
  send,
  upstreamOf,
} from "./peer-exchange.ts";

describe("peer_metadata, istio_headers", () => {
  const WORKLOAD = {
    NAME: "reviews-v1-x",
    NAMESPACE: "shop",
    CLUSTER_ID: "c1",
    IDENTITY: "spiffe://a/ns/shop/sa/r",
    REGION: "eu",
    AVAILABILITY_ZONE: "eu-1",
    WORKLOAD_NAME: "reviews-v1",
    OWNER: "kubernetes://apis/apps/v1/namespaces/shop/deployments/reviews-v1",
    LABELS: {
      "service.istio.io/canonical-name": "reviews",
      "service.istio.io/canonical-revision": "v1",
      app: "books",
      version: "2",
      role: "api",
      tier: "back",
    },
    INSTANCE_IPS: "10.0.0.1",
    PLATFORM: { deep: { deeper: [1, true, null] } },
  };
  const OBJECT = {
    type: "deployment",
    workload: "reviews-v1",
    name: "reviews-v1-x",
    cluster: "c1",
    namespace: "shop",
    service: "reviews",
    revision: "v1",
    app: "books",
    version: "2",
    region: "eu",
    availability_zone: "eu-1",
    identity: "spiffe://a/ns/shop/sa/r",
  };
  const PAIRS =
    "type=deployment,workload=reviews-v1,name=reviews-v1-x,cluster=c1,namespace=shop," +
    "service=reviews,revision=v1,app=books,version=2,region=eu,availability_zone=eu-1";

  const header = (json: JsonObject): string => `x-envoy-peer-metadata: ${metadata(json)}\r\n`;

  it("istio_headers: all that it tells", () => {
    assert.equal(clientOf(BY_HEADERS, header(WORKLOAD)), `${PAIRS} | ${any(OBJECT)}`);
  });

  it("istio_headers: padding may be left out", () => {
    for (const name of ["a", "ab", "abc"]) {
      const text = metadata({ NAME: name }).replaceAll("=", "");
      const found = clientOf(BY_HEADERS, `x-envoy-peer-metadata: ${text}\r\n`);
      assert.equal(found, `name=${name} | ${any({ name })}`);
    }
  });

  it("additional_labels: those that are asked for are kept, in that order", () => {
    const config = { ...BY_HEADERS, additional_labels: ["tier", "none", "role", "tier", "app"] };
    const labels = { tier: "back", role: "api" };
    assert.equal(
      clientOf(config, header(WORKLOAD)),
      `${PAIRS},labels[]tier=back,labels[]role=api | ${any({ ...OBJECT, labels })}`,
    );
  });

  it("additional_labels: 64 are kept", () => {
    const names = Array.from({ length: 64 }, (_, place) => `l${place}`);
    const LABELS = Object.fromEntries(names.map((name) => [name, "x"]));
    const found = clientOf({ ...BY_HEADERS, additional_labels: names }, header({ LABELS }));
    assert.equal(found.split(" | ")[0], names.map((name) => `labels[]${name}=x`).join());
  });

  const parts: readonly (readonly [string, JsonObject, string])[] = [
    [
      "qualified labels come first",
      { LABELS: { app: "a", "app.kubernetes.io/name": "b", version: "1" } },
      "app=b,version=1",
    ],
    [
      "whatever the order",
      { LABELS: { "app.kubernetes.io/version": "2", version: "1" } },
      "version=2",
    ],
    [
      "an owner of another kind",
      { WORKLOAD_NAME: "a", OWNER: "kubernetes://apis/apps/v1/namespaces/b/statefulsets/a" },
      "workload=a",
    ],
    [
      "an owner that is too short",
      { WORKLOAD_NAME: "deployment", OWNER: "jobs/x" },
      "workload=deployment",
    ],
    ["an owner without a workload", { NAME: "a", OWNER: "x/pods/" }, "type=pod,name=a"],
    ["numbers are no texts", { NAME: 1, NAMESPACE: "b" }, "namespace=b"],
    ["a line feed makes a text none", { NAME: "a\nb", NAMESPACE: "b" }, "namespace=b"],
    ["other characters than ASCII", { NAME: "größe" }, "name=größe"],
  ];
  for (const [name, json, pairs] of parts) {
    it(`istio_headers: ${name}`, () => {
      const format = "%FILTER_STATE(downstream_peer:PLAIN)%";
      const found = Buffer.from(clientOf(BY_HEADERS, header(json), format), "latin1");
      assert.equal(found.toString(), pairs);
    });
  }

  const strangers: readonly (readonly [string, string])[] = [
    ["no base64", "%%%%"],
    ["base64 that ends in a group of one", "CgkKB"],
    ["an empty header", ""],
    ["nothing known", metadata({ INSTANCE_IPS: "10.0.0.1" })],
    ["a length that lies", Buffer.of(0x0a, 9, 0x0a, 1, 65).toString("base64")],
    ["a group of Protobuf", Buffer.of(0x0b, 0x0c).toString("base64")],
    ["a number without an end", Buffer.alloc(11, 0xff).toString("base64")],
    ["a field of number 0", Buffer.of(0x02, 0).toString("base64")],
  ];
  for (const [name, text] of strangers) {
    it(`istio_headers: ${name} tells nothing`, () => {
      assert.equal(clientOf(BY_HEADERS, `x-envoy-peer-metadata: ${text}\r\n`), NOBODY);
    });
  }

  it("istio_headers: 16,384 bytes are read, and four more are not", () => {
    const fill = (bytes: number): string => metadata({ NAME: "a", X: "x".repeat(bytes) });
    let size = 12_000;
    while (fill(size).length < 16_384) size++;
    assert.equal(fill(size).length, 16_384);
    assert.match(clientOf(BY_HEADERS, `x-envoy-peer-metadata: ${fill(size)}\r\n`), /^name=a /);
    while (fill(size).length === 16_384) size++;
    assert.equal(fill(size).length, 16_388);
    assert.equal(clientOf(BY_HEADERS, `x-envoy-peer-metadata: ${fill(size)}\r\n`), NOBODY);
  });

  it("istio_headers: 256 entries are read, and one more is not", () => {
    const entries = (count: number): JsonObject => ({
      ...Object.fromEntries(Array.from({ length: count - 1 }, (_, place) => [`x${place}`, ""])),
      NAME: "a",
    });
    assert.match(clientOf(BY_HEADERS, header(entries(256))), /^name=a /);
    assert.equal(clientOf(BY_HEADERS, header(entries(257))), NOBODY);
    const labels = (count: number): JsonObject => ({ NAME: "a", LABELS: entries(count) });
    assert.match(clientOf(BY_HEADERS, header(labels(256))), /^name=a /);
    assert.equal(clientOf(BY_HEADERS, header(labels(257))), NOBODY);
  });

  it("istio_headers: both headers are taken off, known or not", () => {
    const config = { ...BY_HEADERS, upstream_discovery: [{ istio_headers: {} }] };
    const both = "x-envoy-peer-metadata: %\r\nX-Envoy-Peer-Metadata-Id: a\r\nx-other: 1\r\n";
    for (const filters of [[peerFilter(config)], []]) {
      const sent = send(filters, { request: both, response: both });
      for (const headers of [sent.request, sent.response]) {
        const isThere = filters.length === 0;
        assert.equal("x-envoy-peer-metadata" in headers, isThere);
        assert.equal("x-envoy-peer-metadata-id" in headers, isThere);
        assert.equal(headers["x-other"], "1");
      }
    }
  });

  it("upstream_discovery: an answer tells of the upstream", () => {
    const config = { upstream_discovery: [{ istio_headers: {} }] };
    assert.equal(upstreamOf(config, header({ NAME: "a" })), `name=a | ${any({ name: "a" })}`);
  });
});
