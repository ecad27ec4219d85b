import {
  AddressSchema,
  CidrRangeSchema,
  EnvoyInternalAddressSchema,
  PipeSchema,
  SocketAddressSchema,
} from "../../../api/gen/envoy/config/core/v3/address_pb.js";
import {
  DataSourceSchema,
  HeaderValueOptionSchema,
  HeaderValueSchema,
  LocalitySchema,
  MetadataSchema,
  RuntimeFractionalPercentSchema,
  RuntimeUInt32Schema,
  TransportSocketSchema,
  WatchedDirectorySchema,
} from "../../../api/gen/envoy/config/core/v3/base_pb.js";
import {
  PerHostConfigSchema,
  ProxyProtocolConfigSchema,
  TlvEntrySchema,
} from "../../../api/gen/envoy/config/core/v3/proxy_protocol_pb.js";
import { ProxyProtocolUpstreamTransportSchema } from "../../../api/gen/envoy/extensions/transport_sockets/proxy_protocol/v3/upstream_proxy_protocol_pb.js";
import {
  DownstreamTlsContextSchema,
  UpstreamTlsContextSchema,
} from "../../../api/gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import {
  InternalUpstreamTransport_MetadataValueSourceSchema,
  InternalUpstreamTransportSchema,
} from "../../../api/gen/envoy/extensions/transport_sockets/internal_upstream/v3/internal_upstream_pb.js";
import {
  MetadataKind_HostSchema,
  MetadataKindSchema,
} from "../../../api/gen/envoy/type/metadata/v3/metadata_pb.js";
import { RawBufferSchema } from "../../../api/gen/envoy/extensions/transport_sockets/raw_buffer/v3/raw_buffer_pb.js";
import { FractionalPercentSchema } from "../../../api/gen/envoy/type/v3/percent_pb.js";
import { Int64RangeSchema } from "../../../api/gen/envoy/type/v3/range_pb.js";
import type { MessageFields } from "./field-status.ts";
import {
  accepted,
  extension,
  fieldsOf,
  harmless,
  implemented,
  implementedNote,
  onlyValues,
} from "./field-status.ts";

/** Addresses, and the small messages that every part of the configuration uses. */
export const ADDRESS_FIELDS: readonly MessageFields[] = [
  fieldsOf(AddressSchema, {
    socket_address: implemented,
    pipe: implemented,
    envoy_internal_address: implementedNote("Of endpoints; listeners have `internal_listener`."),
  }),
  fieldsOf(EnvoyInternalAddressSchema, {
    server_listener_name: implemented,
    endpoint_id: implemented,
  }),
  fieldsOf(SocketAddressSchema, {
    protocol: onlyValues("TCP"),
    address: implemented,
    port_value: implemented,
    ipv4_compat: accepted("false", (address) => address.ipv4Compat === false),
  }),
  fieldsOf(PipeSchema, { path: implemented, mode: implemented }),
  fieldsOf(CidrRangeSchema, { address_prefix: implemented, prefix_len: implemented }),
  fieldsOf(TransportSocketSchema, {
    name: implemented,
    typed_config: extension(
      RawBufferSchema,
      DownstreamTlsContextSchema,
      UpstreamTlsContextSchema,
      InternalUpstreamTransportSchema,
      ProxyProtocolUpstreamTransportSchema,
    ),
  }),
  fieldsOf(ProxyProtocolUpstreamTransportSchema, {
    config: implemented,
    transport_socket: implemented,
    allow_unspecified_address: accepted(
      "false; Envoy does nothing with it",
      (transport) => !transport.allowUnspecifiedAddress,
    ),
    tlv_as_pool_key: implementedNote("TLVs that are passed on always tell connections apart."),
  }),
  fieldsOf(ProxyProtocolConfigSchema, {
    version: implemented,
    pass_through_tlvs: implemented,
    added_tlvs: implemented,
  }),
  fieldsOf(TlvEntrySchema, { type: implemented, value: implemented }),
  fieldsOf(PerHostConfigSchema, { added_tlvs: implemented }),
  fieldsOf(InternalUpstreamTransportSchema, {
    passthrough_metadata: implemented,
    transport_socket: implemented,
  }),
  fieldsOf(InternalUpstreamTransport_MetadataValueSourceSchema, {
    kind: implemented,
    name: implemented,
  }),
  fieldsOf(MetadataKindSchema, { host: implemented }),
  fieldsOf(MetadataKind_HostSchema, {}),
  fieldsOf(RawBufferSchema, {}),
  fieldsOf(WatchedDirectorySchema, { path: implemented }),
  fieldsOf(DataSourceSchema, {
    filename: implemented,
    inline_bytes: implemented,
    inline_string: implemented,
    environment_variable: implemented,
  }),
  fieldsOf(HeaderValueOptionSchema, {
    header: implemented,
    append: implemented,
    append_action: implemented,
    keep_empty_value: implemented,
  }),
  fieldsOf(HeaderValueSchema, { key: implemented, value: implemented, raw_value: implemented }),
  fieldsOf(LocalitySchema, {
    region: harmless("The admin interface shows it; no balancing by locality asks for it."),
    zone: harmless("The admin interface shows it; no balancing by locality asks for it."),
    sub_zone: harmless("The admin interface shows it; no balancing by locality asks for it."),
  }),
  fieldsOf(MetadataSchema, {
    filter_metadata: implemented,
    typed_filter_metadata: extension(PerHostConfigSchema),
  }),
  fieldsOf(RuntimeFractionalPercentSchema, {
    default_value: implemented,
    runtime_key: implemented,
  }),
  fieldsOf(RuntimeUInt32Schema, { default_value: implemented, runtime_key: implemented }),
  fieldsOf(FractionalPercentSchema, { numerator: implemented, denominator: implemented }),
  fieldsOf(Int64RangeSchema, { start: implemented, end: implemented }),
];
