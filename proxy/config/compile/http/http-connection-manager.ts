import { fromBinary } from "@bufbuild/protobuf";
import { HttpProtocolOptions_HeadersWithUnderscoresAction as Underscores } from "../../../../api/gen/envoy/config/core/v3/protocol_pb.js";
import {
  type Router,
  RouterSchema,
} from "../../../../api/gen/envoy/extensions/filters/http/router/v3/router_pb.js";
import {
  type HttpConnectionManager,
  HttpConnectionManager_CodecType as CodecType,
  HttpConnectionManager_ForwardClientCertDetails as ForwardMode,
} from "../../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import * as image from "../../../../api/engine/image.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import type { ForwardedDetails, HttpCodec, HttpConnectionManagerModel } from "../../model.ts";
import type { ImageCollector } from "../compile-setting.ts";
import { toMs } from "../duration.ts";
import { toHeaderKeyFormat } from "./header-key-format.ts";
import { H2_OPTION_STATS } from "../../../../api/engine/http2.ts";
import { keepaliveOf, writeHttp2Options } from "./http2-options.ts";
import { internalRanges, writeRanges } from "./internal-ranges.ts";

const IDLE_TIMEOUT_MS = 3_600_000;
const STREAM_IDLE_TIMEOUT_MS = 300_000;
const DELAYED_CLOSE_TIMEOUT_MS = 1_000;
const DRAIN_TIMEOUT_MS = 5_000;
const HEAD_KILOBYTES = 60;
const HEADER_COUNT = 100;
const SERVER_NAME = "envoy";
/** Headers that the router may be told to check. */
const STRICT_HEADERS: ReadonlyMap<string, number> = new Map([
  ["x-envoy-upstream-rq-timeout-ms", image.STRICT_RQ_TIMEOUT],
  ["x-envoy-upstream-rq-per-try-timeout-ms", image.STRICT_PER_TRY_TIMEOUT],
  ["x-envoy-max-retries", image.STRICT_MAX_RETRIES],
  ["x-envoy-retry-on", image.STRICT_RETRY_ON],
  ["x-envoy-retry-grpc-on", image.STRICT_RETRY_GRPC_ON],
]);

/** What a connection manager record refers to that was written before it. */
export interface HttpConnectionManagerParts {
  /** Offset of the route configuration. */
  readonly routes: number;
  /** Offset and number of the access-log records. */
  readonly accessLogs: { readonly offset: number; readonly count: number };
  /** Offset of the local reply record, or 0. */
  readonly localReply: number;
  /** Offset and number of the records of the filter chain. */
  readonly chain: { readonly offset: number; readonly count: number };
  /** Offset and number of the matchers of `ignore_http_11_upgrade`. */
  readonly ignoredUpgrades: { readonly offset: number; readonly count: number };
  /** Offset and number of the `UPGRADE_*` records. */
  readonly upgrades: { readonly offset: number; readonly count: number };
  readonly isTls: boolean;
  readonly listenerPort: number;
  /** The listener's name among the statistics. */
  readonly listenerStatName: string;
  /** The listener's `per_connection_buffer_limit_bytes`. */
  readonly bufferBytesMax: number;
  /** Facts of TLS that its formats ask for: bits `1 << FACT_*`. */
  readonly tlsFacts: number;
}

