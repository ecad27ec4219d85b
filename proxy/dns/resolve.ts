import { lookup, resolve4, resolve6 } from "node:dns/promises";
import type { ClusterModel } from "../config/model.ts";

/** What a name resolved to. */
export interface Resolution {
  /** Addresses in the order that the family setting asks for. */
  readonly addresses: readonly string[];
  /** Least time to live of the records, in milliseconds; null where it is not known. */
  readonly ttlMs: number | null;
}

/** Finds the addresses of a name. Rejects when it cannot be asked; an empty list is "no such". */
export type Resolve = (host: string, family: ClusterModel["dnsFamily"]) => Promise<Resolution>;

/** Answers as the system's resolver does, hosts file included, with times to live from DNS. */
export const resolveName: Resolve = async (host, family) => {
  const found = await lookup(host, { all: true, family: familyNumber(family), order: "verbatim" });
  const addresses = choose(found, family);
  return { addresses, ttlMs: await readTtl(host, addresses) };
};

function familyNumber(family: ClusterModel["dnsFamily"]): 0 | 4 | 6 {
  if (family === "v4-only") return 4;
  return family === "v6-only" ? 6 : 0;
}

/** Envoy's DnsLookupFamily: AUTO takes IPv6 if there is any, V4_PREFERRED IPv4, ALL both. */
function choose(
  found: readonly { readonly address: string; readonly family: number }[],
  family: ClusterModel["dnsFamily"],
): readonly string[] {
  const all = found.map(({ address }) => address);
  if (family !== "auto" && family !== "v4-preferred") return all;
  const first = family === "auto" ? 6 : 4;
  const preferred = found.filter((each) => each.family === first);
  return preferred.length > 0 ? preferred.map(({ address }) => address) : all;
}

/** The system's resolver gives no time to live, so DNS is asked for it; names of hosts have none. */
async function readTtl(host: string, addresses: readonly string[]): Promise<number | null> {
  try {
    const isV6 = addresses[0]?.includes(":") ?? false;
    const records = isV6
      ? await resolve6(host, { ttl: true })
      : await resolve4(host, { ttl: true });
    return Math.min(...records.map(({ ttl }) => ttl)) * 1000;
  } catch {
    // The name is known to the machine alone: there is nothing to expire.
    return null;
  }
}
