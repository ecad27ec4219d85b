import { createRequire } from "node:module";
import type { HandleAddress } from "../../engine/ends.ts";

/** Calls `getsockopt` of the C library; below 0 is a failure. */
type GetOption = (
  fd: number,
  level: number,
  name: number,
  value: Uint8Array,
  length: Uint8Array,
) => unknown;

/** What is used of the package that calls functions of the C library. */
interface Koffi {
  load(path: null): { func(definition: string): GetOption };
}

/** SOL_IP and SOL_IPV6, with SO_ORIGINAL_DST of <linux/netfilter_ipv4.h> and its like. */
const LEVELS = [
  { level: 0, bytes: 16 },
  { level: 41, bytes: 28 },
];
const SO_ORIGINAL_DST = 80;

/** Finds where a connection was meant to go before a firewall redirected it. */
export class OriginalDestinations {
  readonly #load: () => Koffi;
  /** Undefined until it is needed; null where it cannot be had. */
  #getOption: GetOption | null | undefined;

  /** @param load Loads the package, which throws where there is none for this system. */
  constructor(load: () => Koffi = () => createRequire(import.meta.url)("koffi")) {
    this.#load = load;
  }

  /** Null where the connection was not redirected, and on systems that do not say. */
  find(handle: object): HandleAddress | null {
    const fd: unknown = Reflect.get(handle, "fd");
    const getOption = this.#option();
    if (getOption === null || typeof fd !== "number" || fd < 0) return null;
    for (const { level, bytes } of LEVELS) {
      const value = new Uint8Array(bytes);
      const length = new Uint8Array(Uint32Array.of(bytes).buffer);
      const result = getOption(fd, level, SO_ORIGINAL_DST, value, length);
      if (result === 0) return readAddress(value, level !== 0);
    }
    return null;
  }

  #option(): GetOption | null {
    if (this.#getOption !== undefined) return this.#getOption;
    this.#getOption = process.platform === "linux" ? this.#tryLoad() : null;
    return this.#getOption;
  }

  #tryLoad(): GetOption | null {
    try {
      const types = "int fd, int level, int name, uint8_t *value, uint8_t *length";
      return this.#load().load(null).func(`int getsockopt(${types})`);
    } catch {
      // Without the package no connection counts as redirected, as on systems without a firewall.
      return null;
    }
  }
}

/** Reads a `sockaddr_in` or `sockaddr_in6`. */
function readAddress(value: Uint8Array, isV6: boolean): HandleAddress {
  const port = (value[2] << 8) | value[3];
  if (!isV6) return { address: value.subarray(4, 8).join("."), port };
  const groups = Array.from({ length: 8 }, (_, place) => {
    return ((value[8 + place * 2] << 8) | value[9 + place * 2]).toString(16);
  });
  const url = new URL(`http://[${groups.join(":")}]/`);
  return { address: url.hostname.slice(1, -1), port };
}
