import type { ErrorCode, ErrorDetail } from "../../api/errors.ts";
import type { StatsConfig } from "../../api/gen/envoy/config/metrics/v3/stats_pb.js";
import type { Node } from "../../api/gen/envoy/config/core/v3/base_pb.js";
import type { SecretRefresh } from "../tls/secret-watcher.ts";
import type { Address, AdminLogModel, LogSinkModel, Snapshot } from "../config/model.ts";

/** A configuration to compile: a text, or a bootstrap message in protobuf's binary form. */
export interface CompileRequest {
  readonly id: number;
  /** What errors call it; `.json` at its end says that the text is JSON. */
  readonly name: string;
  readonly config: string | Uint8Array;
  /** Number of the snapshot that it becomes. */
  readonly version: number;
  /** Log sinks of the snapshot before; their numbers are kept. */
  readonly logSinks: readonly LogSinkModel[];
  /** `--service-node` and `--service-cluster`, which win over the bootstrap's node. */
  readonly nodeId?: string | undefined;
  readonly nodeCluster?: string | undefined;
}

/** Everything that the proxy needs of a bootstrap. */
export interface CompiledConfig {
  readonly snapshot: Snapshot;
  /** The bootstrap in protobuf's binary form, for the admin interface. */
  readonly bootstrap: Uint8Array;
  readonly admin: AdminModel | null;
  readonly node: Node | undefined;
  readonly statsConfig: StatsConfig | undefined;
  readonly statsFlushMs: number;
  readonly runtime: RuntimeModel;
}

/** Where the admin interface listens and logs. */
export interface AdminModel {
  readonly address: Address;
  /** Null when nothing is logged. */
  readonly log: AdminLogModel | null;
}

/** The runtime as the admin interface shows it. */
export interface RuntimeModel {
  readonly layers: readonly string[];
  readonly entries: ReadonlyMap<string, readonly string[]>;
}

/** Secrets to read again. */
export interface RefreshRequest {
  readonly id: number;
  /** The bootstrap that runs, in protobuf's binary form. */
  readonly bootstrap: Uint8Array;
}

/** The answer to a request. */
export type CompileAnswer =
  | { readonly id: number; readonly secrets: readonly SecretRefresh[] }
  | { readonly id: number; readonly compiled: CompiledConfig }
  | {
      readonly id: number;
      readonly code: ErrorCode | null;
      readonly message: string;
      readonly detail: ErrorDetail;
    };
