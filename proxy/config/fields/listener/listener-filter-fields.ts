import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { ProxyProtocolPassThroughTLVsSchema } from "../../../../api/gen/envoy/config/core/v3/proxy_protocol_pb.js";
import {
  ListenerFilterChainMatchPredicate_MatchSetSchema,
  ListenerFilterChainMatchPredicateSchema,
  ListenerFilterSchema,
} from "../../../../api/gen/envoy/config/listener/v3/listener_components_pb.js";
import { HttpInspectorSchema } from "../../../../api/gen/envoy/extensions/filters/listener/http_inspector/v3/http_inspector_pb.js";
import { OriginalDstSchema } from "../../../../api/gen/envoy/extensions/filters/listener/original_dst/v3/original_dst_pb.js";
import { OriginalSrcSchema } from "../../../../api/gen/envoy/extensions/filters/listener/original_src/v3/original_src_pb.js";
import {
  ProxyProtocol_KeyValuePairSchema,
  ProxyProtocol_RuleSchema,
  ProxyProtocolSchema,
} from "../../../../api/gen/envoy/extensions/filters/listener/proxy_protocol/v3/proxy_protocol_pb.js";
import { TlsInspectorSchema } from "../../../../api/gen/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector_pb.js";
import * as network from "../../../../api/gen/envoy/extensions/matching/common_inputs/network/v3/network_inputs_pb.js";
import { IpSchema } from "../../../../api/gen/envoy/extensions/matching/input_matchers/ip/v3/ip_pb.js";
import { Int32RangeSchema } from "../../../../api/gen/envoy/type/v3/range_pb.js";
import { CidrRangeSchema } from "../../../../api/gen/xds/core/v3/cidr_pb.js";
import { TypedExtensionConfigSchema } from "../../../../api/gen/xds/core/v3/extension_pb.js";
import {
  IPMatcher_IPRangeMatcherSchema,
  IPMatcherSchema,
} from "../../../../api/gen/xds/type/matcher/v3/ip_pb.js";
import {
  Matcher_MatcherList_FieldMatcherSchema,
  Matcher_MatcherList_Predicate_PredicateListSchema,
  Matcher_MatcherList_Predicate_SinglePredicateSchema,
  Matcher_MatcherList_PredicateSchema,
  Matcher_MatcherListSchema,
  Matcher_MatcherTree_MatchMapSchema,
  Matcher_MatcherTreeSchema,
  Matcher_OnMatchSchema,
  MatcherSchema,
} from "../../../../api/gen/xds/type/matcher/v3/matcher_pb.js";
import {
  RegexMatcher_GoogleRE2Schema,
  RegexMatcherSchema,
} from "../../../../api/gen/xds/type/matcher/v3/regex_pb.js";
import { StringMatcherSchema } from "../../../../api/gen/xds/type/matcher/v3/string_pb.js";
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

const INPUTS = [
  network.DestinationIPInputSchema,
  network.DestinationPortInputSchema,
  network.SourceIPInputSchema,
  network.SourcePortInputSchema,
  network.DirectSourceIPInputSchema,
  network.SourceTypeInputSchema,
  network.ServerNameInputSchema,
  network.TransportProtocolInputSchema,
  network.ApplicationProtocolInputSchema,
];

