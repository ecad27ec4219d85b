import {
  AdminSchema,
  Bootstrap_StaticResourcesSchema,
  BootstrapSchema,
  LayeredRuntimeSchema,
  RuntimeLayerSchema,
} from "../../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { NodeSchema } from "../../../api/gen/envoy/config/core/v3/base_pb.js";
import {
  StatsConfigSchema,
  TagSpecifierSchema,
} from "../../../api/gen/envoy/config/metrics/v3/stats_pb.js";
import { InternalListenerSchema } from "../../../api/gen/envoy/extensions/bootstrap/internal_listener/v3/internal_listener_pb.js";
import type { MessageFields } from "./field-status.ts";
import { extension, fieldsOf, harmless, implemented } from "./field-status.ts";

const NO_XDS = "It is told to xDS servers only, and none may be configured.";
const NO_SINKS = "No statistics sink may be configured, so there is nothing to flush to.";

/** The bootstrap itself, and what stands in it once. */
export const BOOTSTRAP_FIELDS: readonly MessageFields[] = [
  fieldsOf(BootstrapSchema, {
    node: implemented,
    node_context_params: harmless(NO_XDS),
    static_resources: implemented,
    stats_config: implemented,
    stats_flush_interval: harmless(NO_SINKS),
    stats_flush_on_admin: harmless(NO_SINKS),
    layered_runtime: implemented,
    bootstrap_extensions: extension(InternalListenerSchema),
    admin: implemented,
    memory_allocator_manager: harmless("It tunes an allocator that is not used."),
  }),
  fieldsOf(InternalListenerSchema, {
    buffer_size_kb: harmless("Buffers are as large as `per_connection_buffer_limit_bytes` says."),
  }),
  fieldsOf(NodeSchema, {
    id: implemented,
    cluster: implemented,
    metadata: implemented,
    locality: implemented,
    user_agent_name: harmless(NO_XDS),
    user_agent_version: harmless(NO_XDS),
    user_agent_build_version: harmless(NO_XDS),
    extensions: harmless(NO_XDS),
    client_features: harmless(NO_XDS),
  }),
  fieldsOf(Bootstrap_StaticResourcesSchema, {
    listeners: implemented,
    clusters: implemented,
    secrets: implemented,
  }),
  fieldsOf(AdminSchema, {
    access_log: implemented,
    address: implemented,
    profile_path: harmless("No CPU profile is written, so no place for it is needed."),
    ignore_global_conn_limit: harmless("There is no limit over all listeners to be exempt from."),
  }),
  fieldsOf(LayeredRuntimeSchema, { layers: implemented }),
  fieldsOf(RuntimeLayerSchema, {
    name: implemented,
    static_layer: implemented,
    admin_layer: harmless(
      "It is empty until somebody writes to it, which `/runtime_modify` refuses to do.",
    ),
  }),
  fieldsOf(StatsConfigSchema, { stats_tags: implemented, use_all_default_tags: implemented }),
  fieldsOf(TagSpecifierSchema, {
    tag_name: implemented,
    regex: implemented,
    fixed_value: implemented,
  }),
];
