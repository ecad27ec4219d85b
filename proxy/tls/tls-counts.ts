import type { TLSSocket } from "node:tls";
import { TLS_COUNTERS, TLS_HANDSHAKE, TLS_SESSION_REUSED } from "../../api/engine/tls/tls-stats.ts";
import type { Engine } from "../engine/engine.ts";

const PLACES: ReadonlyMap<string, number> = new Map(
  TLS_COUNTERS.map((name, place) => [name, place]),
);

/** Node's names of groups, where Envoy has others. */
const CURVES: ReadonlyMap<string, string> = new Map([
  ["prime256v1", "P-256"],
  ["secp384r1", "P-384"],
  ["secp521r1", "P-521"],
]);

/** The group of the key exchange in BoringSSL's words; node tells it of what was made here. */
export function groupOf(socket: TLSSocket): string {
  const key = socket.getEphemeralKeyInfo();
  const name = key !== null && "name" in key ? (key.name ?? "") : "";
  return CURVES.get(name) ?? name;
}

/** The statistics of TLS of one listener or cluster, in the memory of an engine. */
export class TlsCounts {
  readonly #engine: Engine;
  readonly #block: number;

  /** @param address Of the block, `TLS_STATS_BYTES` long. */
  constructor(engine: Engine, address: number) {
    this.#engine = engine;
    this.#block = address >> 3;
  }

  /** Adds one to a counter: `TLS_*`. */
  count(counter: number): void {
    this.#engine.floats[this.#block + counter]++;
  }

  /** Counts a handshake that came to a good end, and what was agreed upon. */
  countHandshake(socket: TLSSocket): void {
    this.count(TLS_HANDSHAKE);
    if (socket.isSessionReused()) this.count(TLS_SESSION_REUSED);
    this.#countNamed("versions", socket.getProtocol() ?? "");
    const cipher = socket.getCipher();
    this.#countNamed("ciphers", cipher.name);
    const group = groupOf(socket);
    if (group !== "") this.#countNamed("curves", group);
  }

  #countNamed(group: string, name: string): void {
    const place = PLACES.get(`${group}.${name}`) ?? PLACES.get(`${group}.other`);
    if (place !== undefined) this.count(place);
  }
}
