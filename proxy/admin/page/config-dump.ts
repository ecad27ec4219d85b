import {
  create,
  createRegistry,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { anyPack, timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  ClustersConfigDumpSchema,
  EndpointsConfigDumpSchema,
  ListenersConfigDumpSchema,
  RoutesConfigDumpSchema,
  ScopedRoutesConfigDumpSchema,
} from "../../../api/gen/envoy/admin/v3/config_dump_shared_pb.js";
import {
  BootstrapConfigDumpSchema,
  SecretsConfigDumpSchema,
} from "../../../api/gen/envoy/admin/v3/config_dump_pb.js";
import { BootstrapSchema } from "../../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { ClusterSchema } from "../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import { ClusterLoadAssignmentSchema } from "../../../api/gen/envoy/config/endpoint/v3/endpoint_pb.js";
import { ListenerSchema } from "../../../api/gen/envoy/config/listener/v3/listener_pb.js";
import { RouteConfigurationSchema } from "../../../api/gen/envoy/config/route/v3/route_pb.js";
import type { NameFilter } from "../name-filter.ts";
import { AdminProblem } from "../reply.ts";
import type { AdminCluster, AdminConfigDump } from "../source.ts";
import { toLoadAssignment } from "./endpoint-dump.ts";
import { applyFieldMask, isTree, type JsonTree } from "./field-mask.ts";
import { toMessageJson } from "./message-json.ts";
import { Redactor } from "./redact.ts";

/** What `/config_dump` was asked for. */
export interface DumpQuery {
  /** A list in one of the dumps, such as `static_clusters`; null for all of everything. */
  readonly resource: string | null;
  /** Paths of a field mask; null for whole messages. */
  readonly mask: string | null;
  readonly isWanted: NameFilter;
  /** Clusters whose endpoints are shown; null without `include_eds`. */
  readonly endpoints: readonly AdminCluster[] | null;
}

/**
 * envoy.admin.v3.ConfigDump, without secrets.
 *
 * @throws AdminProblem with Envoy's text for a resource or a mask that fits nothing.
 */
export function toConfigDumpJson(dump: AdminConfigDump, query: DumpQuery): unknown {
  const sections = buildSections(dump, query);
  const paths = query.mask?.split(",").map((path) => path.trim()) ?? null;
  const { resource } = query;
  const configs =
    resource === null
      ? maskSections(sections, paths)
      : maskItems(pickResource(sections, resource), paths);
  return configs.length === 0 ? {} : { configs: putTypeFirst(configs) };
}

/** Moves each `@type` to the front of its message, where one looks for it. */
function putTypeFirst(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(putTypeFirst);
  if (!isTree(value)) return value;
  const { "@type": type, ...fields } = value;
  const entries = Object.entries(fields).map(([name, field]) => [name, putTypeFirst(field)]);
  return Object.fromEntries(type === undefined ? entries : [["@type", type], ...entries]);
}

/** What is packed in dumps. */
const CONTENTS: readonly DescMessage[] = [
  ListenerSchema,
  ClusterSchema,
  ClusterLoadAssignmentSchema,
  RouteConfigurationSchema,
];

/** One of the messages in a dump: its type and its JSON, `@type` included. */
interface Section {
  readonly desc: DescMessage;
  readonly tree: JsonTree;
}

function buildSections(
  dump: AdminConfigDump,
  { isWanted, endpoints }: Pick<DumpQuery, "isWanted" | "endpoints">,
): Section[] {
  const redactor = new Redactor(dump.types);
  const lastUpdated = timestampFromDate(dump.updatedAt);
  const pack = <Desc extends DescMessage>(desc: Desc, messages: readonly MessageShape<Desc>[]) => {
    return messages.map((message) => anyPack(desc, redactor.redact(desc, message)));
  };
  const named = <Item extends { readonly name: string }>(items: readonly Item[]) => {
    return items.filter(({ name }) => isWanted(name));
  };
  const bootstrap = redactor.redact(BootstrapSchema, dump.bootstrap);
  const listeners = pack(ListenerSchema, named(dump.listeners));
  const clusters = pack(ClusterSchema, named(dump.clusters));
  const routes = pack(RouteConfigurationSchema, named(dump.routes));
  const registry = createRegistry(...CONTENTS, ...redactor.foundTypes);
  const section = <Desc extends DescMessage>(desc: Desc, init: MessageInitShape<Desc>): Section => {
    const json = toMessageJson(desc, init, { registry });
    const type = `type.googleapis.com/${desc.typeName}`;
    return { desc, tree: { "@type": type, ...(isTree(json) ? json : {}) } };
  };
  // Envoy's order, and its empty sections.
  return [
    section(BootstrapConfigDumpSchema, { bootstrap, lastUpdated }),
    section(ClustersConfigDumpSchema, {
      staticClusters: clusters.map((cluster) => ({ cluster, lastUpdated })),
    }),
    ...(endpoints === null
      ? []
      : [section(EndpointsConfigDumpSchema, packEndpoints(named(endpoints)))]),
    section(ListenersConfigDumpSchema, {
      staticListeners: listeners.map((listener) => ({ listener, lastUpdated })),
    }),
    section(ScopedRoutesConfigDumpSchema, {}),
    section(RoutesConfigDumpSchema, {
      staticRouteConfigs: routes.map((routeConfig) => ({ routeConfig, lastUpdated })),
    }),
    section(SecretsConfigDumpSchema, {}),
  ];
}

function packEndpoints(clusters: readonly AdminCluster[]) {
  return {
    staticEndpointConfigs: clusters.map((cluster) => {
      const assignment = create(ClusterLoadAssignmentSchema, toLoadAssignment(cluster));
      return { endpointConfig: anyPack(ClusterLoadAssignmentSchema, assignment) };
    }),
  };
}

/** The messages of one list, each with its type. */
function pickResource(sections: readonly Section[], resource: string): Section[] {
  for (const { desc, tree } of sections) {
    const field = desc.fields.find(({ name }) => name === resource);
    if (field === undefined) continue;
    if (field.fieldKind !== "list" || field.listKind !== "message") {
      const advice = `Use ?mask=${resource} to get only this field\n`;
      throw new AdminProblem(`${resource} is not a repeated field. ${advice}`);
    }
    const items = tree[resource];
    const type = `type.googleapis.com/${field.message.typeName}`;
    return (Array.isArray(items) ? items : []).filter(isTree).map((item) => {
      return { desc: field.message, tree: { "@type": type, ...item } };
    });
  }
  throw new AdminProblem(`${resource} not found in config dump\n`, 404);
}

/** Masks whole sections. Those that a path does not fit are left out. */
function maskSections(sections: readonly Section[], paths: readonly string[] | null): JsonTree[] {
  if (paths === null) return sections.map(({ tree }) => tree);
  const masked = sections
    .map((section) => maskSection(section, paths))
    .filter((tree) => tree !== null);
  if (masked.length > 0) return masked;
  const mask = paths.join(",");
  const message = `FieldMask ${mask} could not be successfully applied to any configs.\n`;
  throw new AdminProblem(message);
}

/** Masks the messages of a list. Each must fit. */
function maskItems(items: readonly Section[], paths: readonly string[] | null): JsonTree[] {
  return items.map((item) => {
    if (paths === null) return item.tree;
    const masked = maskSection(item, paths);
    if (masked !== null) return masked;
    throw new AdminProblem(`FieldMask ${paths.join(",")} could not be successfully used.\n`);
  });
}

function maskSection({ desc, tree }: Section, paths: readonly string[]): JsonTree | null {
  return applyFieldMask(tree, paths, (name) => desc.fields.some((field) => field.name === name));
}
