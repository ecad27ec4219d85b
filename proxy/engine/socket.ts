import net from "node:net";
import type { Engine } from "./engine.ts";

/** Options that Node takes but its types do not know. */
type SocketOptions = Omit<net.SocketConstructorOpts, "handle"> & {
  /** A connected handle, as a listening server's `onconnection` gives it. */
  handle?: unknown;
};

/**
 * Makes a socket that reads straight into the engine's memory. All sockets of a worker share one
 * region: Node calls back as soon as it has read, before it reads from another, so what is there
 * is always the bytes of the socket that calls.
 *
 * @param handle A connection that was accepted. For a socket that is to connect, at once: the
 *   descriptor of one that there is, or `null`.
 * @param onRead Gets the number of bytes read.
 */
export function openSocket(
  engine: Engine,
  handle: unknown,
  onRead: (bytes: number) => void,
): net.Socket {
  const options: SocketOptions = {
    allowHalfOpen: true,
    onread: {
      buffer: engine.input,
      callback: (bytes) => {
        onRead(bytes);
        return true;
      },
    },
  };
  if (typeof handle === "number") options.fd = handle;
  else if (handle !== null) options.handle = handle;
  return Reflect.construct(net.Socket, [options]);
}
