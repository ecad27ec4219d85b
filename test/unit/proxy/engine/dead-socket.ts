import { spawnSync } from "node:child_process";

/** Leaves a Unix socket at a path as a process does that is killed. */
export function leaveDeadSocket(path: string): void {
  const script = `
    require("node:net").createServer().listen(process.argv[1], () => {
      process.kill(process.pid, "SIGKILL");
    });`;
  spawnSync(process.execPath, ["-e", script, path]);
}