/** Writes the record of an HttpConnectionManager and returns what workers need beside it. */
export function compileConnectionManager(
  writer: ImageWriter,
  manager: HttpConnectionManager,
  parts: HttpConnectionManagerParts,
  collector: ImageCollector,
): HttpConnectionManagerModel {
  const record = writer.reserve(image.HCM_BYTES);
  const common = manager.commonHttpProtocolOptions;
  const router = routerOf(manager);
  writer.setUint32(record + image.HCM_FLAGS, flagsOf(manager, router, parts.isTls));
  writer.setUint32(record + image.HCM_STRICT_HEADERS, strictBits(router?.strictCheckHeaders ?? []));
  const internal = internalRanges(manager.internalAddressConfig);
  writeRanges(writer, record + image.HCM_INTERNAL_RANGES, internal);
  writeHeadLimits(writer, record, manager);
  const requestsMax = common?.maxRequestsPerConnection ?? 0;
  writer.setUint32(record + image.HCM_REQUESTS_PER_CONNECTION_MAX, requestsMax);
  writer.setUint32(record + image.HCM_XFF_TRUSTED_HOPS, manager.xffNumTrustedHops);
  writeIdentity(writer, record, manager);
  writer.setUint32(record + image.HCM_ESCAPED_SLASHES, manager.pathWithEscapedSlashesAction);
  writer.setUint32(record + image.HCM_UNDERSCORES, underscoresOf(manager));
  writer.setUint32(record + image.HCM_ROUTE_CONFIG, parts.routes);
  writer.setList(record + image.HCM_ACCESS_LOGS, parts.accessLogs.offset, parts.accessLogs.count);
  writer.setUint32(record + image.HCM_LOCAL_REPLY, parts.localReply);
  writer.setList(record + image.HCM_CHAIN, parts.chain.offset, parts.chain.count);
  const { ignoredUpgrades: ignored, upgrades } = parts;
  writer.setList(record + image.HCM_UPGRADES, upgrades.offset, upgrades.count);
  writer.setList(record + image.HCM_IGNORED_UPGRADES, ignored.offset, ignored.count);
  const defaultHost = manager.httpProtocolOptions?.defaultHostForHttp10 ?? "";
  writer.setText(record + image.HCM_DEFAULT_HOST, defaultHost);
  const streamIdleMs = toMs(manager.streamIdleTimeout, STREAM_IDLE_TIMEOUT_MS);
  writer.setUint32(record + image.HCM_STREAM_IDLE_TIMEOUT_MS, streamIdleMs);
  writer.setUint32(record + image.HCM_DURATION_MAX_MS, toMs(common?.maxStreamDuration, 0));
  writer.setUint32(record + image.HCM_LISTENER_PORT, parts.listenerPort);
  writer.setUint32(record + image.HCM_BUFFER_BYTES_MAX, parts.bufferBytesMax);
  writer.setText(record + image.HCM_STAT_PREFIX, manager.statPrefix);
  writer.setUint32(record + image.HCM_FORWARD_CERTIFICATE, manager.forwardClientCertDetails);
  // Each listener counts for itself, since Envoy shows some of it twice: see stat-scope.ts.
  const statScope = `${parts.listenerStatName.replaceAll(":", "_")}:${manager.statPrefix}`;
  collector.addScope(image.SCOPE_KIND_HCM, statScope, record + image.HCM_STATS);
  if (codecOf(manager) !== "http1") {
    // One for the whole process, as in Envoy.
    collector.addScope(image.SCOPE_KIND_HTTP2, "http2", record + image.HCM_HTTP2 + H2_OPTION_STATS);
  }
  return {
    kind: "http",
    record,
    statScope,
    codec: codecOf(manager),
    idleTimeoutMs: toMs(common?.idleTimeout, IDLE_TIMEOUT_MS),
    connectionDurationMaxMs: toMs(common?.maxConnectionDuration, 0),
    requestTimeoutMs: toMs(manager.requestTimeout, 0),
    requestHeadersTimeoutMs: toMs(manager.requestHeadersTimeout, 0),
    delayedCloseTimeoutMs: toMs(manager.delayedCloseTimeout, DELAYED_CLOSE_TIMEOUT_MS),
    drainTimeoutMs: toMs(manager.drainTimeout, DRAIN_TIMEOUT_MS),
    http2Keepalive: keepaliveOf(manager.http2ProtocolOptions),
    forwardedDetails: forwardedDetails(manager),
    tlsFacts: parts.tlsFacts,
  };
}

function forwardedDetails(manager: HttpConnectionManager): ForwardedDetails | null {
  const mode = manager.forwardClientCertDetails;
  if (mode !== ForwardMode.APPEND_FORWARD && mode !== ForwardMode.SANITIZE_SET) return null;
  const { subject, cert, chain, dns, uri } = manager.setCurrentClientCertDetails ?? {};
  return {
    subject: subject ?? false,
    cert: cert ?? false,
    chain: chain ?? false,
    dns: dns ?? false,
    uri: uri ?? false,
  };
}

/** How large heads may be, and the rest of what the codecs want to know. */
function writeHeadLimits(
  writer: ImageWriter,
  record: number,
  manager: HttpConnectionManager,
): void {
  const bytes = (manager.maxRequestHeadersKb ?? HEAD_KILOBYTES) * 1024;
  const count = manager.commonHttpProtocolOptions?.maxHeadersCount ?? HEADER_COUNT;
  writer.setUint32(record + image.HCM_HEAD_BYTES_MAX, bytes);
  writer.setUint32(record + image.HCM_HEADER_COUNT_MAX, count);
  const limits = { bytes, count };
  writeHttp2Options(writer, record + image.HCM_HTTP2, manager.http2ProtocolOptions, limits);
}

