import assert from "node:assert/strict";
import { fromBinary, fromJson, type JsonObject, toJson } from "@bufbuild/protobuf";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import { NodeSchema } from "../../../../../../api/gen/envoy/config/core/v3/base_pb.js";
import {
  ownWorkload,
  toBaggage,
  toMetadataHeader,
} from "../../../../../../proxy/config/compile/peer/own-workload.ts";

const APPS = "kubernetes://apis/apps/v1/namespaces/shop";
const FULL: JsonObject = {
  metadata: {
    NAME: "web-1-x",
    NAMESPACE: "shop",
    CLUSTER_ID: "c1",
    IDENTITY: "spiffe://a/ns/shop/sa/web",
    WORKLOAD_NAME: "web-1",
    OWNER: `${APPS}/deployments/web-1`,
    LABELS: {
      "service.istio.io/canonical-name": "web",
      "service.istio.io/canonical-revision": "v1",
      app: "front",
      version: "2",
      role: "api",
    },
    OTHER: "x",
  },
  locality: { region: "eu", zone: "eu-1" },
};

function labels(of: JsonObject): JsonObject {
  return { metadata: { LABELS: of } };
}

const rows: readonly {
  readonly name: string;
  readonly node: JsonObject;
  readonly baggage: string;
  readonly metadata: JsonObject;
}[] = [
  {
    name: "all of it",
    node: FULL,
    baggage:
      "k8s.deployment.name=web-1,service.name=web,app.name=front,service.version=v1," +
      "app.version=2,k8s.namespace.name=shop,k8s.cluster.name=c1,k8s.instance.name=web-1-x," +
      "cloud.region=eu,cloud.availability_zone=eu-1",
    metadata: {
      NAME: "web-1-x",
      NAMESPACE: "shop",
      CLUSTER_ID: "c1",
      IDENTITY: "spiffe://a/ns/shop/sa/web",
      WORKLOAD_NAME: "web-1",
      OWNER: `${APPS}/deployments/web-1`,
      LABELS: {
        "service.istio.io/canonical-name": "web",
        "service.istio.io/canonical-revision": "v1",
        app: "front",
        version: "2",
        role: "api",
      },
      REGION: "eu",
      AVAILABILITY_ZONE: "eu-1",
    },
  },
  { name: "nothing", node: {}, baggage: "", metadata: { LABELS: {} } },
  {
    name: "the metadata's own place comes before that of the node",
    node: { metadata: { REGION: "us", AVAILABILITY_ZONE: "us-1" }, locality: { region: "eu" } },
    baggage: "cloud.region=us,cloud.availability_zone=us-1",
    metadata: { REGION: "us", AVAILABILITY_ZONE: "us-1", LABELS: {} },
  },
  {
    name: "an application is a service, and is named once",
    node: labels({ app: "a", version: "1" }),
    baggage: "service.name=a,service.version=1",
    metadata: { LABELS: { app: "a", version: "1" } },
  },
  {
    name: "qualified labels come first",
    node: labels({
      app: "a",
      "app.kubernetes.io/name": "b",
      version: "1",
      "app.kubernetes.io/version": "2",
    }),
    baggage: "service.name=b,service.version=2",
    metadata: { LABELS: { app: "b", version: "2" } },
  },
  {
    name: "a workload of no known kind is called a pod",
    node: { metadata: { WORKLOAD_NAME: "db", OWNER: `${APPS}/statefulsets/db` } },
    baggage: "k8s.pod.name=db",
    metadata: { WORKLOAD_NAME: "db", LABELS: {} },
  },
  {
    name: "what is no text is not there",
    node: { metadata: { NAME: 1, LABELS: ["a"], NAMESPACE: null } },
    baggage: "",
    metadata: { LABELS: {} },
  },
];

describe("own workload", () => {
  for (const { name, node, baggage, metadata } of rows) {
    it(`ownWorkload: ${name}`, () => {
      const own = ownWorkload(fromJson(NodeSchema, node), ["role", "app", "none"]);
      assert.equal(toBaggage(own), baggage);
      const bytes = Buffer.from(toMetadataHeader(own), "base64");
      assert.deepEqual(toJson(StructSchema, fromBinary(StructSchema, bytes)), metadata);
    });
  }

  it("ownWorkload: without a node nothing is known", () => {
    assert.equal(toBaggage(ownWorkload(undefined, [])), "");
  });

  it("toMetadataHeader: members are in the order of their names", () => {
    const { metadata } = FULL;
    assert.ok(typeof metadata === "object" && metadata !== null && !Array.isArray(metadata));
    const reversed = Object.fromEntries(Object.entries(metadata).reverse());
    const texts = [metadata, reversed].map((each) =>
      toMetadataHeader(ownWorkload(fromJson(NodeSchema, { metadata: each }), [])),
    );
    assert.equal(texts[0], texts[1]);
    const names = Buffer.from(texts[0], "base64")
      .toString("latin1")
      .match(/[A-Z_]{4,}/g);
    assert.deepEqual(names, [...(names ?? [])].sort());
  });
});
