import * as image from "../../../../api/engine/image.ts";
import * as tcp from "../../../../api/engine/network/tcp-image.ts";
import type {
  TcpProxy,
  TcpProxy_TunnelingConfig as TunnelingConfig,
} from "../../../../api/gen/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb.js";
import type { FieldPath } from "../../field-path.ts";
import { compileFormat } from "../../format/compile.ts";
import type { FormatSetting } from "../../format/format-setting.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import type { TcpProxyModel } from "../../model.ts";
import type { CompileSetting, ImageCollector } from "../compile-setting.ts";
import { toMs } from "../duration.ts";
import { compileAccessLogs } from "../log/access-log.ts";
import { compileMutations } from "../route/header-mutation.ts";
import { refuse } from "../route/route-setting.ts";

const IDLE_TIMEOUT_MS = 3_600_000;
const POST_PATH = "/";

/** What compiling needs beside the filter itself. */
export interface TcpProxyCompiler {
  readonly writer: ImageWriter;
  readonly collector: ImageCollector;
  readonly clusterNames: readonly string[];
}

/** Where the filter stands. */
export interface TcpProxyPlace {
  readonly format: CompileSetting & FormatSetting;
  readonly path: FieldPath;
  readonly bufferBytesMax: number;
}

/** Writes the record of a TcpProxy and returns what workers need beside it. */
export function compileTcpProxy(
  { writer, collector, clusterNames }: TcpProxyCompiler,
  proxy: TcpProxy,
  { format, path, bufferBytesMax }: TcpProxyPlace,
): TcpProxyModel {
  checkLogOptions(proxy, path);
  const record = writer.reserve(tcp.TCP_BYTES);
  const setting = { ...format, sinkIndex: collector.sinkIndex.bind(collector) };
  const logs = compileAccessLogs(writer, proxy.accessLog, setting, path.field("access_log"));
  writer.setList(record + image.HCM_ACCESS_LOGS, logs.offset, logs.count);
  writer.setUint32(record + image.HCM_BUFFER_BYTES_MAX, bufferBytesMax);
  writer.setText(record + image.HCM_STAT_PREFIX, proxy.statPrefix);
  writeClusters(writer, record, proxy, clusterNames, path);
  if (proxy.tunnelingConfig !== undefined) {
    const at = path.field("tunneling_config");
    const tunnel = writeTunnel(writer, proxy.tunnelingConfig, format, at);
    writer.setUint32(record + tcp.TCP_TUNNEL, tunnel);
  }
  collector.addScope(image.SCOPE_KIND_TCP, proxy.statPrefix, record + image.HCM_STATS);
  const logOptions = proxy.accessLogOptions;
  return {
    kind: "tcp",
    record,
    statScope: proxy.statPrefix,
    idleTimeoutMs: toMs(proxy.idleTimeout, IDLE_TIMEOUT_MS),
    durationMaxMs: toMs(proxy.maxDownstreamConnectionDuration, 0),
    tlsFacts: format.askedFacts.downstream,
    attemptsMax: proxy.maxConnectAttempts ?? 1,
    logIntervalMs: toMs(logOptions?.accessLogFlushInterval ?? proxy.accessLogFlushInterval, 0),
    logsConnected: logOptions?.flushAccessLogOnConnected ?? proxy.flushAccessLogOnConnected,
  };
}

/** Fields that moved may be set in their old places or in the new one. */
function checkLogOptions(proxy: TcpProxy, path: FieldPath): void {
  if (proxy.accessLogOptions === undefined) return;
  const refuseField = (name: string): never =>
    refuse(path.field(name), `Only one of ${name} or access_log_options can be specified.`);
  if (proxy.flushAccessLogOnConnected) refuseField("flush_access_log_on_connected");
  if (proxy.accessLogFlushInterval !== undefined) refuseField("access_log_flush_interval");
}

function writeClusters(
  writer: ImageWriter,
  record: number,
  { clusterSpecifier }: TcpProxy,
  clusterNames: readonly string[],
  path: FieldPath,
): void {
  const clusters = clustersOf(clusterSpecifier, path);
  const list = writer.reserve(clusters.length * tcp.TCP_CLUSTER_BYTES);
  for (const [place, { name, weight }] of clusters.entries()) {
    const entry = list + place * tcp.TCP_CLUSTER_BYTES;
    writer.setInt32(entry + tcp.TCP_CLUSTER_INDEX, clusterNames.indexOf(name));
    writer.setUint32(entry + tcp.TCP_CLUSTER_WEIGHT, weight);
  }
  const total = clusters.reduce((sum, { weight }) => sum + weight, 0);
  writer.setList(record + tcp.TCP_CLUSTERS, list, clusters.length);
  writer.setUint32(record + tcp.TCP_TOTAL_WEIGHT, total);
}

function clustersOf(
  specifier: TcpProxy["clusterSpecifier"],
  path: FieldPath,
): readonly { readonly name: string; readonly weight: number }[] {
  if (specifier.case === "cluster") return [{ name: specifier.value, weight: 1 }];
  if (specifier.case === "weightedClusters") return specifier.value.clusters;
  return refuse(path, "cluster or weighted_clusters is required");
}

function writeTunnel(
  writer: ImageWriter,
  tunnel: TunnelingConfig,
  format: FormatSetting,
  path: FieldPath,
): number {
  const record = writer.reserve(tcp.TUNNEL_BYTES);
  const host = compileFormat(writer, tunnel.hostname, format, path.field("hostname"));
  writer.setUint32(record + tcp.TUNNEL_HOST, host);
  const mutations = compileMutations(
    writer,
    {
      direction: "request",
      add: tunnel.headersToAdd,
      remove: [],
      addPath: path.field("headers_to_add"),
      removePath: path,
    },
    {
      compileFormat: (target, text, at) =>
        compileFormat(target, text, format, at, { omitsEmpty: true }),
    },
  );
  writer.setUint32(record + tcp.TUNNEL_MUTATIONS, mutations);
  if (!tunnel.usePost && tunnel.postPath !== "") {
    refuse(path.field("post_path"), "Can't set a post path when POST method isn't used");
  }
  const postPath = tunnel.usePost ? tunnel.postPath || POST_PATH : "";
  writer.setText(record + tcp.TUNNEL_POST_PATH, postPath);
  return record;
}
