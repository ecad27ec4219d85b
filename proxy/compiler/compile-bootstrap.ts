import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type Bootstrap,
  BootstrapSchema,
} from "../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import type { AccessLog } from "../../api/gen/envoy/config/accesslog/v3/accesslog_pb.js";
import { NodeSchema } from "../../api/gen/envoy/config/core/v3/base_pb.js";
import { FileAccessLogSchema } from "../../api/gen/envoy/extensions/access_loggers/file/v3/file_pb.js";
import { parseBootstrap, validateBootstrap } from "../config/bootstrap.ts";
import { toAddress } from "../config/compile/address.ts";
import { refuse } from "../config/compile/route/route-setting.ts";
import { toMs } from "../config/compile/duration.ts";
import { compileSnapshot } from "../config/compile/snapshot.ts";
import { FieldPath } from "../config/field-path.ts";
import { unpackAny } from "../config/message/any-registry.ts";
import { readRuntime } from "../config/runtime.ts";
import { readMachine } from "../machine.ts";
import { contextsOf, type Snapshot } from "../config/model.ts";
import { findFault } from "../tls/secret-fault.ts";
import { MeshError } from "../../api/errors.ts";
import type { AdminModel, CompiledConfig, CompileRequest } from "./compile-request.ts";

const STATS_FLUSH_MS = 5_000;

/**
 * Turns a configuration into everything that the proxy needs of it.
 *
 * @throws MeshError `CONFIG_INVALID` with every problem by its path.
 */
export function compileBootstrap(request: CompileRequest): CompiledConfig {
  const { name, version } = request;
  const bootstrap = readBootstrap(request.config, name);
  setNode(bootstrap, request);
  const runtime = readRuntime(bootstrap);
  const snapshot = compileSnapshot(bootstrap, version, readMachine(bootstrap, request.logSinks));
  checkSecrets(snapshot);
  return {
    snapshot,
    bootstrap: toBinary(BootstrapSchema, bootstrap),
    admin: toAdmin(bootstrap),
    node: bootstrap.node,
    statsConfig: bootstrap.statsConfig,
    statsFlushMs: toMs(bootstrap.statsFlushInterval, STATS_FLUSH_MS),
    runtime: { layers: runtime.layers, entries: runtime.entries() },
  };
}

/** OpenSSL has to take what workers will make contexts of. */
function checkSecrets(snapshot: Snapshot): void {
  for (const context of contextsOf(snapshot)) {
    const fault = findFault(context);
    if (fault === null) continue;
    const path = `${context.path}.${fault.field}`;
    throw new MeshError("CONFIG_INVALID", `${path}: ${fault.reason}`, {
      problems: [{ path, reason: fault.reason }],
    });
  }
}

function readBootstrap(config: string | Uint8Array, name: string): Bootstrap {
  if (typeof config === "string") return parseBootstrap(config, { name });
  const bootstrap = fromBinary(BootstrapSchema, config);
  validateBootstrap(bootstrap, { name });
  return bootstrap;
}

function setNode(bootstrap: Bootstrap, { nodeId, nodeCluster }: CompileRequest): void {
  if (nodeId === undefined && nodeCluster === undefined) return;
  bootstrap.node ??= create(NodeSchema);
  bootstrap.node.id = nodeId ?? bootstrap.node.id;
  bootstrap.node.cluster = nodeCluster ?? bootstrap.node.cluster;
}

function toAdmin({ admin }: Bootstrap): AdminModel | null {
  if (admin?.address === undefined) return null;
  const address = toAddress(admin.address, FieldPath.root.field("admin").field("address"));
  const logs = FieldPath.root.field("admin").field("access_log");
  const logPaths = admin.accessLog.map((log, index) => toLogPath(log, logs.item(index)));
  return { address, logPaths };
}

/** The admin interface writes Envoy's default format to files, and nothing else. */
function toLogPath({ filter, configType }: AccessLog, path: FieldPath): string {
  if (filter !== undefined) return refuse(path.field("filter"), "not implemented");
  const at = path.field("typed_config");
  const file =
    configType.case === "typedConfig" ? unpackAny(configType.value, FileAccessLogSchema) : null;
  if (file === null) return refuse(at, "only a file is implemented here");
  if (file.accessLogFormat.case !== undefined) return refuse(at, "a format is not implemented");
  return file.path;
}
