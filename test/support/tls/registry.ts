import type { Engine } from "../../../proxy/engine/engine.ts";
import { TLS_STATS_BYTES } from "../../../api/engine/tls/tls-stats.ts";
import { TlsCounts } from "../../../proxy/tls/tls-counts.ts";
import { TlsRegistry } from "../../../proxy/tls/tls-registry.ts";

/** A registry whose statistics are kept, and whose tickets have a key of zeros. */
export function openTlsRegistry(engine: Engine): TlsRegistry {
  return new TlsRegistry(new Uint8Array(48), () => openTlsCounts(engine).counts);
}

/** A block of statistics, and a look at its numbers. */
export function openTlsCounts(engine: Engine) {
  const address = engine.calls.allocate(TLS_STATS_BYTES);
  engine.bytes.fill(0, address, address + TLS_STATS_BYTES);
  return {
    counts: new TlsCounts(engine, address),
    read: (counter: number): number => engine.floats[(address >> 3) + counter],
  };
}
