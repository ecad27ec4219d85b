import { readdirSync, readFileSync } from "node:fs";

/** What a process and all its children have used so far. */
export interface TreeUsage {
  /** User and system time of every thread, in seconds. */
  readonly cpuSeconds: number;
  /** Resident memory, added over the processes, in bytes. */
  readonly residentBytes: number;
  readonly processCount: number;
}

/** Linux reports times in /proc in units of 1/100 s on every architecture (USER_HZ). */
const TICKS_PER_SECOND = 100;

/**
 * Reads the usage of the process `pid` and its children from /proc. Processes that end while we
 * read count nothing: there is no consistent snapshot of a tree, and peers do not fork under load.
 */
export function readTreeUsage(pid: number): TreeUsage {
  let cpuSeconds = 0;
  let residentBytes = 0;
  let processCount = 0;
  for (const member of listTree(pid)) {
    const stat = readProc(`${member}/stat`);
    if (stat === "") continue;
    processCount += 1;
    cpuSeconds += parseCpuSeconds(stat);
    residentBytes += parseResidentBytes(readProc(`${member}/status`));
  }
  return { cpuSeconds, residentBytes, processCount };
}

/** utime + stime (fields 14 and 15) of a line of /proc/PID/stat, in seconds; 0 for no line. */
export function parseCpuSeconds(stat: string): number {
  // The second field is the program's name in parentheses and may hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields.length < 13) return 0;
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** VmRSS of /proc/PID/status in bytes; 0 where the line is absent. */
export function parseResidentBytes(status: string): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(status);
  return match === null ? 0 : Number(match[1]) * 1024;
}

function listTree(pid: number): number[] {
  const pids = [pid];
  for (let index = 0; index < pids.length; index += 1) {
    for (const thread of listThreads(pids[index])) {
      const children = readProc(`${pids[index]}/task/${thread}/children`).trim();
      if (children !== "") pids.push(...children.split(" ").map(Number));
    }
  }
  return pids;
}

function listThreads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // The process has ended.
  }
}

function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "latin1");
  } catch {
    return ""; // The process has ended.
  }
}
