import {
  Http1ProtocolOptions_HeaderKeyFormat_ProperCaseWordsSchema,
  Http1ProtocolOptions_HeaderKeyFormatSchema,
  Http1ProtocolOptionsSchema,
  Http2ProtocolOptionsSchema,
  HttpProtocolOptionsSchema,
  KeepaliveSettingsSchema,
} from "../../../api/gen/envoy/config/core/v3/protocol_pb.js";
import { FilterConfigSchema as GrpcStatsSchema } from "../../../api/gen/envoy/extensions/filters/http/grpc_stats/v3/config_pb.js";
import { GrpcWebSchema } from "../../../api/gen/envoy/extensions/filters/http/grpc_web/v3/grpc_web_pb.js";
import { HeaderMutationSchema } from "../../../api/gen/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.js";
import { ConfigSchema as RequestStateSchema } from "../../../api/gen/envoy/extensions/filters/http/set_filter_state/v3/set_filter_state_pb.js";
import { ConfigSchema as PeerMetadataSchema } from "../../../api/gen/io/istio/http/peer_metadata/config_pb.js";
import { RouterSchema } from "../../../api/gen/envoy/extensions/filters/http/router/v3/router_pb.js";
import { PreserveCaseFormatterConfigSchema } from "../../../api/gen/envoy/extensions/http/header_formatters/preserve_case/v3/preserve_case_pb.js";
import {
  HttpConnectionManager_InternalAddressConfigSchema,
  HttpConnectionManager_SetCurrentClientCertDetailsSchema,
  HttpConnectionManager_UpgradeConfigSchema,
  HttpConnectionManagerSchema,
  HttpFilterSchema,
  LocalReplyConfigSchema,
  ResponseMapperSchema,
} from "../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { PercentSchema } from "../../../api/gen/envoy/type/v3/percent_pb.js";
import type { MessageFields } from "./field-status.ts";
import {
  accepted,
  extension,
  fieldsOf,
  harmless,
  implemented,
  implementedNote,
  implementedWithout,
  onlyValues,
} from "./field-status.ts";

