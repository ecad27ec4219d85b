import type { Socket } from "node:net";
import type { Engine } from "./engine.ts";

/** Who is at the ends of a connection. Addresses are empty where there are none. */
export interface ConnectionEnds {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** What stands for an end that has no address, in logs. */
  readonly localName?: string;
  readonly remoteName?: string;
}

/** Where a connection that is made here comes from, to who is at its other end. */
export interface ConnectionSource {
  /** An IP address, which need not be one of this machine. */
  readonly address: string;
  /** SO_MARK of the socket, by which the answers may be routed back; 0 for none. */
  readonly mark: number;
}

/** One end, as node's handles tell it. */
export interface HandleAddress {
  readonly address: string;
  readonly port: number;
}

/** A connection that has no socket yet, as far as its ends go. */
interface ConnectedHandle {
  getsockname?(into: Partial<HandleAddress>): unknown;
  getpeername?(into: Partial<HandleAddress>): unknown;
}

/** Reads who is at the ends of a connection. Costs two system calls, once per connection. */
export function endsOf(socket: Socket): ConnectionEnds {
  return {
    localAddress: plainAddress(socket.localAddress ?? ""),
    localPort: socket.localPort ?? 0,
    remoteAddress: plainAddress(socket.remoteAddress ?? ""),
    remotePort: socket.remotePort ?? 0,
  };
}

/** The same for a connection that has no socket yet. */
export function endsOfHandle(handle: ConnectedHandle): ConnectionEnds {
  const local: Partial<HandleAddress> = {};
  const remote: Partial<HandleAddress> = {};
  handle.getsockname?.(local);
  handle.getpeername?.(remote);
  return {
    localAddress: plainAddress(local.address ?? ""),
    localPort: local.port ?? 0,
    remoteAddress: plainAddress(remote.address ?? ""),
    remotePort: remote.port ?? 0,
  };
}

/**
 * Tells the engine who is at the ends, for headers and logs.
 *
 * @param pipePath Path of the Unix socket that accepted the connection, or nothing. As in Envoy it
 *   stands for both ends in logs, and for none in headers such as X-Forwarded-For.
 */
export function writeEnds(
  engine: Engine,
  record: number,
  ends: ConnectionEnds,
  pipePath: string,
): void {
  const { remoteAddress, remotePort, localAddress, localPort } = ends;
  const texts = [
    remoteAddress,
    withPort(remoteAddress, remotePort) || (ends.remoteName ?? pipePath),
    withPort(localAddress, localPort) || (ends.localName ?? pipePath),
  ];
  const { address, lengths } = engine.placeTexts(texts);
  const [ip, remote, local] = lengths;
  engine.calls.setEnds(record, address, ip, remote, local);
}

/** Tells the engine who is at the ends of the socket, where a listener filter found others. */
export function writeDirectEnds(
  engine: Engine,
  record: number,
  ends: ConnectionEnds,
  pipePath: string,
): void {
  const texts = [
    withPort(ends.remoteAddress, ends.remotePort) || (ends.remoteName ?? pipePath),
    withPort(ends.localAddress, ends.localPort) || (ends.localName ?? pipePath),
  ];
  const { address, lengths } = engine.placeTexts(texts);
  const [remote, local] = lengths;
  engine.calls.setDirectEnds(record, address, remote, local);
}

/** An IPv4 address that a dual-stack socket shows as `::ffff:1.2.3.4` is an IPv4 address. */
function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

/** `1.2.3.4:80`, `[::1]:80`, or nothing without an address. */
export function withPort(address: string, port: number): string {
  if (address === "") return "";
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
