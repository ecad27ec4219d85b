import { fromBinary } from "@bufbuild/protobuf";
import { BootstrapSchema } from "../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { HttpConnectionManagerSchema } from "../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import type { AdminConfigDump } from "../admin/source.ts";
import { EXTENSION_REGISTRY } from "../config/fields/field-table.ts";
import { unpackAny } from "../config/message/any-registry.ts";

/** The configuration as `/config_dump` shows it. Loads Envoy's API: import it when asked. */
export function readConfigDump(bytes: Uint8Array, updatedAt: Date): AdminConfigDump {
  const bootstrap = fromBinary(BootstrapSchema, bytes);
  const listeners = bootstrap.staticResources?.listeners ?? [];
  const routes = listeners.flatMap((listener) => {
    const fallback = listener.defaultFilterChain;
    const chains =
      fallback === undefined ? listener.filterChains : [...listener.filterChains, fallback];
    return chains.flatMap(({ filters }) =>
      filters.flatMap(({ configType }) => {
        if (configType.case !== "typedConfig") return [];
        const manager = unpackAny(configType.value, HttpConnectionManagerSchema);
        const specifier = manager?.routeSpecifier;
        return specifier?.case === "routeConfig" ? [specifier.value] : [];
      }),
    );
  });
  return {
    bootstrap,
    updatedAt,
    listeners,
    clusters: bootstrap.staticResources?.clusters ?? [],
    routes,
    types: EXTENSION_REGISTRY,
  };
}
