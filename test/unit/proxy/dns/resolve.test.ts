import assert from "node:assert/strict";
import { createResolve, type Dns, type Question } from "../../../../proxy/dns/resolve.ts";

const BOTH = [
  { address: "10.0.0.1", family: 4 },
  { address: "fd00::1", family: 6 },
  { address: "10.0.0.2", family: 4 },
];
const ONLY_V4 = [{ address: "10.0.0.1", family: 4 }];

/** A DNS that writes down what it is asked. */
function scriptedDns(
  found: typeof BOTH,
  ttls: readonly number[] | null,
): Dns & { asked: string[] } {
  const asked: string[] = [];
  const answer = (kind: string) => async (host: string) => {
    asked.push(`${kind} ${host}`);
    if (ttls === null) throw new Error("queryA ENOTFOUND");
    return ttls.map((ttl) => ({ ttl }));
  };
  return {
    asked,
    lookup: async (host, { family }) => {
      asked.push(`lookup ${host} ${family}`);
      return found.filter((each) => family === 0 || each.family === family);
    },
    resolve4: answer("A"),
    resolve6: answer("AAAA"),
  };
}

/** Typed from Envoy's DnsLookupFamily in cluster.proto. */
const families: readonly {
  family: Question["family"];
  found: typeof BOTH;
  want: readonly string[];
}[] = [
  { family: "auto", found: BOTH, want: ["fd00::1"] },
  { family: "auto", found: ONLY_V4, want: ["10.0.0.1"] },
  { family: "v4-preferred", found: BOTH, want: ["10.0.0.1", "10.0.0.2"] },
  { family: "v4-only", found: BOTH, want: ["10.0.0.1", "10.0.0.2"] },
  { family: "v6-only", found: BOTH, want: ["fd00::1"] },
  { family: "v6-only", found: ONLY_V4, want: [] },
  { family: "all", found: BOTH, want: ["10.0.0.1", "fd00::1", "10.0.0.2"] },
];

describe("resolve", () => {
  for (const { family, found, want } of families) {
    it(`createResolve: ${family} of ${found.length} addresses is ${want.join(" ")}`, async () => {
      const resolve = createResolve(scriptedDns(found, null));
      const { addresses } = await resolve({ host: "a", family, wantsTtl: false });
      assert.deepEqual(addresses, want);
    });
  }

  it("createResolve: the least time to live counts, in milliseconds", async () => {
    const dns = scriptedDns(ONLY_V4, [30, 5, 60]);
    const { ttlMs } = await createResolve(dns)({ host: "a", family: "auto", wantsTtl: true });
    assert.equal(ttlMs, 5_000);
    assert.deepEqual(dns.asked, ["lookup a 0", "A a"]);
  });

  it("createResolve: IPv6 addresses have their time to live from AAAA records", async () => {
    const dns = scriptedDns(BOTH, [7]);
    const { ttlMs } = await createResolve(dns)({ host: "a", family: "v6-only", wantsTtl: true });
    assert.equal(ttlMs, 7_000);
    assert.deepEqual(dns.asked, ["lookup a 6", "AAAA a"]);
  });

  it("createResolve: DNS is not asked for what nobody wants", async () => {
    const dns = scriptedDns(ONLY_V4, [30]);
    const { ttlMs } = await createResolve(dns)({ host: "a", family: "auto", wantsTtl: false });
    assert.equal(ttlMs, null);
    assert.deepEqual(dns.asked, ["lookup a 0"]);
  });

  for (const [name, ttls] of [
    ["a name of the hosts file", null],
    ["an answer without records", []],
  ] as const) {
    it(`createResolve: ${name} has no time to live`, async () => {
      const resolve = createResolve(scriptedDns(ONLY_V4, ttls));
      const found = await resolve({ host: "a", family: "auto", wantsTtl: true });
      assert.deepEqual(found, { addresses: ["10.0.0.1"], ttlMs: null });
    });
  }

  it("createResolve: a name that cannot be asked rejects", async () => {
    const dns = { ...scriptedDns([], null), lookup: () => Promise.reject(new Error("EAI_AGAIN")) };
    const question = { host: "a", family: "auto", wantsTtl: true } as const;
    await assert.rejects(createResolve(dns)(question), /EAI_AGAIN/);
  });
});
