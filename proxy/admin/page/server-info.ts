import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { CertificatesSchema } from "../../../api/gen/envoy/admin/v3/certs_pb.js";
import { MemorySchema } from "../../../api/gen/envoy/admin/v3/memory_pb.js";
import {
  CommandLineOptions_DrainStrategy,
  ServerInfo_State,
  ServerInfoSchema,
} from "../../../api/gen/envoy/admin/v3/server_info_pb.js";
import type { ServerState } from "../../observe/stat/stat-server.ts";
import type { AdminRuntime, AdminSource } from "../source.ts";
import { toMessageJson } from "./message-json.ts";

/** Envoy prints this where hot restart is switched off; we have none. */
export const HOT_RESTART_VERSION = "disabled";

/** What Envoy has flags for, and we do in one way. */
const UNCHANGING_OPTIONS = {
  disableHotRestart: true,
  drainStrategy: CommandLineOptions_DrainStrategy.Immediate,
};

/** envoy.admin.v3.ServerInfo, with the fields that hold a default, as Envoy writes it. */
export function toServerInfoJson(source: AdminSource): unknown {
  const { version, uptimeMs, commandLine, node } = source.serverInfo();
  // Envoy counts whole seconds.
  const uptime = durationFromMs(Math.floor(uptimeMs / 1000) * 1000);
  const info = {
    version,
    state: STATES[source.state()],
    uptimeCurrentEpoch: uptime,
    uptimeAllEpochs: uptime,
    hotRestartVersion: HOT_RESTART_VERSION,
    commandLineOptions: { ...commandLine, ...UNCHANGING_OPTIONS },
    ...(node === undefined ? {} : { node }),
  };
  return toMessageJson(ServerInfoSchema, info, { hasDefaults: true });
}

/** envoy.admin.v3.Memory. What belongs to Envoy's allocator is 0. */
export function toMemoryJson(source: AdminSource): unknown {
  const { allocatedBytes, heapBytes, residentBytes } = source.memory();
  const memory = {
    allocated: BigInt(allocatedBytes),
    heapSize: BigInt(heapBytes),
    pageheapFree: BigInt(Math.max(0, heapBytes - allocatedBytes)),
    totalPhysicalBytes: BigInt(residentBytes),
  };
  return toMessageJson(MemorySchema, memory, { hasDefaults: true });
}

/** envoy.admin.v3.Certificates. */
export function toCertificateJson(source: AdminSource): unknown {
  const certificates = [...source.certificates()];
  return toMessageJson(CertificatesSchema, { certificates }, { hasDefaults: true });
}

/** The runtime as Envoy writes it: keys by name, each with its value in every layer. */
export function toRuntimeJson({ layers, entries }: AdminRuntime): unknown {
  const keys = [...entries.keys()].sort();
  return {
    entries: Object.fromEntries(
      keys.map((key) => {
        const values = entries.get(key) ?? [];
        const final = values.findLast((value) => value !== "") ?? "";
        return [key, { final_value: final, layer_values: values }];
      }),
    ),
    layers,
  };
}

const STATES: Readonly<Record<ServerState, ServerInfo_State>> = {
  LIVE: ServerInfo_State.LIVE,
  DRAINING: ServerInfo_State.DRAINING,
  PRE_INITIALIZING: ServerInfo_State.PRE_INITIALIZING,
  INITIALIZING: ServerInfo_State.INITIALIZING,
};
