import assert from "node:assert/strict";
import { fromBinary, type JsonObject, toBinary, toJson } from "@bufbuild/protobuf";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import { EVENT_TO_DOWNSTREAM } from "../../../api/engine/layout.ts";
import { Exchange } from "../../unit/filters/exchange.ts";
import {
  BY_HEADERS,
  headersOf,
  NODE,
  peerFilter,
  ROUTER,
  shows,
} from "../../unit/filters/peer/peer-exchange.ts";
import type { FuzzTarget } from "../target.ts";

const TYPES = ["deployment", "cronjob", "job", "pod"];

/** What a plain reader knows of a workload, as pairs. Istio `convertStructToWorkloadMetadata`. */
function plainPairs(metadata: JsonObject): string {
  const { LABELS } = metadata;
  const isMap = typeof LABELS === "object" && LABELS !== null && !Array.isArray(LABELS);
  const labels = isMap ? LABELS : {};
  const text = (value: unknown): string =>
    typeof value === "string" && /^[ -~]*$/.test(value) ? value : "";
  const raw = (value: unknown): string => (typeof value === "string" ? value : "");
  const taken = raw(metadata.WORKLOAD_NAME).length + 2;
  const kind = raw(metadata.OWNER).slice(0, -taken).split("/");
  const type =
    kind.length > 1 && TYPES.includes(kind[kind.length - 1]) ? kind[kind.length - 1] : "";
  const pairs = [
    ["type", type],
    ["workload", text(metadata.WORKLOAD_NAME)],
    ["name", text(metadata.NAME)],
    ["cluster", text(metadata.CLUSTER_ID)],
    ["namespace", text(metadata.NAMESPACE)],
    ["service", text(labels["service.istio.io/canonical-name"])],
    ["revision", text(labels["service.istio.io/canonical-revision"])],
    ["app", text(labels["app.kubernetes.io/name"]) || text(labels.app)],
    ["version", text(labels["app.kubernetes.io/version"]) || text(labels.version)],
    ["region", text(metadata.REGION)],
    ["availability_zone", text(metadata.AVAILABILITY_ZONE)],
    ["labels[]role", text(labels.role)],
  ];
  return pairs.flatMap(([key, value]) => (value === "" ? [] : [`${key}=${value}`])).join();
}

/** The pairs, where the bytes say one thing alone: ASCII, and nothing said twice. */
function wantedPairs(input: Buffer): string | null {
  try {
    const struct = fromBinary(StructSchema, input);
    // The library is lenient with lengths that lie; what it writes has none, nor groups.
    const written = toBinary(StructSchema, struct, { writeUnknownFields: false });
    const isPlain = Buffer.from(written).equals(input);
    if (!isPlain || input.some((byte) => byte > 127)) return null;
    const json = toJson(StructSchema, struct);
    assert.ok(typeof json === "object" && json !== null && !Array.isArray(json));
    return plainPairs(json);
  } catch {
    // No message: the engine may have read what comes before the error.
    return null;
  }
}

/** One header: it is read as by the plain reader, or tells nothing, and the request goes on. */
function fuzzMetadata(exchange: Exchange, input: Buffer): void {
  const value = input.toString("base64");
  exchange.begin(`GET / HTTP/1.1\r\nhost: a\r\nx-envoy-peer-metadata: ${value}\r\n\r\n`);
  const sent = headersOf(exchange.output);
  const pairs = sent["x-peer"];
  assert.ok(!("x-envoy-peer-metadata" in sent), "it is taken off");
  const want = wantedPairs(input);
  if (want !== null) assert.equal(pairs, want);
  assert.match(JSON.parse(sent["x-json"] || "{}")["@type"] ?? "", /Struct$|^$/);
  const answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
  assert.equal(exchange.receive(exchange.upstream, answer), EVENT_TO_DOWNSTREAM);
}

/** `npm run fuzz peer-metadata`. */
export const PEER_METADATA_TARGET: FuzzTarget = {
  name: "peer-metadata",
  words: [
    ...["NAME", "NAMESPACE", "CLUSTER_ID", "WORKLOAD_NAME", "OWNER", "LABELS", "IDENTITY"],
    ...["app", "version", "role", "service.istio.io/canonical-name", "app.kubernetes.io/name"],
    ...["x/deployments/a", "/pods/", "\x0a\x0b\x0a\x04NAME\x12\x03\x1a\x01a"],
    ...[
      "\x0a",
      "\x12",
      "\x1a",
      "\x2a",
      "\x11\0\0\0\0\0\0\0\0",
      "\x0b",
      "\xff\xff\xff\xff\x0f",
      "\n",
    ],
  ],
  async open() {
    const format = "%FILTER_STATE(downstream_peer:PLAIN)%";
    const filters = [
      peerFilter({ ...BY_HEADERS, additional_labels: ["role"] }),
      shows("request", { "x-peer": format, "x-json": "%FILTER_STATE(downstream_peer)%" }),
    ];
    const manager = { http_filters: [...filters, ROUTER] };
    const exchange = new Exchange({ manager, bootstrap: { node: NODE } });
    return (input) => fuzzMetadata(exchange, input);
  },
};
