import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type Bootstrap,
  BootstrapSchema,
} from "../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { NodeSchema } from "../../api/gen/envoy/config/core/v3/base_pb.js";
import { parseBootstrap, validateBootstrap } from "../config/bootstrap.ts";
import { toAddress } from "../config/compile/address.ts";
import { compileAdminLog } from "../config/compile/log/admin-log.ts";
import type { CompileSetting } from "../config/compile/compile-setting.ts";
import { toMs } from "../config/compile/duration.ts";
import { compileSnapshot } from "../config/compile/snapshot.ts";
import { FieldPath } from "../config/field-path.ts";
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
  const machine = readMachine(bootstrap, request.logSinks);
  const snapshot = compileSnapshot(bootstrap, version, machine);
  checkSecrets(snapshot);
  return {
    snapshot,
    bootstrap: toBinary(BootstrapSchema, bootstrap),
    admin: toAdmin(bootstrap, machine),
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

function toAdmin({ admin }: Bootstrap, machine: CompileSetting): AdminModel | null {
  if (admin?.address === undefined) return null;
  const path = FieldPath.root.field("admin");
  return {
    address: toAddress(admin.address, path.field("address")),
    log: compileAdminLog(admin.accessLog, machine, path.field("access_log")),
  };
}
