import { chmodSync } from "node:fs";
import net from "node:net";
import type { Address } from "../config/model.ts";
import { clearSocketPath, toSystemPath } from "../engine/socket-path.ts";

/** Options that Node takes but its types do not know. */
interface PipeOptions extends net.BoundSocketOptions {
  readonly path: string;
}

/**
 * A socket that is bound and that this thread never accepts from. Workers listen on duplicates of
 * it, and it outlives all of them.
 */
export class SharedSocket {
  /** Where it really is: with the port that the system chose for 0. */
  readonly address: Address;
  readonly #bound: net.BoundSocket;
  #mode = 0;

  private constructor(bound: net.BoundSocket, address: Address) {
    this.#bound = bound;
    this.address = address;
  }

  /**
   * Binds an address.
   *
   * @throws Error from node:net if the address cannot be had.
   */
  static async open(address: Address): Promise<SharedSocket> {
    if (address.kind === "tcp") {
      const { host, port } = address;
      // Node would take IPv4 along; Envoy does so with `ipv4_compat` only.
      const bound = new net.BoundSocket({ host, port, ipv6Only: net.isIPv6(host) });
      return new SharedSocket(bound, { ...address, port: bound.address().port });
    }
    await clearSocketPath(address.path);
    const options: PipeOptions = { path: toSystemPath(address.path) };
    const socket = new SharedSocket(new net.BoundSocket(options), address);
    try {
      socket.setMode(address.mode);
    } catch (error) {
      socket.close();
      throw error;
    }
    return socket;
  }

  /** The descriptor to duplicate; it is closed with the socket and by nobody else. */
  get fd(): number {
    return this.#bound.fd();
  }

  /** Sets the permission bits of a Unix socket; 0, and what was set before, changes nothing. */
  setMode(mode: number): void {
    if (this.address.kind === "tcp" || mode === 0 || mode === this.#mode) return;
    chmodSync(this.address.path, mode);
    this.#mode = mode;
  }

  /** Gives the address back; the file of a Unix socket is removed. */
  close(): void {
    this.#bound.close();
  }
}
