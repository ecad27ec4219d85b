import { lstat, unlink } from "node:fs/promises";
import net from "node:net";

/**
 * A path of a Unix socket as the system takes it. Envoy's `@name` is abstract: it is no file, and
 * the system writes it with a zero byte. Only Linux has such names; others answer with an error.
 */
export function toSystemPath(path: string): string {
  return isAbstract(path) ? `\0${path.slice(1)}` : path;
}

/** Whether the path of a Unix socket stands for no file. */
export function isAbstract(path: string): boolean {
  return path.startsWith("@");
}

/**
 * Removes the socket that a dead process left at a path. Anything else is left where it is, and
 * listening there then says that the address is in use: Envoy would take the path away from a
 * process that serves it.
 */
export async function clearSocketPath(path: string): Promise<void> {
  if (isAbstract(path)) return;
  try {
    if ((await lstat(path)).isSocket() && (await isDead(path))) await unlink(path);
  } catch {
    // It was not there, or cannot be removed; then listening says what is wrong.
  }
}

/** Whether nobody listens at a socket. */
function isDead(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = net.connect(path, () => {
    socket.destroy();
    resolve(false);
  });
  socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  return promise;
}