/** What the proxy says of itself. */
function writeIdentity(writer: ImageWriter, record: number, manager: HttpConnectionManager): void {
  const transformation = manager.serverHeaderTransformation;
  writer.setUint32(record + image.HCM_SERVER_TRANSFORMATION, transformation);
  const serverName = manager.serverName === "" ? SERVER_NAME : manager.serverName;
  writer.setText(record + image.HCM_SERVER_NAME, serverName);
  writer.setText(record + image.HCM_VIA, manager.via);
}

function codecOf(manager: HttpConnectionManager): HttpCodec {
  switch (manager.codecType) {
    case CodecType.HTTP1:
      return "http1";
    case CodecType.HTTP2:
      return "http2";
    default:
      return "auto";
  }
}

function underscoresOf(manager: HttpConnectionManager): number {
  switch (manager.commonHttpProtocolOptions?.headersWithUnderscoresAction) {
    case Underscores.REJECT_REQUEST:
      return image.UNDERSCORES_REJECT;
    case Underscores.DROP_HEADER:
      return image.UNDERSCORES_DROP;
    default:
      return image.UNDERSCORES_ALLOW;
  }
}

function flagsOf(
  manager: HttpConnectionManager,
  router: Router | undefined,
  isTls: boolean,
): number {
  const http1 = manager.httpProtocolOptions;
  const stripsAny =
    manager.stripPortMode.case === "stripAnyHostPort" && manager.stripPortMode.value;
  const format = toHeaderKeyFormat(http1);
  const flags: readonly (readonly [boolean | undefined, number])[] = [
    [isTls, image.HCM_TLS],
    [manager.useRemoteAddress, image.HCM_USE_REMOTE_ADDRESS],
    [manager.skipXffAppend, image.HCM_SKIP_XFF_APPEND],
    [manager.generateRequestId ?? true, image.HCM_GENERATE_REQUEST_ID],
    [manager.preserveExternalRequestId, image.HCM_PRESERVE_REQUEST_ID],
    [manager.alwaysSetRequestIdInResponse, image.HCM_ALWAYS_SET_REQUEST_ID],
    [manager.normalizePath, image.HCM_NORMALIZE_PATH],
    [manager.mergeSlashes, image.HCM_MERGE_SLASHES],
    [manager.stripMatchingHostPort, image.HCM_STRIP_MATCHING_PORT],
    [stripsAny, image.HCM_STRIP_ANY_PORT],
    [manager.stripTrailingHostDot, image.HCM_STRIP_TRAILING_DOT],
    [manager.proxy100Continue, image.HCM_PROXY_100_CONTINUE],
    [http1?.acceptHttp10, image.HCM_ACCEPT_HTTP_10],
    [http1?.enableTrailers, image.HCM_ENABLE_TRAILERS],
    [http1?.allowChunkedLength, image.HCM_CHUNKED_LENGTH],
    [http1?.allowAbsoluteUrl === false, image.HCM_DENY_ABSOLUTE_URL],
    [router?.suppressEnvoyHeaders, image.HCM_SUPPRESS_ENVOY_HEADERS],
    [router?.respectExpectedRqTimeout, image.HCM_RESPECT_EXPECTED_TIMEOUT],
    [manager.internalAddressConfig?.unixSockets, image.HCM_UNIX_SOCKETS_INTERNAL],
    [http1?.allowCustomMethods, image.HCM_CUSTOM_METHODS],
    [format.isProper, image.HCM_PROPER_CASE],
    [format.keepsCase, image.HCM_KEEP_CASE],
    [format.isProperBeside, image.HCM_KEEP_CASE_PROPER],
  ];
  return flags.reduce((sum, [isSet, flag]) => (isSet === true ? sum | flag : sum), 0);
}

/** The router, which ends the chain. */
function routerOf(manager: HttpConnectionManager): Router | undefined {
  const config = manager.httpFilters.at(-1)?.configType;
  if (config?.case !== "typedConfig") return undefined;
  return fromBinary(RouterSchema, config.value.value);
}

function strictBits(names: readonly string[]): number {
  return names.reduce((sum, name) => sum | (STRICT_HEADERS.get(name) ?? 0), 0);
}