/** The HTTP connection manager, the HTTP/1 codec and local replies. */
export const HTTP_CONNECTION_MANAGER_FIELDS: readonly MessageFields[] = [
  fieldsOf(HttpConnectionManagerSchema, {
    codec_type: onlyValues("AUTO", "HTTP1", "HTTP2"),
    stat_prefix: implemented,
    route_config: implemented,
    http_filters: implemented,
    common_http_protocol_options: implementedWithout("max_stream_duration"),
    http_protocol_options: implementedWithout("send_fully_qualified_url"),
    http2_protocol_options: implemented,
    server_name: implemented,
    server_header_transformation: implemented,
    max_request_headers_kb: implemented,
    stream_idle_timeout: implemented,
    request_timeout: implemented,
    request_headers_timeout: implemented,
    drain_timeout: implementedNote(
      "How long a connection that was used lives on idle after `max_connection_duration`.",
    ),
    delayed_close_timeout: implemented,
    access_log: implemented,
    use_remote_address: implemented,
    xff_num_trusted_hops: implemented,
    internal_address_config: implemented,
    skip_xff_append: implemented,
    via: implemented,
    generate_request_id: implemented,
    preserve_external_request_id: implemented,
    always_set_request_id_in_response: implemented,
    forward_client_cert_details: implemented,
    set_current_client_cert_details: implemented,
    proxy_100_continue: implemented,
    normalize_path: implemented,
    merge_slashes: implemented,
    path_with_escaped_slashes_action: implemented,
    local_reply_config: implemented,
    upgrade_configs: implemented,
    strip_matching_host_port: implemented,
    strip_any_host_port: implemented,
    stream_error_on_invalid_http_message: accepted(
      "false",
      (manager) => manager.streamErrorOnInvalidHttpMessage === false,
    ),
    strip_trailing_host_dot: implemented,
    add_proxy_protocol_connection_state: harmless("The PROXY protocol may not be configured."),
  }),
  fieldsOf(HttpConnectionManager_UpgradeConfigSchema, {
    upgrade_type: accepted(
      "any but CONNECT-UDP",
      ({ upgradeType }) => !/^connect-udp$/i.test(upgradeType),
    ),
    enabled: implemented,
  }),
  fieldsOf(HttpConnectionManager_InternalAddressConfigSchema, {
    unix_sockets: implemented,
    cidr_ranges: implementedNote(
      "Without any, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 127.0.0.1, fd00::/8 and ::1.",
    ),
  }),
  fieldsOf(HttpConnectionManager_SetCurrentClientCertDetailsSchema, {
    subject: implemented,
    cert: implemented,
    chain: implemented,
    dns: implemented,
    uri: implemented,
  }),
  fieldsOf(HttpFilterSchema, {
    name: implemented,
    typed_config: extension(
      RouterSchema,
      HeaderMutationSchema,
      RequestStateSchema,
      GrpcStatsSchema,
      GrpcWebSchema,
      PeerMetadataSchema,
    ),
    is_optional: harmless("A filter that is not implemented is refused even if it is optional."),
    disabled: implemented,
  }),
  fieldsOf(HttpProtocolOptionsSchema, {
    idle_timeout: implemented,
    max_connection_duration: implemented,
    max_headers_count: implementedNote("Of requests in a listener, of responses in a cluster."),
    max_response_headers_kb: implementedNote("Of clusters only, as in Envoy. Default: 80."),
    headers_with_underscores_action: implemented,
    max_requests_per_connection: implemented,
  }),
  fieldsOf(Http1ProtocolOptionsSchema, {
    allow_absolute_url: implemented,
    accept_http_10: implemented,
    default_host_for_http_10: implemented,
    header_key_format: implemented,
    enable_trailers: implemented,
    allow_chunked_length: implemented,
    send_fully_qualified_url: implemented,
    allow_custom_methods: implemented,
    ignore_http_11_upgrade: implemented,
    override_stream_error_on_invalid_http_message: accepted(
      "false",
      (options) => options.overrideStreamErrorOnInvalidHttpMessage === false,
    ),
    use_balsa_parser: harmless("It chooses between two parsers of Envoy; there is one here."),
  }),
  fieldsOf(Http2ProtocolOptionsSchema, {
    hpack_table_size: implementedNote("At most 65,536 bytes are used of it."),
    max_concurrent_streams: implementedNote("Default: 1,024, as in Envoy 1.40."),
    initial_stream_window_size: implementedNote(
      "Default: 262,144, which grows to Envoy's 16,777,216.",
    ),
    initial_connection_window_size: implementedNote(
      "Default: 1,048,576, which grows to Envoy's 25,165,824.",
    ),
    allow_connect: implemented,
    max_outbound_frames: implemented,
    max_outbound_control_frames: implemented,
    max_consecutive_inbound_frames_with_empty_payload: implemented,
    max_inbound_priority_frames_per_stream: implemented,
    max_inbound_window_update_frames_per_data_frame_sent: implemented,
    stream_error_on_invalid_http_messaging: implemented,
    override_stream_error_on_invalid_http_message: implemented,
    connection_keepalive: implemented,
    use_oghttp2_codec: harmless("It chooses between two codecs of Envoy; there is one here."),
  }),
  fieldsOf(KeepaliveSettingsSchema, {
    interval: implemented,
    timeout: implemented,
    interval_jitter: implemented,
    connection_idle_interval: implementedNote(
      "In clusters. Listeners do not look at it, as in Envoy.",
    ),
  }),
  fieldsOf(PercentSchema, { value: implemented }),
  fieldsOf(Http1ProtocolOptions_HeaderKeyFormatSchema, {
    proper_case_words: implemented,
    stateful_formatter: extension(PreserveCaseFormatterConfigSchema),
  }),
  fieldsOf(Http1ProtocolOptions_HeaderKeyFormat_ProperCaseWordsSchema, {}),
  fieldsOf(PreserveCaseFormatterConfigSchema, {
    forward_reason_phrase: implementedNote("It says something of responses, so in clusters only."),
    formatter_type_on_envoy_headers: implemented,
  }),
  fieldsOf(LocalReplyConfigSchema, { mappers: implemented, body_format: implemented }),
  fieldsOf(ResponseMapperSchema, {
    filter: implemented,
    status_code: implemented,
    body: implemented,
    body_format_override: implemented,
    headers_to_add: implementedNote("Envoy takes at most 1,000."),
  }),
];
