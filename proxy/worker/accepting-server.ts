import net from "node:net";
import type { Address } from "../config/model.ts";

/** A connection as the operating system hands it over: node's TCP or pipe handle. */
export interface AcceptedHandle {
  setNoDelay?(isOn: boolean): void;
  close(): void;
}

interface ListeningHandle {
  onconnection: (status: number, handle: AcceptedHandle | undefined) => void;
}

/** How to listen. */
export interface AcceptOptions {
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

  /** Listens; resolves with the port, which is 0 for a pipe. */
  listen({ address, backlog, reusesPort }: AcceptOptions): Promise<number> {
    const options: net.ListenOptions =
      address.kind === "pipe"
        ? { path: address.path, backlog }
        : {
            host: address.host,
            port: address.port,
            backlog,
            reusePort: reusesPort,
            // Node would take IPv4 along; Envoy does so with `ipv4_compat` only.
            ipv6Only: true,
          };
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(options, () => {
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
