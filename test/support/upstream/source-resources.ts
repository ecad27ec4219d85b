import type { Part } from "../proxy-sketch.ts";
import { TAKES_HEADERS, toCluster, toHttpListener, toTcpListener } from "./proxy-resources.ts";

/** A listener filter that has upstream connections come from the client. */
export function keepsSource(fields: Part = {}): Part {
  const type = "type.googleapis.com/envoy.extensions.filters.listener.original_src.v3.OriginalSrc";
  return { name: "source", typed_config: { "@type": type, ...fields } };
}

/** A cluster at an address of this machine where nobody listens. */
function toNobody(name: string, address: string): Part {
  const endpoint = { address: { socket_address: { address, port_value: 1 } } };
  const load_assignment = { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint }] }] };
  return toCluster(name, 0, { load_assignment });
}

/** Listeners that keep the source of their clients: behind a PROXY header, or before it. */
export function toSourceResources(port: number): Part {
  const behind = [TAKES_HEADERS, keepsSource({ mark: 77 })];
  return {
    listeners: [
      toHttpListener("direct", { cluster: "up" }, [keepsSource()]),
      toHttpListener("behind", { cluster: "up" }, behind),
      toHttpListener("before", { cluster: "up" }, [keepsSource(), TAKES_HEADERS]),
      toHttpListener("none", { cluster: "up" }, [TAKES_HEADERS]),
      toHttpListener("ipv4", { cluster: "ipv4" }, behind),
      toHttpListener("ipv6", { cluster: "ipv6" }, behind),
      toHttpListener(
        "mirrored",
        { cluster: "up", request_mirror_policies: [{ cluster: "mirror" }] },
        behind,
      ),
      toTcpListener("tcp", "up", behind),
    ],
    clusters: [
      toCluster("up", port, {}),
      toCluster("mirror", port, {}),
      toNobody("ipv4", "127.0.0.1"),
      toNobody("ipv6", "::1"),
    ],
  };
}
