import { writeSync } from "node:fs";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { isTlsSocket } from "../node-tls.ts";
import { TlsHandle } from "./tls-handle.ts";
import type { WritableHandle } from "./writable-handle.ts";

/** The first Node whose `writeBuffer` makes its own request; older ones end the process. */
const NODE_MAJOR = 26;
const NODE_MINOR = 10;
const HAS_REQUESTS = isNewEnough(process.versions.node);

/**
 * The handle below a socket, for writing past `Writable`, which costs a microsecond per write and
 * destroys a socket that can still be read when a write fails (an upstream that answers early and
 * closes). Returns null where Node does not have it in this shape; then `socket.write` serves.
 */
export function findWritableHandle(socket: Socket): WritableHandle | null {
  if (!HAS_REQUESTS) return null;
  const handle: unknown = Reflect.get(socket, "_handle");
  if (!isWritableHandle(handle)) return null;
  return isTlsSocket(socket) ? new TlsHandle(handle) : handle;
}

/**
 * Writes in plain text below a TLS socket that has written nothing yet. Returns false where Node
 * does not have the handle in this shape, and where nothing can be sent any more.
 */
export function writeBelowTls(
  socket: TLSSocket,
  bytes: Uint8Array,
  hasRequests: boolean = HAS_REQUESTS,
): boolean {
  const own: unknown = Reflect.get(socket, "_handle");
  const below: unknown = typeof own === "object" && own !== null && Reflect.get(own, "_parent");
  if (!isWritableHandle(below)) return false;
  if (!hasRequests) return writeToDescriptor(below, bytes);
  const result = below.writeBuffer(null, bytes);
  if (typeof result === "number") return result >= 0;
  // What the kernel did not take is ahead of the handshake; a failure shows there, too.
  result.buffer = bytes;
  result.oncomplete = () => {};
  return true;
}

/** An older Node has no request to give, but nothing is in the way of so few bytes yet. */
function writeToDescriptor(handle: object, bytes: Uint8Array): boolean {
  const fd: unknown = Reflect.get(handle, "fd");
  if (typeof fd !== "number" || fd < 0) return false;
  try {
    return writeSync(fd, bytes) === bytes.length;
  } catch {
    return false;
  }
}

/** Whether a version of Node has the `writeBuffer` that is needed here. */
export function isNewEnough(version: string): boolean {
  const [major, minor] = version.split(".").map(Number);
  return major > NODE_MAJOR || (major === NODE_MAJOR && minor >= NODE_MINOR);
}

function isWritableHandle(handle: unknown): handle is WritableHandle {
  return typeof handle === "object" && handle !== null && "writeBuffer" in handle;
}
