import type { InternalOrigin } from "../cluster/internal-dial.ts";
import { parseAddress } from "../cluster/original-dst.ts";
import type { ListenerModel } from "../config/model.ts";
import type { ConnectionEnds } from "../engine/ends.ts";

/** What Envoy calls the listener filter, in filter state and in metadata. */
const FILTER = "envoy.filters.listener.original_dst";

/**
 * Who is at the ends of a connection from within the worker. `original_dst` takes the addresses
 * from what comes with it: filter state, or else metadata of the endpoint. Envoy
 * `OriginalDstFilter::onAccept`.
 */
export function internalEnds(
  { name, restoresDestination }: ListenerModel,
  origin: InternalOrigin,
): ConnectionEnds {
  const local = restoresDestination ? findAddress(origin, "local") : null;
  const remote = restoresDestination ? findAddress(origin, "remote") : null;
  return {
    localAddress: local?.host ?? "",
    localPort: local?.port ?? 0,
    remoteAddress: remote?.host ?? "",
    remotePort: remote?.port ?? 0,
    localName: `envoy://${name}/`,
    remoteName: "envoy://internal_client_address/",
  };
}

function findAddress(
  { state, metadata }: InternalOrigin,
  end: "local" | "remote",
): { readonly host: string; readonly port: number } | null {
  const text =
    state.find(({ key }) => key === `${FILTER}.${end}_ip`)?.value ??
    metadata.find(({ path }) => path === `${FILTER}:${end}`)?.text;
  const address = text === undefined ? null : parseAddress(text);
  return address?.kind === "tcp" ? address : null;
}
