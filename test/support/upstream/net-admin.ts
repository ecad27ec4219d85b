import { readFileSync } from "node:fs";

/** CAP_NET_ADMIN of <linux/capability.h>. */
const NET_ADMIN = 12n;

/** Whether this process may have connections come from addresses that are not its own. */
export function mayBindToSources(): boolean {
  if (process.platform !== "linux") return false;
  const status = readFileSync("/proc/self/status", "utf8");
  const [, capabilities] = /^CapEff:\s*([0-9a-f]+)$/m.exec(status) ?? [];
  return ((BigInt(`0x${capabilities ?? "0"}`) >> NET_ADMIN) & 1n) === 1n;
}
