import { fromBinary } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { Node } from "../../../../api/gen/envoy/config/core/v3/base_pb.js";
import type { FilterChain } from "../../../../api/gen/envoy/config/listener/v3/listener_components_pb.js";
import {
  type HttpConnectionManager,
  HttpConnectionManagerSchema,
} from "../../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import {
  type Config as DirectResponse,
  ConfigSchema as DirectResponseSchema,
} from "../../../../api/gen/envoy/extensions/filters/network/direct_response/v3/config_pb.js";
import { EchoSchema } from "../../../../api/gen/envoy/extensions/filters/network/echo/v3/echo_pb.js";
import { TcpProxySchema } from "../../../../api/gen/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb.js";
import type { FieldPath } from "../../field-path.ts";
import { AskedFacts } from "../../format/asked-facts.ts";
import type { FormatSetting } from "../../format/format-setting.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { unpackAny } from "../../message/any-registry.ts";
import type { FilterChainModel, HttpConnectionManagerModel, TerminalModel } from "../../model.ts";
import { compileChain } from "../chain.ts";
import type { CompileSetting, ImageCollector } from "../compile-setting.ts";
import { toMs } from "../duration.ts";
import { toChainMatch } from "../filter-chain-match.ts";
import { compileConnectionManager } from "../http/http-connection-manager.ts";
import {
  compileIgnoredUpgrades,
  compileLogs,
  compileReplies,
} from "../http/http-connection-manager-parts.ts";
import { writeUpgrades } from "../http/upgrades.ts";
import { compileRouteConfiguration } from "../route/route-configuration.ts";
import { refuse } from "../route/route-setting.ts";
import { routeSetting } from "../routes.ts";
import { readSource } from "../tls/data-source.ts";
import type { TlsCompiler } from "../tls/tls-context.ts";
import { type CellCollector, toNetworkFilter } from "./network-filters.ts";
import { setsStateOnly, writeStateOf } from "./state-sets.ts";
import { compileTcpProxy } from "./tcp-proxy.ts";

/** What the filter chains of a snapshot are compiled with. */
export interface ChainCompiler {
  readonly writer: ImageWriter;
  readonly collector: ImageCollector;
  readonly setting: CompileSetting;
  readonly clusterNames: readonly string[];
  readonly tls: TlsCompiler;
  /** By formats of any listener. */
  readonly asked: AskedFacts;
  readonly cells: CellCollector;
  /** Who this proxy is. */
  readonly node: Node | undefined;
}

/** What a filter chain needs to know of its listener. */
export interface ListenerFacts {
  readonly name: string;
  readonly port: number;
  readonly statName: string;
  readonly bufferBytesMax: number;
  /** What its access logs ask for. */
  readonly askedFacts: AskedFacts;
}

/** Compiles a filter chain with the filter that it ends in. */
export function compileFilterChain(
  compiler: ChainCompiler,
  chain: FilterChain,
  path: FieldPath,
  listener: ListenerFacts,
): FilterChainModel {
  const filters = chain.filters.map(({ configType }, place) => {
    const at = path.field("filters").item(place).field("typed_config");
    if (configType.case !== "typedConfig") return refuse(at, "value is required");
    return { config: configType.value, path: at };
  });
  const last = filters.pop();
  if (last === undefined) return refuse(path.field("filters"), "a filter is required");
  const tls = compiler.tls.downstream(chain.transportSocket, path.field("transport_socket"));
  const askedFacts = new AskedFacts();
  askedFacts.downstream = listener.askedFacts.downstream;
  const format = {
    ...compiler.setting,
    listenerName: listener.name,
    filterChainName: chain.name,
    askedFacts,
  };
  const { writer, node } = compiler;
  const stateSets = filters
    .map((each) => writeStateOf(each.config, { writer, format, node }, each.path))
    .filter((offset) => offset !== 0);
  const terminal = compileTerminal(compiler, last.config, {
    listener,
    format,
    isTls: tls !== null,
    path: last.path,
  });
  compiler.asked.upstream |= askedFacts.upstream;
  return {
    name: chain.name,
    match: toChainMatch(chain.filterChainMatch),
    filters: filters.flatMap((each) =>
      setsStateOnly(each.config) ? [] : [toNetworkFilter(each.config, compiler, each.path)],
    ),
    terminal,
    stateSets,
    tls,
    handshakeTimeoutMs: toMs(chain.transportSocketConnectTimeout, 0),
  };
}

/** Where a filter stands. */
interface TerminalPlace {
  readonly listener: ListenerFacts;
  readonly format: CompileSetting & FormatSetting;
  readonly isTls: boolean;
  readonly path: FieldPath;
}

function compileTerminal(
  compiler: ChainCompiler,
  config: Any,
  place: TerminalPlace,
): TerminalModel {
  const proxy = unpackAny(config, TcpProxySchema);
  if (proxy !== null) {
    const { listener, format, path } = place;
    return compileTcpProxy(compiler, proxy, { format, path, ...listener });
  }
  if (unpackAny(config, EchoSchema) !== null) return { kind: "echo", ...NO_RECORD };
  const direct = unpackAny(config, DirectResponseSchema);
  if (direct !== null) return toDirectResponse(direct, compiler.setting, place.path);
  return compileManager(compiler, fromBinary(HttpConnectionManagerSchema, config.value), place);
}

const NO_RECORD = { record: 0, statScope: "" } as const;

function toDirectResponse(
  { response }: DirectResponse,
  setting: CompileSetting,
  path: FieldPath,
): TerminalModel {
  const body =
    response === undefined
      ? new Uint8Array()
      : readSource(response, setting, path.field("response")).bytes;
  return { kind: "direct-response", body, ...NO_RECORD };
}

function compileManager(
  { writer, collector, setting, clusterNames, node }: ChainCompiler,
  manager: HttpConnectionManager,
  { listener, format, isTls, path }: TerminalPlace,
): HttpConnectionManagerModel {
  const routes = routeSetting(setting, clusterNames, format, manager.httpFilters);
  const { routeSpecifier } = manager;
  if (routeSpecifier.case !== "routeConfig") return refuse(path, "route_config is required");
  const routePath = path.field("route_config");
  const parts = {
    isTls,
    routes: compileRouteConfiguration(writer, routeSpecifier.value, routes, routePath),
    accessLogs: compileLogs(writer, manager, format, collector, path),
    localReply: compileReplies(writer, manager, format, routes, path),
    chain: compileChain(
      writer,
      manager.httpFilters,
      { ...routes, format, node },
      path.field("http_filters"),
    ),
    ignoredUpgrades: compileIgnoredUpgrades(writer, manager, path),
    upgrades: writeUpgrades(writer, manager.upgradeConfigs, path.field("upgrade_configs")),
    listenerPort: listener.port,
    listenerStatName: listener.statName,
    bufferBytesMax: listener.bufferBytesMax,
  };
  const tlsFacts = format.askedFacts.downstream;
  return compileConnectionManager(writer, manager, { ...parts, tlsFacts }, collector);
}
