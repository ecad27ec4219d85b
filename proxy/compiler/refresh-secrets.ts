import { fromBinary } from "@bufbuild/protobuf";
import { BootstrapSchema } from "../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import type { TransportSocket } from "../../api/gen/envoy/config/core/v3/base_pb.js";
import { TlsCompiler } from "../config/compile/tls/tls-context.ts";
import { FieldPath } from "../config/field-path.ts";
import type { TlsContextModel } from "../config/tls-model.ts";
import { readMachine } from "../machine.ts";
import { findFault } from "../tls/secret-fault.ts";
import type { SecretRefresh } from "../tls/secret-watcher.ts";

/**
 * Reads the secrets of a configuration again, each by itself: one that is no use takes no other
 * along. A context without TLS is left out.
 *
 * @param bootstrap A checked bootstrap in protobuf's binary form.
 */
export function refreshSecrets(bytes: Uint8Array): readonly SecretRefresh[] {
  const bootstrap = fromBinary(BootstrapSchema, bytes);
  const { listeners = [], clusters = [] } = bootstrap.staticResources ?? {};
  const tls = new TlsCompiler(bootstrap, readMachine(bootstrap, []));
  const resources = FieldPath.root.field("static_resources");
  const refreshes: (SecretRefresh | null)[] = [];
  const down = (socket: TransportSocket | undefined, at: FieldPath): void => {
    const path = at.field("transport_socket");
    refreshes.push(attempt(path, () => tls.downstream(socket, path)));
  };
  for (const [index, listener] of listeners.entries()) {
    const path = resources.field("listeners").item(index);
    for (const [place, chain] of listener.filterChains.entries()) {
      down(chain.transportSocket, path.field("filter_chains").item(place));
    }
    const fallback = listener.defaultFilterChain;
    if (fallback !== undefined) down(fallback.transportSocket, path.field("default_filter_chain"));
  }
  for (const [index, cluster] of clusters.entries()) {
    const path = resources.field("clusters").item(index).field("transport_socket");
    refreshes.push(attempt(path, () => tls.upstream(cluster, path)));
  }
  return refreshes.filter((refresh) => refresh !== null);
}

function attempt(path: FieldPath, read: () => TlsContextModel | null): SecretRefresh | null {
  const own = path.field("typed_config").toString();
  try {
    const context = read();
    if (context === null) return null;
    const fault = findFault(context);
    if (fault === null) return { path: own, context };
    return { path: own, reason: `${own}.${fault.field}: ${fault.reason}` };
  } catch (error) {
    return { path: own, reason: error instanceof Error ? error.message : String(error) };
  }
}
