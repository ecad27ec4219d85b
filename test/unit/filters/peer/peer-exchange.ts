import assert from "node:assert/strict";
import { fromJson, type JsonObject, toBinary } from "@bufbuild/protobuf";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import { EVENT_TO_DOWNSTREAM } from "../../../../api/engine/layout.ts";
import type { Part } from "../../../support/proxy-sketch.ts";
import { Exchange } from "../exchange.ts";

/** Type URLs of filters begin so. */
export const TYPES = "type.googleapis.com/envoy.extensions.filters.http";

/** Where headers say what the other end is: `pairs | JSON`. */
export const formsOf = (key: string): string =>
  ["PLAIN", "TYPED"].map((form) => `%FILTER_STATE(${key}:${form})%`).join(" | ");

/** Sets a header of what comes through the chain at its place. */
export function shows(
  direction: "request" | "response",
  texts: Readonly<Record<string, string>>,
): Part {
  const append_action = "OVERWRITE_IF_EXISTS_OR_ADD";
  const steps = Object.entries(texts).map(([key, value]) => {
    return { append: { header: { key, value }, append_action, keep_empty_value: true } };
  });
  const mutations = { [`${direction}_mutations`]: steps };
  const type = `${TYPES}.header_mutation.v3.HeaderMutation`;
  return { name: `shows ${direction}`, typed_config: { "@type": type, mutations } };
}

/** Istio's filter, as istiod writes it. */
export function peerFilter(config: Part, more: Part = {}): Part {
  const type_url = "type.googleapis.com/io.istio.http.peer_metadata.Config";
  const type = "type.googleapis.com/udpa.type.v1.TypedStruct";
  return { name: "peers", typed_config: { "@type": type, type_url, value: config }, ...more };
}

/** What ends a chain. */
export const ROUTER = { name: "router", typed_config: { "@type": `${TYPES}.router.v3.Router` } };

/** The node of the proxy. */
export const NODE = {
  id: "waypoint~10.0.0.1~waypoint-x~shop",
  metadata: {
    NAME: "waypoint-x",
    NAMESPACE: "shop",
    CLUSTER_ID: "Kubernetes",
    WORKLOAD_NAME: "waypoint",
    OWNER: "kubernetes://apis/apps/v1/namespaces/shop/deployments/waypoint",
    LABELS: { "service.istio.io/canonical-name": "waypoint", role: "gate" },
  },
};
/** What it says of itself as baggage. */
export const OWN_BAGGAGE =
  "k8s.deployment.name=waypoint,service.name=waypoint,k8s.namespace.name=shop," +
  "k8s.cluster.name=Kubernetes,k8s.instance.name=waypoint-x";

interface Sent {
  /** Headers that the upstream, or the client, gets: the first of each name. */
  readonly request: Readonly<Record<string, string>>;
  readonly response: Readonly<Record<string, string>>;
}

/** Sends a request and its answer through a chain of filters. */
export function send(
  filters: readonly Part[],
  { request = "", response = "", cluster = {} }: Partial<Script>,
): Sent {
  const manager = { http_filters: [...filters, ROUTER] };
  const exchange = new Exchange({ manager, cluster, bootstrap: { node: NODE } });
  exchange.begin(`GET / HTTP/1.1\r\nhost: a\r\n${request}\r\n`);
  const sent = headersOf(exchange.output);
  const answer = `HTTP/1.1 200 OK\r\ncontent-length: 0\r\n${response}\r\n`;
  assert.equal(exchange.receive(exchange.upstream, answer), EVENT_TO_DOWNSTREAM);
  return { request: sent, response: headersOf(exchange.output) };
}

/** Lines of heads, and fields of the cluster. */
interface Script {
  readonly request: string;
  readonly response: string;
  readonly cluster: Part;
}

/** The first header of each name of a head. */
export function headersOf(head: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of head.split("\r\n").slice(1)) {
    const mark = line.indexOf(":");
    if (mark > 0) headers[line.slice(0, mark)] ??= line.slice(mark + 2);
  }
  return headers;
}

/** What the chain knows of the client by a request's headers. */
export function clientOf(
  config: Part,
  request: string,
  format = formsOf("downstream_peer"),
): string {
  const filters = [peerFilter(config), shows("request", { "x-peer": format })];
  return send(filters, { request }).request["x-peer"];
}

/** The same of the upstream by the answer's headers. */
export function upstreamOf(
  config: Part,
  response: string,
  format = formsOf("upstream_peer"),
): string {
  const filters = [shows("response", { "x-peer": format }), peerFilter(config)];
  return send(filters, { response }).response["x-peer"];
}

/** What stands in `x-envoy-peer-metadata`. */
export function metadata(json: JsonObject): string {
  return Buffer.from(toBinary(StructSchema, fromJson(StructSchema, json))).toString("base64");
}

/** An `Any` as formats write it. */
export const any = (json: object): string =>
  JSON.stringify({ "@type": "type.googleapis.com/google.protobuf.Struct", value: json });

/** Discovery of the client. */
export const BY_BAGGAGE = { downstream_discovery: [{ baggage: {} }] };
/** The same. */
export const BY_HEADERS = { downstream_discovery: [{ istio_headers: {} }] };
/** Headers write nothing for what is not there. */
export const NOBODY = " | ";
