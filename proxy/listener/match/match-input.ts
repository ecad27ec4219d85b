import type { MatchInput } from "../../config/listener-model.ts";
import { type ConnectionFacts, RAW_BUFFER } from "../connection-facts.ts";
import { isLocal } from "./source-type.ts";

/** What a connection has for an input, as text; null for nothing, which matches nothing. */
export function readInput(input: MatchInput, facts: ConnectionFacts): string | null {
  const { ends, direct } = facts;
  switch (input.kind) {
    case "destination-ip":
      return ends.localAddress || null;
    case "destination-port":
      return ends.localAddress === "" ? null : `${ends.localPort}`;
    case "source-ip":
      return ends.remoteAddress || null;
    case "source-port":
      return ends.remoteAddress === "" ? null : `${ends.remotePort}`;
    case "direct-source-ip":
      return direct.remoteAddress || null;
    case "source-type":
      return isLocal(ends) ? "local" : null;
    case "server-name":
      return facts.serverName || null;
    case "transport-protocol":
      return facts.transportProtocol || RAW_BUFFER;
    case "application-protocol":
      return toList(facts.applicationProtocols);
    default:
      return facts.filterState(input.key);
  }
}

/** Names in quotes with commas between them, such as `'h2','http/1.1'`. */
function toList(names: readonly string[]): string | null {
  return names.length === 0 ? null : names.map((name) => `'${name}'`).join(",");
}
