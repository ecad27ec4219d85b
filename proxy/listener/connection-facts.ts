import type { ConnectionEnds, ConnectionSource } from "../engine/ends.ts";
import type { ProxyTlv } from "../proxy-protocol/proxy-header.ts";

/** Transport protocol of a connection of which nothing else is known. */
export const RAW_BUFFER = "raw_buffer";

/**
 * What is known of a connection before it has a filter chain: listener filters fill it in, and a
 * chain is chosen by it.
 */
export class ConnectionFacts {
  /** Who is at the ends of the socket. */
  readonly direct: ConnectionEnds;
  /** Who is really at the ends, as far as is known. */
  ends: ConnectionEnds;
  /** The address that was connected to was restored by a listener filter. */
  isLocalRestored = false;
  /** `tls`, or empty while nothing was detected. */
  transportProtocol = "";
  /** What the client asked for by SNI, in lower case; or empty. */
  serverName = "";
  /** What the client offers by ALPN, or the protocol that was detected. */
  applicationProtocols: readonly string[] = [];
  /** MD5 in hexadecimal, or empty. */
  ja3 = "";
  /** Where upstream connections come from; null for wherever the system has them come from. */
  source: ConnectionSource | null = null;
  /** TLVs of a PROXY header, as far as they are to be passed on. */
  tlvs: readonly ProxyTlv[] = [];
  /** Dynamic metadata: namespace, key, value. */
  readonly metadata = new Map<string, Map<string, string>>();
  /** Objects that others have attached to the connection, as texts; null for what is not there. */
  filterState: (key: string) => string | null = () => null;

  constructor(direct: ConnectionEnds) {
    this.direct = direct;
    this.ends = direct;
  }

  /** Has the connection go to another address than the socket says. */
  restoreLocal(address: string, port: number): void {
    this.ends = { ...this.ends, localAddress: address, localPort: port };
    this.isLocalRestored = true;
  }

  /** Adds dynamic metadata. */
  setMetadata(namespace: string, key: string, value: string): void {
    const known = this.metadata.get(namespace);
    if (known === undefined) this.metadata.set(namespace, new Map([[key, value]]));
    else known.set(key, value);
  }
}
