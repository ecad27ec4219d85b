import net from "node:net";
import type { Engine } from "./engine.ts";

/** Options that Node takes but its types do not know. */
type SocketOptions = Omit<net.SocketConstructorOpts, "handle"> & {
  /** A connected handle, as a listening server's `onconnection` gives it. */
  handle?: unknown;
  writableHighWaterMark: number;
};

/**
 * Makes a socket that reads straight into the engine's memory. All sockets of a worker share one
 * region: Node calls back as soon as it has read, before it reads from another, so what is there
 * is always the bytes of the socket that calls.
 *
 * @param handle A connection that was accepted, or `null` for a socket that is to connect.
 * @param onRead Gets the number of bytes read; returns false to stop reading.
 */
export function openSocket(
  engine: Engine,
  handle: unknown,
  onRead: (bytes: number) => boolean,
): net.Socket {
  const options: SocketOptions = {
    allowHalfOpen: true,
    // Makes `writableLength` and `drain` tell whether the kernel has taken everything.
    writableHighWaterMark: 1,
    onread: { buffer: engine.input, callback: onRead },
  };
  if (handle !== null) options.handle = handle;
  return Reflect.construct(net.Socket, [options]);
}
