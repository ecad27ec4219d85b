import type { Bootstrap } from "../../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { TrafficDirection } from "../../../api/gen/envoy/config/core/v3/base_pb.js";
import type { FilterChain } from "../../../api/gen/envoy/config/listener/v3/listener_components_pb.js";
import type { Listener } from "../../../api/gen/envoy/config/listener/v3/listener_pb.js";
import * as image from "../../../api/engine/image.ts";
import { FieldPath } from "../field-path.ts";
import { AskedFacts } from "../format/asked-facts.ts";
import { ImageWriter } from "../image/image-writer.ts";
import type { EndpointAddress, FilterChainModel, ListenerModel, Snapshot } from "../model.ts";
import { formatAddress, toAddress } from "./address.ts";
import { toBufferLimit } from "./buffer-limit.ts";
import { toClusterModel, writeCluster } from "./cluster.ts";
import { type CompileSetting, ImageCollector } from "./compile-setting.ts";
import { compileListenerSetting } from "./listener/listener-setting.ts";
import { compileAccessLogs } from "./log/access-log.ts";
import {
  type ChainCompiler,
  compileFilterChain,
  type ListenerFacts,
} from "./network/filter-chain.ts";
import { CellCollector } from "./network/network-filters.ts";
import { TlsCompiler } from "./tls/tls-context.ts";

/** More than any kernel lets wait, so its own limit counts: `net.core.somaxconn` on Linux. */
const BACKLOG = 0x7fff_ffff;

/**
 * Turns a bootstrap that was checked into what workers run. Pure: equal input gives equal bytes.
 *
 * @throws MeshError `CONFIG_INVALID` for what shows only now, such as a bad regular expression.
 */
export function compileSnapshot(
  bootstrap: Bootstrap,
  version: number,
  setting: CompileSetting,
): Snapshot {
  const writer = new ImageWriter();
  const collector = new ImageCollector(setting.logSinks);
  const resources = bootstrap.staticResources;
  const clusters = resources?.clusters ?? [];
  const header = writer.reserve(image.IMAGE_HEADER_BYTES);
  const path = FieldPath.root.field("static_resources");
  const records = writer.reserve(clusters.length * image.CLUSTER_BYTES);
  for (const [index, cluster] of clusters.entries()) {
    writeCluster(writer, records + index * image.CLUSTER_BYTES, cluster, collector);
  }
  const names = clusters.map((cluster) => cluster.name);
  const tls = new TlsCompiler(bootstrap, setting);
  const asked = new AskedFacts();
  const cells = new CellCollector();
  const clusterNames = names;
  const { node } = bootstrap;
  const shared = { writer, collector, setting, clusterNames, tls, asked, cells };
  const compiler: ChainCompiler = { ...shared, node };
  const listeners = (resources?.listeners ?? []).map((listener, index) =>
    compileListener(compiler, listener, path.field("listeners").item(index)),
  );
  writer.setList(header + image.IMAGE_CLUSTERS, records, clusters.length);
  writeHeader(writer, header, bootstrap, setting);
  writeManagers(writer, header, listeners);
  writeScopes(writer, header, collector);
  writer.setUint32(header + image.IMAGE_TOTAL_BYTES, writer.length);
  return {
    version,
    image: writer.finish(),
    listeners,
    clusters: clusters.map((each, index) => {
      const at = path.field("clusters").item(index);
      const socket = tls.upstream(each, at);
      return toClusterModel(each, at, socket, asked.upstream);
    }),
    logSinks: collector.logSinks,
    cells: cells.keys,
  };
}

function writeHeader(
  writer: ImageWriter,
  header: number,
  { node }: Bootstrap,
  setting: CompileSetting,
): void {
  writer.setUint32(header + image.IMAGE_MAGIC, image.IMAGE_MAGIC_VALUE);
  writer.setUint32(header + image.IMAGE_VERSION, image.IMAGE_VERSION_VALUE);
  writer.setText(header + image.IMAGE_NODE_ID, node?.id ?? "");
  writer.setText(header + image.IMAGE_NODE_CLUSTER, node?.cluster ?? "");
  writer.setText(header + image.IMAGE_LOCAL_ADDRESS, setting.localAddress);
}

