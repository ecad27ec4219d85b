import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Lets threads that start from now on call `releaseStartMemory`. The flag is the process's own. */
export function allowRelease(): void {
  setFlagsFromString("--expose-gc");
}

/**
 * Gives what starting left behind in the heap of this thread back to the system: some 4 MB. V8
 * would do so only after a while of work, and a proxy at rest would keep it for ever. Takes some
 * 20 ms, so it comes before the first connection. Without `allowRelease` before, it does nothing.
 */
export function releaseStartMemory(): void {
  const collect: typeof globalThis.gc = runInNewContext("globalThis.gc");
  collect?.({ type: "major", execution: "sync", flavor: "last-resort" });
}
