import { lookup, resolve4, resolve6 } from "node:dns/promises";
import type { ClusterModel } from "../config/model.ts";

/** What a name resolved to. */
export interface Resolution {
  /** Addresses in the order that the family setting asks for. */
  readonly addresses: readonly string[];
  /** Least time to live of the records, in milliseconds; null where it is not known. */
  readonly ttlMs: number | null;
}

/** What to ask for. */
export interface Question {
  readonly host: string;
  readonly family: ClusterModel["dnsFamily"];
  /** Whether the time to live is worth another question. */
  readonly wantsTtl: boolean;
}

/** Finds the addresses of a name. Rejects when it cannot be asked; an empty list is "no such". */
export type Resolve = (question: Question) => Promise<Resolution>;

/** One address that the system's resolver found. */
interface Found {
  readonly address: string;
  readonly family: number;
}

/** The part of `node:dns/promises` that is needed. */
export interface Dns {
  lookup(
    host: string,
    options: {
      readonly all: true;
      readonly family: 0 | 4 | 6;
      readonly order: "verbatim";
    },
  ): Promise<readonly Found[]>;
  resolve4(host: string, options: { readonly ttl: true }): Promise<readonly { ttl: number }[]>;
  resolve6(host: string, options: { readonly ttl: true }): Promise<readonly { ttl: number }[]>;
}

/**
 * Makes a resolver that answers as the system's does, hosts file included, with times to live from
 * DNS where they are wanted.
 */
export function createResolve(dns: Dns): Resolve {
  return async ({ host, family, wantsTtl }) => {
    const options = { all: true, family: familyNumber(family), order: "verbatim" } as const;
    const addresses = choose(await dns.lookup(host, options), family);
    return { addresses, ttlMs: wantsTtl ? await readTtl(dns, host, addresses) : null };
  };
}

/** Asks the system, and DNS itself. */
export const resolveName: Resolve = createResolve({ lookup, resolve4, resolve6 });

function familyNumber(family: ClusterModel["dnsFamily"]): 0 | 4 | 6 {
  if (family === "v4-only") return 4;
  return family === "v6-only" ? 6 : 0;
}

/** Envoy's DnsLookupFamily: AUTO takes IPv6 if there is any, V4_PREFERRED IPv4, ALL both. */
function choose(found: readonly Found[], family: ClusterModel["dnsFamily"]): readonly string[] {
  const all = found.map(({ address }) => address);
  if (family !== "auto" && family !== "v4-preferred") return all;
  const first = family === "auto" ? 6 : 4;
  const preferred = found.filter((each) => each.family === first);
  return preferred.length > 0 ? preferred.map(({ address }) => address) : all;
}

/** The system's resolver gives no time to live, so DNS is asked for it. */
async function readTtl(
  dns: Dns,
  host: string,
  addresses: readonly string[],
): Promise<number | null> {
  try {
    const isV6 = addresses[0]?.includes(":") ?? false;
    const records = await (isV6 ? dns.resolve6(host, TTL) : dns.resolve4(host, TTL));
    return records.length === 0 ? null : Math.min(...records.map(({ ttl }) => ttl)) * 1000;
  } catch {
    // The name is known to the machine alone: there is nothing to expire.
    return null;
  }
}

const TTL = { ttl: true } as const;
