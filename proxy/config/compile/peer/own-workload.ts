import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { fromJson, toBinary } from "@bufbuild/protobuf";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import type { Node } from "../../../../api/gen/envoy/config/core/v3/base_pb.js";

/** What the node of the bootstrap says of the workload that this proxy is, `""` for nothing. */
export interface OwnWorkload {
  readonly name: string;
  readonly namespace: string;
  readonly cluster: string;
  readonly identity: string;
  readonly workload: string;
  /** `deployment`, `cronjob`, `job` or `pod`. */
  readonly type: string;
  readonly service: string;
  readonly revision: string;
  readonly app: string;
  readonly version: string;
  readonly region: string;
  readonly zone: string;
  /** Labels that are told besides. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What owners begin with. */
const OWNERS = "kubernetes://apis/apps/v1/namespaces/";

const TYPES: ReadonlySet<string> = new Set(["deployment", "cronjob", "job", "pod"]);

/** Labels that say what the workload is, and so are told in any case. */
const SERVICE_LABEL = "service.istio.io/canonical-name";
const REVISION_LABEL = "service.istio.io/canonical-revision";
const APP_LABELS = ["app.kubernetes.io/name", "app"] as const;
const VERSION_LABELS = ["app.kubernetes.io/version", "version"] as const;
const KNOWN_LABELS: ReadonlySet<string> = new Set([
  SERVICE_LABEL,
  REVISION_LABEL,
  ...APP_LABELS,
  ...VERSION_LABELS,
]);

/** Reads `metadata` and `locality` of the node. Istio `convertStructToWorkloadMetadata`. */
export function ownWorkload(node: Node | undefined, labelNames: readonly string[]): OwnWorkload {
  const metadata = node?.metadata ?? {};
  const { LABELS } = metadata;
  const labels = isObject(LABELS) ? LABELS : {};
  const workload = textOf(metadata.WORKLOAD_NAME);
  const more = labelNames.filter((name) => !KNOWN_LABELS.has(name) && textOf(labels[name]) !== "");
  return {
    name: textOf(metadata.NAME),
    namespace: textOf(metadata.NAMESPACE),
    cluster: textOf(metadata.CLUSTER_ID),
    identity: textOf(metadata.IDENTITY),
    workload,
    type: typeOf(textOf(metadata.OWNER), workload),
    service: textOf(labels[SERVICE_LABEL]),
    revision: textOf(labels[REVISION_LABEL]),
    app: firstOf(labels, APP_LABELS),
    version: firstOf(labels, VERSION_LABELS),
    region: textOf(metadata.REGION) || (node?.locality?.region ?? ""),
    zone: textOf(metadata.AVAILABILITY_ZONE) || (node?.locality?.zone ?? ""),
    labels: Object.fromEntries(more.map((name) => [name, textOf(labels[name])])),
  };
}

/** The value of `baggage` that tells of a workload. Istio `WorkloadMetadataObject::baggage`. */
export function toBaggage(own: OwnWorkload): string {
  const service = own.service || own.app;
  const revision = own.revision || own.version;
  const members = [
    [`k8s.${own.type || "pod"}.name`, own.workload],
    ["service.name", service],
    ["app.name", own.app === service ? "" : own.app],
    ["service.version", revision],
    ["app.version", own.version === revision ? "" : own.version],
    ["k8s.namespace.name", own.namespace],
    ["k8s.cluster.name", own.cluster],
    ["k8s.instance.name", own.name],
    ["cloud.region", own.region],
    ["cloud.availability_zone", own.zone],
  ];
  return members.flatMap(([key, value]) => (value === "" ? [] : [`${key}=${value}`])).join();
}

/**
 * The value of `x-envoy-peer-metadata`: base64 of a `google.protobuf.Struct`, the same for the same
 * workload. Istio `convertWorkloadMetadataToStruct`.
 */
export function toMetadataHeader(own: OwnWorkload): string {
  const owner = `${OWNERS}${own.namespace}/${own.type}s/${own.workload}`;
  const labels = withTexts({
    [SERVICE_LABEL]: own.service,
    [REVISION_LABEL]: own.revision,
    app: own.app,
    version: own.version,
    ...own.labels,
  });
  const metadata = withTexts({
    NAME: own.name,
    NAMESPACE: own.namespace,
    WORKLOAD_NAME: own.workload,
    CLUSTER_ID: own.cluster,
    IDENTITY: own.identity,
    OWNER: own.type === "" ? "" : owner,
    REGION: own.region,
    AVAILABILITY_ZONE: own.zone,
  });
  const all = sorted({ ...metadata, LABELS: labels });
  return Buffer.from(toBinary(StructSchema, fromJson(StructSchema, all))).toString("base64");
}

/** The kind in `…/NAMESPACE/KINDs/WORKLOAD`. */
function typeOf(owner: string, workload: string): string {
  const kind = owner.slice(0, -(workload.length + 2)).split("/");
  const last = kind.length < 2 ? "" : kind[kind.length - 1];
  return TYPES.has(last) ? last : "";
}

function firstOf(labels: JsonObject, names: readonly string[]): string {
  return names.map((name) => textOf(labels[name])).find((text) => text !== "") ?? "";
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Those that are not empty, in the order of their names. */
function withTexts(texts: Readonly<Record<string, string>>): JsonObject {
  return sorted(Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== "")));
}

function sorted(object: JsonObject): JsonObject {
  const names = Object.keys(object).sort();
  return Object.fromEntries(names.map((name) => [name, object[name]]));
}
