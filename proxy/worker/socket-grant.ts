/** A duplicate of a listening socket for one address of a listener. */
export interface GrantedSocket {
  readonly listener: string;
  /** Index of the address. */
  readonly place: number;
  readonly fd: number;
}

/**
 * Descriptors on their way from the main thread to a worker. Each has one owner at any time: the
 * main thread until the worker claims it, and then the worker. A worker may die at any moment, so
 * claims are made where both can see them.
 */
export interface SocketGrant {
  readonly sockets: readonly GrantedSocket[];
  /** A 32-bit number for each socket: 1 once it belongs to the worker. */
  readonly claims: SharedArrayBuffer;
}

/** Puts descriptors on their way. */
export function grantSockets(sockets: readonly GrantedSocket[]): SocketGrant {
  const claims = new SharedArrayBuffer(sockets.length * Int32Array.BYTES_PER_ELEMENT);
  return { sockets, claims };
}

/**
 * Takes the descriptor for an address, once; null when there is none. The worker must give it to
 * somebody who closes it before it does anything else.
 */
export function claimSocket(
  { sockets, claims }: SocketGrant,
  listener: string,
  place: number,
): number | null {
  const index = sockets.findIndex((one) => one.listener === listener && one.place === place);
  if (index < 0) return null;
  const isFirst = Atomics.exchange(new Int32Array(claims), index, 1) === 0;
  return isFirst ? sockets[index].fd : null;
}

/**
 * Takes what the worker left, once it has answered or is gone: what listened before needs no other
 * socket, and a worker that died needs none at all.
 */
export function reclaimSockets({ sockets, claims }: SocketGrant): readonly number[] {
  const numbers = new Int32Array(claims);
  return sockets
    .filter((_, index) => Atomics.exchange(numbers, index, 1) === 0)
    .map(({ fd }) => fd);
}
