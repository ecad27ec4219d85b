import { ListenersSchema } from "../../../api/gen/envoy/admin/v3/listeners_pb.js";
import type { AdminListener } from "../source.ts";
import { formatAddress, toAddressInit } from "./address.ts";
import { toMessageJson } from "./message-json.ts";

/** Writes `/listeners` as lines of `name::address`, one for each address. */
export function formatListenerText(listeners: readonly AdminListener[]): string {
  const lines = listeners.flatMap(({ name, addresses }) => {
    return addresses.map((address) => `${name}::${formatAddress(address)}\n`);
  });
  return lines.join("");
}

/** The same as envoy.admin.v3.Listeners. */
export function toListenerJson(listeners: readonly AdminListener[]): unknown {
  return toMessageJson(ListenersSchema, {
    listenerStatuses: listeners.map(({ name, addresses: [main, ...additional] }) => ({
      name,
      ...(main === undefined ? {} : { localAddress: toAddressInit(main) }),
      additionalLocalAddresses: additional.map(toAddressInit),
    })),
  });
}
