import type { Socket } from "node:net";
import { isTlsSocket } from "../node-tls.ts";
import { TlsHandle } from "./tls-handle.ts";
import type { WritableHandle } from "./writable-handle.ts";

/** The first Node whose `writeBuffer` makes its own request; older ones end the process. */
const NODE_MAJOR = 26;
const NODE_MINOR = 10;

/**
 * The handle below a socket, for writing past `Writable`, which costs a microsecond per write and
 * destroys a socket that can still be read when a write fails (an upstream that answers early and
 * closes). Returns null where Node does not have it in this shape; then `socket.write` serves.
 */
export function findWritableHandle(socket: Socket): WritableHandle | null {
  if (!isNewEnough(process.versions.node)) return null;
  const handle: unknown = Reflect.get(socket, "_handle");
  if (!isWritableHandle(handle)) return null;
  return isTlsSocket(socket) ? new TlsHandle(handle) : handle;
}

/** Whether a version of Node has the `writeBuffer` that is needed here. */
export function isNewEnough(version: string): boolean {
  const [major, minor] = version.split(".").map(Number);
  return major > NODE_MAJOR || (major === NODE_MAJOR && minor >= NODE_MINOR);
}

function isWritableHandle(handle: unknown): handle is WritableHandle {
  return typeof handle === "object" && handle !== null && "writeBuffer" in handle;
}
