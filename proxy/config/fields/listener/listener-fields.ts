import {
  FilterChainMatchSchema,
  FilterChainSchema,
  FilterSchema,
} from "../../../../api/gen/envoy/config/listener/v3/listener_components_pb.js";
import {
  AdditionalAddressSchema,
  Listener_ConnectionBalanceConfig_ExactBalanceSchema,
  Listener_ConnectionBalanceConfigSchema,
  Listener_InternalListenerConfigSchema,
  ListenerSchema,
} from "../../../../api/gen/envoy/config/listener/v3/listener_pb.js";
import { HttpConnectionManagerSchema } from "../../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { ConfigSchema as NetworkStateSchema } from "../../../../api/gen/envoy/extensions/filters/network/set_filter_state/v3/set_filter_state_pb.js";
import { ConfigSchema as OwnPeerSchema } from "../../../../api/gen/envoy/extensions/network_filters/peer_metadata/config_pb.js";
import { MetadataExchangeSchema } from "../../../../api/gen/envoy/tcp/metadataexchange/config/metadata_exchange_pb.js";
import { ConnectionLimitSchema } from "../../../../api/gen/envoy/extensions/filters/network/connection_limit/v3/connection_limit_pb.js";
import { ConfigSchema as DirectResponseSchema } from "../../../../api/gen/envoy/extensions/filters/network/direct_response/v3/config_pb.js";
import { EchoSchema } from "../../../../api/gen/envoy/extensions/filters/network/echo/v3/echo_pb.js";
import { LocalRateLimitSchema } from "../../../../api/gen/envoy/extensions/filters/network/local_ratelimit/v3/local_rate_limit_pb.js";
import { RBACSchema } from "../../../../api/gen/envoy/extensions/filters/network/rbac/v3/rbac_pb.js";
import { TcpProxySchema } from "../../../../api/gen/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb.js";
import type { MessageFields } from "../field-status.ts";
import {
  accepted,
  extension,
  fieldsOf,
  harmless,
  implemented,
  implementedNote,
  onlyValues,
} from "../field-status.ts";

const NO_READERS = "No filter that may be configured reads it.";

/** Listeners, their filter chains and what chooses among these. */
export const LISTENER_FIELDS: readonly MessageFields[] = [
  fieldsOf(ListenerSchema, {
    name: implemented,
    address: implemented,
    additional_addresses: implemented,
    stat_prefix: implemented,
    filter_chains: implemented,
    default_filter_chain: implemented,
    filter_chain_matcher: implemented,
    use_original_dst: implementedNote(
      "Where the system keeps no original destination the connection stays where it is.",
    ),
    listener_filters: implemented,
    per_connection_buffer_limit_bytes: implementedNote("With 0 there is no limit."),
    metadata: harmless(NO_READERS),
    drain_type: onlyValues("DEFAULT"),
    listener_filters_timeout: implemented,
    continue_on_listener_filters_timeout: implemented,
    transparent: accepted("false", (listener) => listener.transparent === false),
    freebind: accepted("false", (listener) => listener.freebind === false),
    traffic_direction: implemented,
    reuse_port: implementedNote(
      "It changes nothing, as in Envoy: `enable_reuse_port` wins, and is true by default.",
    ),
    enable_reuse_port: implementedNote(
      "Without it, and on macOS always, all workers accept from one socket.",
    ),
    tcp_backlog_size: implemented,
    access_log: implemented,
    internal_listener: implemented,
    connection_balance_config: implementedNote(
      "`exact_balance` changes nothing: the kernel, or the worker that is free, takes the next.",
    ),
    max_connections_to_accept_per_socket_event: harmless(
      "How many connections one event accepts is the event loop's choice.",
    ),
    bind_to_port: implemented,
    ignore_global_conn_limit: harmless("There is no limit over all listeners to be exempt from."),
    bypass_overload_manager: harmless("No overload manager may be configured."),
  }),
  fieldsOf(Listener_InternalListenerConfigSchema, {}),
  fieldsOf(Listener_ConnectionBalanceConfigSchema, { exact_balance: implemented }),
  fieldsOf(Listener_ConnectionBalanceConfig_ExactBalanceSchema, {}),
  fieldsOf(AdditionalAddressSchema, { address: implemented }),
  fieldsOf(FilterChainSchema, {
    filter_chain_match: implemented,
    filters: implemented,
    use_proxy_proto: accepted("false", (chain) => chain.useProxyProto === false),
    metadata: harmless(NO_READERS),
    transport_socket: implemented,
    transport_socket_connect_timeout: implemented,
    name: implemented,
  }),
  fieldsOf(FilterChainMatchSchema, {
    destination_port: implemented,
    prefix_ranges: implemented,
    source_type: implemented,
    direct_source_prefix_ranges: implemented,
    source_prefix_ranges: implemented,
    source_ports: implemented,
    server_names: implementedNote("The TLS inspector finds them out; it must be configured."),
    transport_protocol: implemented,
    application_protocols: implemented,
  }),
  fieldsOf(FilterSchema, {
    name: implementedNote("Any name will do; the type chooses the filter."),
    typed_config: extension(
      HttpConnectionManagerSchema,
      TcpProxySchema,
      NetworkStateSchema,
      MetadataExchangeSchema,
      OwnPeerSchema,
      ConnectionLimitSchema,
      LocalRateLimitSchema,
      RBACSchema,
      EchoSchema,
      DirectResponseSchema,
    ),
  }),
];
