import { closeSync } from "node:fs";
import { formatAddress } from "../config/compile/address.ts";
import { type ListenerModel, takesOneSocket } from "../config/model.ts";
import type { Logger } from "../observe/log.ts";
import type { BoundAddress } from "../worker/messages.ts";
import {
  type GrantedSocket,
  grantSockets,
  reclaimSockets,
  type SocketGrant,
} from "../worker/socket-grant.ts";
import type { Duplicate } from "./duplicate.ts";
import { SharedSocket } from "./shared-socket.ts";

/**
 * The listening sockets that all workers share, by address: those of which a system has one only.
 * The main thread binds them, as Envoy's does, and each worker accepts from a duplicate.
 */
export class SharedSockets {
  readonly #sockets = new Map<string, SharedSocket>();
  readonly #loadDuplicate: () => Promise<Duplicate>;
  readonly #log: Logger;
  /** Undefined until it is needed; null where sockets cannot be duplicated. */
  #duplicate: Duplicate | null | undefined;

  /** @param load See `loadDuplicate`. */
  constructor(load: () => Promise<Duplicate>, log: Logger) {
    this.#loadDuplicate = load;
    this.#log = log;
  }

  /**
   * Binds what listeners need and is not bound yet; returns where that is. Where sockets cannot be
   * duplicated nothing is bound: the first worker then listens alone, and the log says so.
   *
   * @throws Error from node:net for an address that cannot be had; nothing has changed then.
   */
  async open(listeners: readonly ListenerModel[]): Promise<readonly BoundAddress[]> {
    const lone = listeners.filter((listener) =>
      listener.addresses.some((address) => takesOneSocket(listener, address)),
    );
    if (lone.length === 0 || !(await this.#canDuplicate(lone))) return [];
    const opened = new Map<string, SharedSocket>();
    try {
      const bound: BoundAddress[] = [];
      for (const listener of lone) bound.push(...(await this.#bind(listener, opened)));
      for (const [key, socket] of opened) {
        this.#sockets.set(key, socket);
        this.#log.info(`all workers accept from one socket at ${key}`);
      }
      return bound;
    } catch (error) {
      for (const socket of opened.values()) socket.close();
      throw error;
    }
  }

  /**
   * Makes a duplicate for each address of listeners that has a socket here.
   *
   * @throws Error when the process may not have more descriptors.
   */
  grant(listeners: readonly ListenerModel[]): SocketGrant {
    const granted: GrantedSocket[] = [];
    const duplicate = this.#duplicate;
    if (!duplicate || this.#sockets.size === 0) return grantSockets(granted);
    try {
      for (const listener of listeners) {
        for (const [place, address] of listener.addresses.entries()) {
          const socket = this.#sockets.get(formatAddress(address));
          if (socket === undefined || !takesOneSocket(listener, address)) continue;
          granted.push({ listener: listener.name, place, fd: duplicate(socket.fd) });
        }
      }
    } catch (error) {
      this.reclaim(grantSockets(granted));
      throw error;
    }
    return grantSockets(granted);
  }

  /** Closes what a worker left of a grant, once it has answered or is gone. */
  reclaim(grant: SocketGrant): void {
    for (const fd of reclaimSockets(grant)) closeSync(fd);
  }

  /** Closes what listeners do not need. */
  retain(listeners: readonly ListenerModel[]): void {
    const needed = new Set(
      listeners.flatMap((listener) =>
        listener.addresses
          .filter((address) => takesOneSocket(listener, address))
          .map((address) => formatAddress(address)),
      ),
    );
    for (const [key, socket] of this.#sockets) {
      if (needed.has(key)) continue;
      this.#sockets.delete(key);
      socket.close();
    }
  }

  async #bind(listener: ListenerModel, opened: Map<string, SharedSocket>): Promise<BoundAddress[]> {
    const bound: BoundAddress[] = [];
    for (const [place, address] of listener.addresses.entries()) {
      if (!takesOneSocket(listener, address)) continue;
      const known = this.#sockets.get(formatAddress(address));
      const socket = known ?? (await SharedSocket.open(address));
      if (known === undefined) opened.set(formatAddress(socket.address), socket);
      else if (address.kind === "pipe") known.setMode(address.mode);
      bound.push(toBound(listener.name, place, socket.address));
    }
    return bound;
  }

  async #canDuplicate(listeners: readonly ListenerModel[]): Promise<boolean> {
    if (this.#duplicate === undefined) {
      try {
        this.#duplicate = await this.#loadDuplicate();
      } catch (error) {
        this.#duplicate = null;
        this.#log.warning(`workers cannot share listening sockets: ${error}`);
      }
    }
    if (this.#duplicate !== null) return true;
    for (const { name } of listeners) {
      this.#log.warning(`listener ${name}: the first worker accepts for it alone`);
    }
    return false;
  }
}

function toBound(listener: string, place: number, address: SharedSocket["address"]): BoundAddress {
  return address.kind === "tcp"
    ? { listener, place, address: address.host, port: address.port }
    : { listener, place, address: address.path, port: 0 };
}