function writeManagers(
  writer: ImageWriter,
  header: number,
  listeners: readonly ListenerModel[],
): void {
  const records = listeners
    .flatMap(chainsOf)
    .flatMap(({ terminal }) => (terminal.kind === "http" ? [terminal.record] : []));
  const list = writer.reserve(records.length * 4);
  for (const [index, record] of records.entries()) writer.setUint32(list + index * 4, record);
  writer.setList(header + image.IMAGE_HCMS, list, records.length);
}

function writeScopes(writer: ImageWriter, header: number, { scopes }: ImageCollector): void {
  const list = writer.reserve(scopes.length * image.SCOPE_BYTES);
  for (const [index, scope] of scopes.entries()) {
    const at = list + index * image.SCOPE_BYTES;
    writer.setUint32(at + image.SCOPE_KIND, scope.kind);
    writer.setText(at + image.SCOPE_NAME, scope.name);
    writer.setUint32(at + image.SCOPE_FIELD, scope.field);
  }
  writer.setList(header + image.IMAGE_SCOPES, list, scopes.length);
}

/** All filter chains of a listener, the default one last. */
function chainsOf(listener: ListenerModel): readonly FilterChainModel[] {
  const { filterChains, defaultFilterChain } = listener;
  return defaultFilterChain === null ? filterChains : [...filterChains, defaultFilterChain];
}

function compileListener(
  compiler: ChainCompiler,
  listener: Listener,
  path: FieldPath,
): ListenerModel {
  const extra = listener.additionalAddresses.map(({ address }, index) =>
    toAddress(address, path.field("additional_addresses").item(index).field("address")),
  );
  const isInternal = listener.listenerSpecifier.case === "internalListener";
  const own: EndpointAddress = isInternal
    ? { kind: "internal", listener: listener.name, endpointId: "" }
    : toAddress(listener.address, path.field("address"));
  const name = listener.name === "" ? formatAddress(own) : listener.name;
  const port = own.kind === "tcp" ? own.port : 0;
  const statName = listener.statPrefix === "" ? statNameOf(own) : listener.statPrefix;
  const bufferBytesMax = toBufferLimit(listener.perConnectionBufferLimitBytes);
  const askedFacts = new AskedFacts();
  const facts = { name, port, statName, bufferBytesMax, askedFacts };
  const logRecord = compileListenerLogs(compiler, listener, facts, path);
  const compile = (chain: FilterChain, at: FieldPath): FilterChainModel =>
    compileFilterChain(compiler, chain, at, facts);
  return {
    name,
    isInternal,
    logRecord,
    addresses: own.kind === "internal" ? [] : [own, ...extra],
    statName,
    reusesPort: compiler.setting.sharesPorts && (listener.enableReusePort ?? true),
    isInbound: listener.trafficDirection === TrafficDirection.INBOUND,
    backlog: Math.min(listener.tcpBacklogSize ?? BACKLOG, BACKLOG),
    bufferBytesMax,
    filterChains: listener.filterChains.map((chain, index) =>
      compile(chain, path.field("filter_chains").item(index)),
    ),
    defaultFilterChain:
      listener.defaultFilterChain === undefined
        ? null
        : compile(listener.defaultFilterChain, path.field("default_filter_chain")),
    ...compileListenerSetting(listener, path),
  };
}

/** The access logs of connections: to the engine they are those of a manager without routes. */
function compileListenerLogs(
  { writer, collector, setting }: ChainCompiler,
  { accessLog }: Listener,
  { name: listenerName, askedFacts }: ListenerFacts,
  path: FieldPath,
): number {
  if (accessLog.length === 0) return 0;
  const sinkIndex = collector.sinkIndex.bind(collector);
  const names = { listenerName, filterChainName: "" };
  const format = { ...setting, ...names, askedFacts, sinkIndex };
  const logs = compileAccessLogs(writer, accessLog, format, path.field("access_log"));
  const record = writer.reserve(image.HCM_BYTES);
  writer.setList(record + image.HCM_ACCESS_LOGS, logs.offset, logs.count);
  return record;
}

function statNameOf(address: EndpointAddress): string {
  if (address.kind === "internal") return `envoy_internal_${address.listener}`;
  return formatAddress(address).replaceAll(":", "_");
}
