import net from "node:net";
import { getSystemErrorName } from "node:util";
import type { Platform } from "./platform.ts";

/**
 * Makes another descriptor of an open socket; who asked owns it. Child processes do not inherit it.
 *
 * @throws Error when the process may not have more descriptors.
 */
export type Duplicate = (fd: number) => number;

/** What is used of the package that calls functions of the C library. */
export interface Koffi {
  load(path: null): { func(definition: string): (...values: unknown[]) => unknown };
  errno(): number;
}

/**
 * Finds the means to share a listening socket among threads. Node has none of its own: it can move
 * a socket to another thread, but not have two threads accept from it.
 *
 * @throws Error that says what is missing here.
 */
export async function loadDuplicate(
  { duplicateCommand }: Platform,
  loadKoffi: () => Promise<Koffi> = () => import("koffi"),
): Promise<Duplicate> {
  if (duplicateCommand === null) throw new Error("not known how on this system");
  // The first versions of it bind a TCP port when they are asked for a path.
  if (net.BoundSocket === undefined || !("isPipe" in net.BoundSocket.prototype)) {
    throw new Error("this Node has no net.BoundSocket that takes paths");
  }
  const { load, errno } = await loadKoffi();
  // The C library is in every process, whatever its file is called.
  const fcntl = load(null).func("int fcntl(int fd, int command, ...)");
  return (fd) => {
    const duplicate = fcntl(fd, duplicateCommand, "int", 0);
    if (typeof duplicate === "number" && duplicate >= 0) return duplicate;
    throw new Error(`cannot duplicate a socket: ${getSystemErrorName(-errno())}`);
  };
}
