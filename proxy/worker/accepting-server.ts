import { chmodSync } from "node:fs";
import net from "node:net";
import type { Address } from "../config/model.ts";
import { clearSocketPath, toSystemPath } from "../engine/socket-path.ts";
import type { HandleAddress } from "../engine/ends.ts";

/** A connection as the operating system hands it over: node's TCP or pipe handle. */
export interface AcceptedHandle {
  setNoDelay?(isOn: boolean): void;
  /** Fills in the address of this end, or of the peer. Pipes have none. */
  getsockname?(into: Partial<HandleAddress>): void;
  getpeername?(into: Partial<HandleAddress>): void;
  close(): void;
}

interface ListeningHandle {
  onconnection: (status: number, handle: AcceptedHandle | undefined) => void;
}

/** How to bind a socket. */
export interface BindOptions {
  readonly address: Address;
  readonly backlog: number;
  readonly reusesPort: boolean;
}

/**
 * A listening socket that gives out handles, not sockets: `net.Server` makes a `Socket` that cannot
 * read into memory of ours, and making another around the same handle would cost every connection
 * twice. Node has no public way to do this, so its `onconnection` is replaced; where that property
 * is missing, listening fails with a clear error.
 */
export class AcceptingServer {
  readonly #server = net.createServer();
  readonly #onAccept: (handle: AcceptedHandle) => void;

  /** @param onAccept Owns the handle from then on. */
  constructor(onAccept: (handle: AcceptedHandle) => void) {
    this.#onAccept = onAccept;
  }

  /** Listens on a socket of its own; resolves with the port, which is 0 for a pipe. */
  async bind({ address, backlog, reusesPort }: BindOptions): Promise<number> {
    if (address.kind === "tcp") {
      const { host, port } = address;
      // Node would take IPv4 along; Envoy does so with `ipv4_compat` only.
      return this.#listen({ host, port, reusePort: reusesPort, ipv6Only: true }, backlog);
    }
    await clearSocketPath(address.path);
    const port = await this.#listen({ path: toSystemPath(address.path) }, backlog);
    if (address.mode !== 0) chmodSync(address.path, address.mode);
    return port;
  }

  /**
   * Listens on a socket that is bound, on which others may listen too; resolves with the port.
   *
   * @param fd Belongs to the server, which closes it.
   */
  adopt(fd: number, backlog: number): Promise<number> {
    return this.#listen({ fd }, backlog);
  }

  #listen(options: net.ListenOptions | { readonly fd: number }, backlog: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      // Node takes 0 for its own default, which is 511; the kernel would let one wait.
      this.#server.listen(options, Math.max(backlog, 1), () => {
        this.#server.off("error", reject);
        // A listening socket has nothing to report later but a failed accept, which is harmless.
        this.#server.on("error", () => {});
        this.#takeOver();
        const bound = this.#server.address();
        resolve(bound !== null && typeof bound === "object" ? bound.port : 0);
      });
    });
  }

  /** Stops listening. Accepted connections live on. */
  close(): void {
    this.#server.close();
  }

  #takeOver(): void {
    const handle: unknown = Reflect.get(this.#server, "_handle");
    if (!isListeningHandle(handle)) throw new Error("this Node has no server._handle.onconnection");
    handle.onconnection = (status, accepted) => {
      if (status === 0 && accepted !== undefined) this.#onAccept(accepted);
    };
  }
}

function isListeningHandle(handle: unknown): handle is ListeningHandle {
  return typeof handle === "object" && handle !== null && "onconnection" in handle;
}
