import { cpus, release, totalmem, type } from "node:os";

/** The machine that gave the figures. */
export interface Machine {
  readonly processor: string;
  readonly coreCount: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
}

/** Reads what there is to say about this machine. */
export function readMachine(): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() ?? "unknown",
    coreCount: processors.length,
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
    node: process.version,
  };
}
