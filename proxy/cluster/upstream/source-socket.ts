import { createRequire } from "node:module";
import { getSystemErrorName } from "node:util";
import { toAddressBytes } from "../../config/address/address-range.ts";
import type { ConnectionSource } from "../../engine/ends.ts";

/** A socket that is bound to a source, or why there is none. */
export type SourceSocket =
  | { readonly fd: number }
  | { readonly fd: null; readonly fault: SourceFault };

/** What the system refused. */
export interface SourceFault {
  readonly step: "load" | "socket" | "mark" | "transparency" | "bind";
  /** Name of the error, such as `EPERM`. */
  readonly code: string;
}

/** What is used of the package that calls functions of the C library. */
interface Koffi {
  load(path: null): { func(definition: string): (...values: unknown[]) => unknown };
  errno(): number;
}

/** The calls; what they return is below 0 for a failure. */
interface Calls {
  socket(family: number, type: number, protocol: number): unknown;
  setOption(fd: number, level: number, name: number, value: Uint8Array, length: number): unknown;
  bind(fd: number, address: Uint8Array, length: number): unknown;
  close(fd: number): unknown;
  errno(): number;
}

/** Numbers of Linux: <sys/socket.h>, <linux/in.h>, <linux/in6.h>. */
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_IP = 0;
const SOL_SOCKET = 1;
const SOL_IPV6 = 41;
const IP_TRANSPARENT = 19;
const IP_BIND_ADDRESS_NO_PORT = 24;
const IPV6_TRANSPARENT = 75;
const SO_MARK = 36;
/** Bytes of `sockaddr_in` and `sockaddr_in6`, and where the address lies in them. */
const IPV4_ADDRESS = { bytes: 16, at: 4 };
const IPV6_ADDRESS = { bytes: 28, at: 8 };

/**
 * Makes sockets whose connections come from another address than this machine's. Node has no means
 * to set an option of a socket before it connects, so the C library is called.
 */
export class SourceSockets {
  readonly #load: () => Koffi;
  /** Undefined until it is needed; null where it cannot be had. */
  #calls: Calls | null | undefined;

  /** @param load Loads the package, which throws where there is none for this system. */
  constructor(load: () => Koffi = () => createRequire(import.meta.url)("koffi")) {
    this.#load = load;
  }

  /**
   * Makes a socket that is to connect. Who asked owns its descriptor.
   *
   * @param isV6 Whether it will connect to an address of IPv6.
   */
  open(source: ConnectionSource, isV6: boolean): SourceSocket {
    const calls = this.#known();
    if (calls === null) return { fd: null, fault: { step: "load", code: "ENOSYS" } };
    const type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    const fd = calls.socket(isV6 ? AF_INET6 : AF_INET, type, 0);
    if (typeof fd !== "number" || fd < 0) return refusal("socket", calls);
    const step = bindTo(calls, fd, source);
    if (step === null) return { fd };
    const refused = refusal(step, calls);
    calls.close(fd);
    return refused;
  }

  #known(): Calls | null {
    if (this.#calls !== undefined) return this.#calls;
    this.#calls = process.platform === "linux" ? this.#tryLoad() : null;
    return this.#calls;
  }

  #tryLoad(): Calls | null {
    try {
      const { load, errno } = this.#load();
      const library = load(null);
      const value = "const uint8_t *value, uint32_t length";
      return {
        socket: library.func("int socket(int family, int type, int protocol)"),
        setOption: library.func(`int setsockopt(int fd, int level, int name, ${value})`),
        bind: library.func(`int bind(int fd, ${value})`),
        close: library.func("int close(int fd)"),
        errno,
      };
    } catch {
      return null;
    }
  }
}

/** Returns the step that failed, or null. The order is Envoy's. */
function bindTo(calls: Calls, fd: number, source: ConnectionSource): SourceFault["step"] | null {
  const { address, mark } = source;
  const set = (level: number, name: number, value: number): boolean => {
    return calls.setOption(fd, level, name, toInt(value), 4) === 0;
  };
  const isV6 = address.includes(":");
  if (mark !== 0 && !set(SOL_SOCKET, SO_MARK, mark)) return "mark";
  const isTransparent = isV6 ? set(SOL_IPV6, IPV6_TRANSPARENT, 1) : set(SOL_IP, IP_TRANSPARENT, 1);
  if (!isTransparent) return "transparency";
  // The port is chosen when it connects, so that one serves for several upstreams. Not all have it.
  set(SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  const place = toSystemAddress(address, isV6);
  return calls.bind(fd, place, place.length) === 0 ? null : "bind";
}

function refusal(step: SourceFault["step"], { errno }: Calls): SourceSocket {
  return { fd: null, fault: { step, code: getSystemErrorName(-errno()) } };
}

/** An `int`, as the C library of this machine has it. */
function toInt(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

/** A `sockaddr_in` or `sockaddr_in6` with port 0. */
function toSystemAddress(address: string, isV6: boolean): Uint8Array {
  const { bytes, at } = isV6 ? IPV6_ADDRESS : IPV4_ADDRESS;
  const place = new Uint8Array(bytes);
  place.set(new Uint8Array(Uint16Array.of(isV6 ? AF_INET6 : AF_INET).buffer));
  place.set(toAddressBytes(address) ?? [], at);
  return place;
}
