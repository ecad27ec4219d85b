import type { DescMessage } from "@bufbuild/protobuf";
import { AnyRegistry } from "../message/any-registry.ts";
import { ACCESS_LOG_FIELDS } from "./access-log-fields.ts";
import { ADDRESS_FIELDS } from "./address-fields.ts";
import { BOOTSTRAP_FIELDS } from "./bootstrap-fields.ts";
import { CLUSTER_FIELDS } from "./cluster-fields.ts";
import type { FieldStatus, MessageFields } from "./field-status.ts";
import { FILTER_FIELDS } from "./filter-fields.ts";
import { HTTP_CONNECTION_MANAGER_FIELDS } from "./http-connection-manager-fields.ts";
import { LISTENER_FIELDS } from "./listener/listener-fields.ts";
import { LISTENER_FILTER_FIELDS } from "./listener/listener-filter-fields.ts";
import { NETWORK_FILTER_FIELDS } from "./listener/network-filter-fields.ts";
import { RBAC_FIELDS } from "./listener/rbac-fields.ts";
import { MATCHER_FIELDS } from "./matcher-fields.ts";
import { ROUTE_ACTION_FIELDS } from "./route-action-fields.ts";
import { ROUTE_FIELDS } from "./route-fields.ts";
import { TLS_FIELDS } from "./tls-fields.ts";

/** One area of the configuration, with a heading for the documentation. */
export interface FieldArea {
  readonly title: string;
  readonly messages: readonly MessageFields[];
}

/** All that is known of Envoy's configuration, in the order in which a person would read it. */
export const FIELD_AREAS: readonly FieldArea[] = [
  { title: "Bootstrap", messages: BOOTSTRAP_FIELDS },
  { title: "Listeners", messages: LISTENER_FIELDS },
  { title: "Listener filters and matchers", messages: LISTENER_FILTER_FIELDS },
  { title: "HTTP connection manager", messages: HTTP_CONNECTION_MANAGER_FIELDS },
  { title: "Network filters", messages: NETWORK_FILTER_FIELDS },
  { title: "Access control", messages: RBAC_FIELDS },
  { title: "HTTP filters", messages: FILTER_FIELDS },
  { title: "Routes", messages: ROUTE_FIELDS },
  { title: "Route actions", messages: ROUTE_ACTION_FIELDS },
  { title: "Matchers", messages: MATCHER_FIELDS },
  { title: "Clusters", messages: CLUSTER_FIELDS },
  { title: "TLS", messages: TLS_FIELDS },
  { title: "Access logs", messages: ACCESS_LOG_FIELDS },
  { title: "Addresses and small messages", messages: ADDRESS_FIELDS },
];

const byTypeName: ReadonlyMap<string, MessageFields> = new Map(
  FIELD_AREAS.flatMap(({ messages }) =>
    messages.map((message) => [message.desc.typeName, message] as const),
  ),
);

/** What is done with a field, or `null` if it is not implemented. */
export function statusOf(desc: DescMessage, fieldName: string): FieldStatus | null {
  return byTypeName.get(desc.typeName)?.statuses.get(fieldName) ?? null;
}

/** The types that may stand in an `Any` somewhere: those that the table names as extensions. */
export const EXTENSION_REGISTRY = new AnyRegistry(
  FIELD_AREAS.flatMap(({ messages }) => messages)
    .flatMap(({ statuses }) => [...statuses.values()])
    .flatMap((status) => (status.kind === "extension" ? status.types : [])),
);
