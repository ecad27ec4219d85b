import { ACCESS_LOG_BYTES } from "../../../../api/engine/format-image.ts";
import { CHAIN_BYTES } from "../../../../api/engine/chain-image.ts";
import * as image from "../../../../api/engine/image.ts";
import {
  ROUTES_VIRTUAL_HOSTS,
  ROUTE_BYTES,
  VHOST_BYTES,
  VHOST_ROUTES,
} from "../../../../api/engine/route-image.ts";
import type { Snapshot } from "../../model.ts";
import { ImageReader } from "../route/describe/image-reader.ts";
import { describeHttpConnectionManager } from "./http-connection-manager.ts";

const SCOPE_KINDS = new Map([
  [image.SCOPE_KIND_HCM, "http"],
  [image.SCOPE_KIND_CLUSTER, "cluster"],
  [image.SCOPE_KIND_VIRTUAL_HOST, "virtual host"],
  [image.SCOPE_KIND_TCP, "tcp"],
  [image.SCOPE_KIND_HTTP2, "http2"],
]);

const CLUSTER_FLAGS = new Map([
  [image.CLUSTER_FLAG_PROPER_CASE, "proper case"],
  [image.CLUSTER_FLAG_TRAILERS, "trailers"],
  [image.CLUSTER_FLAG_CHUNKED_LENGTH, "chunked length"],
  [image.CLUSTER_FLAG_KEEP_CASE, "keep case"],
  [image.CLUSTER_FLAG_KEEP_CASE_PROPER, "proper case beside"],
  [image.CLUSTER_FLAG_KEEP_REASON, "keep reason"],
  [image.CLUSTER_FLAG_WHOLE_URL, "whole URL"],
]);

/** Describes the engine image of a snapshot in lines of text, for people and for tests. */
export function describeSnapshot(snapshot: Snapshot): string[] {
  const { buffer, byteOffset, byteLength } = snapshot.image;
  const view = new DataView(buffer, byteOffset, byteLength);
  const reader = new ImageReader(view);
  return [
    ...describeHeader(reader),
    ...describeSizes(reader),
    ...describeClusters(reader),
    ...describeManagers(view, snapshot),
    ...describeScopes(reader),
  ];
}

function describeHeader(reader: ImageReader): string[] {
  const magic = reader.uint32(image.IMAGE_MAGIC);
  const isImage = magic === image.IMAGE_MAGIC_VALUE;
  const version = reader.uint32(image.IMAGE_VERSION);
  const bytes = reader.uint32(image.IMAGE_TOTAL_BYTES);
  const id = reader.text(image.IMAGE_NODE_ID);
  const cluster = reader.text(image.IMAGE_NODE_CLUSTER);
  return [
    `${isImage ? "engine image" : "no engine image"}, version ${version}, ${bytes} bytes`,
    `node "${id}" of cluster "${cluster}" at ${reader.text(image.IMAGE_LOCAL_ADDRESS)}`,
  ];
}

/** How many bytes the records of each kind take that can be counted from here. */
function describeSizes(reader: ImageReader): string[] {
  const managers = recordsOf(reader, image.IMAGE_HCMS);
  const hosts = managers.flatMap((manager) =>
    recordsOf(reader, reader.uint32(manager + image.HCM_ROUTE_CONFIG) + ROUTES_VIRTUAL_HOSTS),
  );
  const count = (field: number): number =>
    managers.reduce((sum, manager) => sum + reader.list(manager + field).count, 0);
  const routes = hosts.reduce((sum, host) => sum + reader.list(host + VHOST_ROUTES).count, 0);
  const sizes: readonly (readonly [string, number, number])[] = [
    ["header", 1, image.IMAGE_HEADER_BYTES],
    ["clusters", reader.list(image.IMAGE_CLUSTERS).count, image.CLUSTER_BYTES],
    ["connection managers", managers.length, image.HCM_BYTES],
    ["filters", count(image.HCM_CHAIN), CHAIN_BYTES],
    ["access logs", count(image.HCM_ACCESS_LOGS), ACCESS_LOG_BYTES],
    ["virtual hosts", hosts.length, VHOST_BYTES],
    ["routes", routes, ROUTE_BYTES],
    ["scopes", reader.list(image.IMAGE_SCOPES).count, image.SCOPE_BYTES],
  ];
  const counted = sizes.reduce((sum, [, number, bytes]) => sum + number * bytes, 0);
  const rest = reader.uint32(image.IMAGE_TOTAL_BYTES) - counted;
  return [
    "bytes",
    ...sizes.map(([name, number, bytes]) => {
      const factors = `${number} × ${bytes}`.padStart(12);
      return `  ${name.padEnd(22)}${factors}${`${number * bytes}`.padStart(10)}`;
    }),
    `  ${"actions, tables, texts".padEnd(34)}${`${rest}`.padStart(10)}`,
  ];
}

function describeClusters(reader: ImageReader): string[] {
  const { target, count } = reader.list(image.IMAGE_CLUSTERS);
  return Array.from({ length: count }, (_, index) => {
    const record = target + index * image.CLUSTER_BYTES;
    const name = reader.text(record + image.CLUSTER_NAME);
    const observed = reader.text(record + image.CLUSTER_OBSERVED_NAME);
    const alias = observed === name ? "" : `, observed as "${observed}"`;
    const flags = namesOf(reader.uint32(record + image.CLUSTER_FLAGS), CLUSTER_FLAGS);
    const headBytes = reader.uint32(record + image.CLUSTER_HEAD_BYTES_MAX);
    const headers = reader.uint32(record + image.CLUSTER_HEADER_COUNT_MAX);
    const limits = `, head at most ${headBytes} bytes, ${headers} headers`;
    return `cluster ${index} "${name}"${alias}${limits}${flags === "" ? "" : `: ${flags}`}`;
  });
}

function describeManagers(view: DataView, { listeners, logSinks }: Snapshot): string[] {
  return listeners.flatMap(({ name, filterChains, defaultFilterChain }) => {
    const chains = defaultFilterChain === null ? [] : [defaultFilterChain];
    return [...filterChains, ...chains].flatMap((chain) => {
      const title = `listener "${name}", filter chain "${chain.name}"`;
      const { terminal } = chain;
      if (terminal.kind === "tcp") return [title, `  TCP proxy "${terminal.statScope}"`];
      if (terminal.kind !== "http") return [title, `  ${terminal.kind}`];
      return [title, ...describeHttpConnectionManager(view, terminal.record, logSinks)];
    });
  });
}

function describeScopes(reader: ImageReader): string[] {
  const { target, count } = reader.list(image.IMAGE_SCOPES);
  return Array.from({ length: count }, (_, index) => {
    const scope = target + index * image.SCOPE_BYTES;
    const kind = reader.uint32(scope + image.SCOPE_KIND);
    const name = reader.text(scope + image.SCOPE_NAME);
    const field = reader.uint32(scope + image.SCOPE_FIELD);
    return `scope ${SCOPE_KINDS.get(kind) ?? kind} "${name}" for the field at ${field}`;
  });
}

/** The records that a list of references refers to. */
function recordsOf(reader: ImageReader, field: number): number[] {
  const { target, count } = reader.list(field);
  return Array.from({ length: count }, (_, index) => reader.uint32(target + index * 4));
}

function namesOf(bits: number, names: ReadonlyMap<number, string>): string {
  return [...names].flatMap(([bit, name]) => ((bits & bit) === 0 ? [] : [name])).join(", ");
}
