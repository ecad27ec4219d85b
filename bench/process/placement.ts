import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** Which cores a program may run on, as `taskset -c` takes them; `null` leaves it to the kernel. */
export type Cores = string | null;

/** Where everything runs. */
export interface Placement {
  readonly proxy: Cores;
  readonly load: Cores;
  readonly backend: Cores;
  /** In the open loop, whose generator spins and starves whatever shares its core. */
  readonly backendInOpenLoop: Cores;
}

/**
 * Gives the proxy a core of its own, and the others to the load and the backend, so that neither
 * moves about while we count.
 */
export function choosePlacement(isPinned: boolean): Placement {
  const cores = availableParallelism();
  if (!isPinned || cores < 2 || !hasTaskset()) {
    return { proxy: null, load: null, backend: null, backendInOpenLoop: null };
  }
  if (cores === 2) return { proxy: "0", load: "1", backend: "1", backendInOpenLoop: "0" };
  const load = cores === 3 ? "2" : `2-${cores - 1}`;
  return { proxy: "0", load, backend: "1", backendInOpenLoop: "1" };
}

/** Moves a running program, with all its threads, to other cores. */
export function moveToCores(pid: number, cores: Cores): void {
  if (cores === null) return;
  execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", cores, String(pid)], {
    stdio: "ignore",
  });
}

function hasTaskset(): boolean {
  try {
    execFileSync("taskset", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
