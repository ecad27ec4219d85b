import type {
  ListenerFilter,
  ListenerFilterChainMatchPredicate,
  ListenerFilterChainMatchPredicate_MatchSet,
} from "../../../../api/gen/envoy/config/listener/v3/listener_components_pb.js";
import {
  type ProxyProtocolPassThroughTLVs,
  ProxyProtocolConfig_Version as Version,
  ProxyProtocolPassThroughTLVs_PassTLVsMatchType as PassedTypes,
} from "../../../../api/gen/envoy/config/core/v3/proxy_protocol_pb.js";
import { HttpInspectorSchema } from "../../../../api/gen/envoy/extensions/filters/listener/http_inspector/v3/http_inspector_pb.js";
import { OriginalDstSchema } from "../../../../api/gen/envoy/extensions/filters/listener/original_dst/v3/original_dst_pb.js";
import { OriginalSrcSchema } from "../../../../api/gen/envoy/extensions/filters/listener/original_src/v3/original_src_pb.js";
import {
  type ProxyProtocol,
  ProxyProtocol_KeyValuePair_ValueStringEncoding as Encoding,
  ProxyProtocolSchema,
} from "../../../../api/gen/envoy/extensions/filters/listener/proxy_protocol/v3/proxy_protocol_pb.js";
import { TlsInspectorSchema } from "../../../../api/gen/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type {
  FilterPredicate,
  ListenerFilterModel,
  ProxyProtocolModel,
  TlvChoice,
} from "../../listener-model.ts";
import { unpackAny } from "../../message/any-registry.ts";
import { refuse } from "../route/route-setting.ts";

const HELLO_BYTES_MAX = 16_384;
const METADATA_NAMESPACE = "envoy.filters.listener.proxy_protocol";

/**
 * Turns a listener filter into what workers run.
 *
 * @throws MeshError `CONFIG_INVALID` for one that is not implemented.
 */
export function compileListenerFilter(
  filter: ListenerFilter,
  path: FieldPath,
): ListenerFilterModel {
  const at = path.field("typed_config");
  const { filterDisabled } = filter;
  const disabled =
    filterDisabled === undefined
      ? null
      : toPredicate(filterDisabled, path.field("filter_disabled"));
  if (filter.configType.case !== "typedConfig") return refuse(at, "value is required");
  const any = filter.configType.value;
  const tls = unpackAny(any, TlsInspectorSchema);
  if (tls !== null) {
    return {
      kind: "tls-inspector",
      helloBytesMax: tls.maxClientHelloSize ?? HELLO_BYTES_MAX,
      closesOnParseError: tls.closeConnectionOnClientHelloParsingErrors,
      makesJa3: tls.enableJa3Fingerprinting ?? false,
      disabled,
    };
  }
  if (unpackAny(any, HttpInspectorSchema) !== null) return { kind: "http-inspector", disabled };
  if (unpackAny(any, OriginalDstSchema) !== null) return { kind: "original-dst", disabled };
  const source = unpackAny(any, OriginalSrcSchema);
  if (source !== null) return { kind: "original-src", mark: source.mark, disabled };
  const proxy = unpackAny(any, ProxyProtocolSchema);
  if (proxy !== null) return { ...toProxyProtocol(proxy), disabled };
  return refuse(at, "a listener filter of this type is not implemented");
}

function toProxyProtocol(proxy: ProxyProtocol): ProxyProtocolModel {
  return {
    kind: "proxy-protocol",
    statPrefix: proxy.statPrefix,
    allowsNone: proxy.allowRequestsWithoutProxyProtocol,
    disallowed: proxy.disallowedVersions.map((version) => (version === Version.V2 ? 2 : 1)),
    rules: proxy.rules.flatMap(({ tlvType, onTlvPresent }) =>
      onTlvPresent === undefined
        ? []
        : {
            type: tlvType,
            namespace: onTlvPresent.metadataNamespace || METADATA_NAMESPACE,
            key: onTlvPresent.key,
            encoding: onTlvPresent.valueStringEncoding === Encoding.BASE64 ? "base64" : "utf8",
          },
    ),
    passed: toTlvChoice(proxy.passThroughTlvs),
  };
}

/** Types of TLVs that are handed on: none where nothing is said. */
export function toTlvChoice(choice: ProxyProtocolPassThroughTLVs | undefined): TlvChoice {
  if (choice === undefined) return [];
  return choice.matchType === PassedTypes.INCLUDE_ALL ? "all" : choice.tlvType;
}

function toPredicate(
  predicate: ListenerFilterChainMatchPredicate,
  path: FieldPath,
): FilterPredicate {
  const { case: kind, value } = predicate.rule;
  const toRules = ({ rules }: ListenerFilterChainMatchPredicate_MatchSet, at: FieldPath) =>
    rules.map((rule, index) => toPredicate(rule, at.field("rules").item(index)));
  switch (kind) {
    case "orMatch":
      return { kind: "or", rules: toRules(value, path.field("or_match")) };
    case "andMatch":
      return { kind: "and", rules: toRules(value, path.field("and_match")) };
    case "notMatch":
      return { kind: "not", rule: toPredicate(value, path.field("not_match")) };
    case "anyMatch":
      return { kind: "any" };
    case "destinationPortRange":
      return { kind: "port", start: value.start, end: value.end };
    default:
      return refuse(path, "value is required");
  }
}