/** Listener filters. */
const FILTERS: readonly MessageFields[] = [
  fieldsOf(ListenerFilterSchema, {
    name: implementedNote("Any name will do; the type chooses the filter."),
    typed_config: extension(
      TlsInspectorSchema,
      HttpInspectorSchema,
      ProxyProtocolSchema,
      OriginalDstSchema,
      OriginalSrcSchema,
    ),
    filter_disabled: implemented,
  }),
  fieldsOf(ListenerFilterChainMatchPredicateSchema, {
    or_match: implemented,
    and_match: implemented,
    not_match: implemented,
    any_match: implemented,
    destination_port_range: implemented,
  }),
  fieldsOf(ListenerFilterChainMatchPredicate_MatchSetSchema, { rules: implemented }),
  fieldsOf(Int32RangeSchema, { start: implemented, end: implemented }),
  fieldsOf(TlsInspectorSchema, {
    enable_ja3_fingerprinting: implemented,
    initial_read_buffer_size: harmless("One read takes what there is; nothing is doubled."),
    enable_ja4_fingerprinting: accepted(
      "false",
      (inspector) => inspector.enableJa4Fingerprinting !== true,
    ),
    close_connection_on_client_hello_parsing_errors: implemented,
    max_client_hello_size: implemented,
  }),
  fieldsOf(HttpInspectorSchema, {}),
  fieldsOf(OriginalDstSchema, {}),
  fieldsOf(OriginalSrcSchema, {
    // Envoy does nothing with it.
    bind_port: accepted("false", ({ bindPort }) => !bindPort),
    mark: implemented,
  }),
  fieldsOf(ProxyProtocolSchema, {
    rules: implementedNote(
      "The metadata is that of the connection, which the requests on it do not have, as in Envoy.",
    ),
    allow_requests_without_proxy_protocol: implemented,
    pass_through_tlvs: implemented,
    disallowed_versions: implemented,
    stat_prefix: implemented,
    tlv_location: onlyValues("DYNAMIC_METADATA"),
  }),
  fieldsOf(ProxyProtocol_RuleSchema, { tlv_type: implemented, on_tlv_present: implemented }),
  fieldsOf(ProxyProtocol_KeyValuePairSchema, {
    metadata_namespace: implemented,
    key: implemented,
    value_string_encoding: implemented,
  }),
  fieldsOf(ProxyProtocolPassThroughTLVsSchema, { match_type: implemented, tlv_type: implemented }),
];

/** Matchers that choose filter chains. */
const MATCHERS: readonly MessageFields[] = [
  fieldsOf(MatcherSchema, {
    matcher_list: implemented,
    matcher_tree: implemented,
    on_no_match: implemented,
  }),
  fieldsOf(Matcher_OnMatchSchema, { matcher: implemented, action: implemented }),
  fieldsOf(Matcher_MatcherListSchema, { matchers: implemented }),
  fieldsOf(Matcher_MatcherList_FieldMatcherSchema, {
    predicate: implemented,
    on_match: implemented,
  }),
  fieldsOf(Matcher_MatcherList_PredicateSchema, {
    single_predicate: implemented,
    or_matcher: implemented,
    and_matcher: implemented,
    not_matcher: implemented,
  }),
  fieldsOf(Matcher_MatcherList_Predicate_PredicateListSchema, { predicate: implemented }),
  fieldsOf(Matcher_MatcherList_Predicate_SinglePredicateSchema, {
    input: implemented,
    value_match: implemented,
    custom_match: implemented,
  }),
  fieldsOf(Matcher_MatcherTreeSchema, {
    input: implemented,
    exact_match_map: implemented,
    prefix_match_map: implemented,
    custom_match: implemented,
  }),
  fieldsOf(Matcher_MatcherTree_MatchMapSchema, { map: implemented }),
  fieldsOf(TypedExtensionConfigSchema, {
    name: implementedNote("Any name will do; the type says what it is."),
    typed_config: extension(
      ...INPUTS,
      network.FilterStateInputSchema,
      IPMatcherSchema,
      IpSchema,
      StringValueSchema,
    ),
  }),
  fieldsOf(StringValueSchema, { value: implemented }),
  ...INPUTS.map((input) => fieldsOf(input, {})),
  fieldsOf(network.FilterStateInputSchema, { key: implemented }),
  fieldsOf(IPMatcherSchema, { range_matchers: implemented }),
  fieldsOf(IPMatcher_IPRangeMatcherSchema, {
    ranges: implemented,
    on_match: implemented,
    exclusive: implemented,
  }),
  fieldsOf(IpSchema, {
    cidr_ranges: implemented,
    stat_prefix: harmless("Envoy counts nothing below it when a filter chain is chosen."),
  }),
  fieldsOf(CidrRangeSchema, { address_prefix: implemented, prefix_len: implemented }),
  fieldsOf(StringMatcherSchema, {
    exact: implemented,
    prefix: implemented,
    suffix: implemented,
    safe_regex: implemented,
    contains: implemented,
    ignore_case: implemented,
  }),
  fieldsOf(RegexMatcherSchema, {
    google_re2: implementedNote("RE2 is the only engine, named or not."),
    regex: implemented,
  }),
  fieldsOf(RegexMatcher_GoogleRE2Schema, {}),
];

/** Listener filters, and matchers that choose filter chains. */
export const LISTENER_FILTER_FIELDS: readonly MessageFields[] = [...FILTERS, ...MATCHERS];
