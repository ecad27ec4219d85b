import type { HandleAddress } from "../../engine/ends.ts";
import type { ConnectionFacts } from "../connection-facts.ts";
import type { FilterVerdict, ListenerFilter } from "./listener-filter.ts";

/** Where filters of connections without a socket find the ends: filter state and metadata. */
const NAMESPACE = "envoy.filters.listener.original_dst";
const LOCAL_KEY = `${NAMESPACE}.local_ip`;
const REMOTE_KEY = `${NAMESPACE}.remote_ip`;

/** Restores the address that a redirected connection was meant for. */
export class OriginalDestination implements ListenerFilter {
  readonly takenBytes = 0;
  readonly #facts: ConnectionFacts;
  readonly #find: () => HandleAddress | null;

  /** @param find Asks the system; null where the connection was not redirected. */
  constructor(facts: ConnectionFacts, find: () => HandleAddress | null) {
    this.#facts = facts;
    this.#find = find;
  }

  onAccept(): FilterVerdict {
    const facts = this.#facts;
    const metadata = facts.metadata.get(NAMESPACE);
    const found =
      this.#find() ?? toAddress(facts.filterState(LOCAL_KEY) ?? metadata?.get("local") ?? null);
    if (found !== null) facts.restoreLocal(found.address, found.port);
    const remote = toAddress(facts.filterState(REMOTE_KEY) ?? metadata?.get("remote") ?? null);
    if (remote !== null) {
      facts.ends = { ...facts.ends, remoteAddress: remote.address, remotePort: remote.port };
    }
    return "next";
  }

  onBytes(): FilterVerdict {
    return "next";
  }
}

/** Parts `ip:port`, with brackets around IPv6. */
function toAddress(text: string | null): HandleAddress | null {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text ?? "");
  if (parts === null) return null;
  const [, ipv6, ipv4, port] = parts;
  return { address: ipv6 ?? ipv4, port: Number(port) };
}
