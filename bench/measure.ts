import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Case, isVolume } from "./case.ts";
import { COUNTED_FIGURES, type Figures } from "./figure/figures.ts";
import type { LoopOptions, LoopResult } from "./load/closed-loop.ts";
import type { IdleOptions, IdleResult } from "./load/idle-main.ts";
import type { OpenLoopOptions, OpenLoopResult } from "./load/open-loop.ts";
import { type LoadProgram, toProgramPath } from "./load/programs.ts";
import type { Saturate } from "./load/saturation.ts";
import { readTreeUsage } from "./process/process-tree.ts";
import { runToEnd, startUntilLine } from "./process/spawn.ts";

/** A proxy that runs, and how to put load on it. */
export interface Measurement {
  readonly pid: number;
  readonly port: number;
  /** For files of the load generator. */
  readonly folder: string;
  readonly tlsFolder: string;
  /** Cores of the load generator. */
  readonly cores: string | null;
  readonly saturate: Saturate;
  readonly seconds: number;
  /** 0 for none. */
  readonly warmupSeconds: number;
  /** Of the open loop. */
  readonly ratePerSecond: number;
  readonly idleConnectionCount: number;
}

const MEMORY_SAMPLE_MS = 100;

/** After which memory counts as settled. */
const SETTLE_MS = 1000;

/** Measures one case on one proxy. */
export function measure(measured: Case, measurement: Measurement): Promise<Figures> {
  switch (measured.kind) {
    case "saturation":
      return measureSaturation(measured, measurement);
    case "latency":
      return measureLatency(measured, measurement);
    case "memory":
      return measureMemory(measured, measurement);
    default:
      return measureLoop(measured, measured.kind, measurement);
  }
}

async function measureSaturation(measured: Case, measurement: Measurement): Promise<Figures> {
  const { saturate, seconds, warmupSeconds } = measurement;
  const { request, connectionCount, streamCount, configuration } = measured;
  const { downstream } = configuration;
  const options = { ...measurement, downstream, request, connectionCount, streamCount };
  if (warmupSeconds > 0) await saturate({ ...options, seconds: warmupSeconds });
  const usage = await watch(measurement.pid, () => saturate({ ...options, seconds }));
  const { completedCount, failedCount } = usage.result;
  return {
    ...toCosts(measured, completedCount, usage),
    [COUNTED_FIGURES[measured.unit].rate]: completedCount / usage.result.seconds,
    busyRatio: usage.cpuSeconds / usage.result.seconds,
    loadBytes: usage.residentBytesMax,
    failedCount,
  };
}

async function measureLoop(
  measured: Case,
  program: LoadProgram,
  measurement: Measurement,
): Promise<Figures> {
  const { pid, port, tlsFolder, seconds, warmupSeconds } = measurement;
  const { request, connectionCount, streamCount, unit } = measured;
  const run = (durationMs: number) => {
    const place = { program, port, tlsFolder, durationMs };
    const options: LoopOptions = { ...request, ...place, connectionCount, streamCount };
    return runOwn<LoopResult>(toProgramPath(program), options, durationMs, measurement);
  };
  if (warmupSeconds > 0) await run(warmupSeconds * 1000);
  const usage = await watch(pid, () => run(seconds * 1000));
  const { completedCount, failedCount } = usage.result;
  // Large transfers go on after the deadline, so that a rate would say little.
  const rates =
    program === "transfer"
      ? {}
      : {
          [COUNTED_FIGURES[unit].rate]: completedCount / seconds,
          busyRatio: usage.cpuSeconds / seconds,
        };
  return {
    ...toCosts(measured, completedCount, usage),
    ...rates,
    loadBytes: usage.residentBytesMax,
    failedCount,
  };
}

async function measureLatency(measured: Case, measurement: Measurement): Promise<Figures> {
  const { pid, port, seconds, warmupSeconds, ratePerSecond } = measurement;
  const options: OpenLoopOptions = {
    port,
    path: measured.request.paths[0],
    connectionCount: measured.connectionCount,
    ratePerSecond,
    warmupMs: warmupSeconds * 1000,
    countedMs: seconds * 1000,
  };
  const timeMs = options.warmupMs + options.countedMs;
  const usage = await watch(pid, () =>
    runOwn<OpenLoopResult>(toPath("load/open-loop-main.ts"), options, timeMs, measurement),
  );
  const { p50Us, p99Us, p999Us, maximumUs, lateP99Us, ...counts } = usage.result;
  return {
    ...{ p50Us, p99Us, p999Us, maximumUs, lateP99Us },
    busyRatio: (usage.cpuSeconds * 1000) / timeMs,
    failedCount: counts.failedCount + counts.unfinishedCount,
  };
}

async function measureMemory(measured: Case, measurement: Measurement): Promise<Figures> {
  const { pid, port, cores, idleConnectionCount } = measurement;
  await wait(SETTLE_MS);
  const restBytes = readTreeUsage(pid).residentBytes;
  const options: IdleOptions = {
    port,
    path: measured.request.paths[0],
    downstream: measured.configuration.downstream,
    connectionCount: idleConnectionCount,
  };
  const args = [toPath("load/idle-main.ts"), JSON.stringify(options)];
  const idle = await startUntilLine({ file: process.execPath, args, cores });
  await wait(SETTLE_MS);
  const idleBytes = readTreeUsage(pid).residentBytes;
  await idle.daemon.stop();
  const { openCount }: IdleResult = JSON.parse(idle.line);
  return {
    restBytes,
    idleConnectionBytes: (idleBytes - restBytes) / Math.max(1, openCount),
    failedCount: idleConnectionCount - openCount,
  };
}

interface Usage<Result> {
  readonly result: Result;
  readonly cpuSeconds: number;
  readonly residentBytesMax: number;
}

/** Runs a load and tells what the proxy used meanwhile. */
async function watch<Result>(pid: number, run: () => Promise<Result>): Promise<Usage<Result>> {
  const before = readTreeUsage(pid);
  let residentBytesMax = before.residentBytes;
  const timer = setInterval(() => {
    residentBytesMax = Math.max(residentBytesMax, readTreeUsage(pid).residentBytes);
  }, MEMORY_SAMPLE_MS);
  try {
    const result = await run();
    const after = readTreeUsage(pid);
    if (after.processCount < before.processCount) throw new Error("the proxy ended under load");
    return { result, cpuSeconds: after.cpuSeconds - before.cpuSeconds, residentBytesMax };
  } finally {
    clearInterval(timer);
  }
}

function toCosts(
  measured: Case,
  completedCount: number,
  { cpuSeconds }: { cpuSeconds: number },
): Figures {
  if (completedCount === 0) throw new Error("no request was answered");
  const cost = { [COUNTED_FIGURES[measured.unit].cost]: (cpuSeconds * 1e6) / completedCount };
  if (!isVolume(measured)) return cost;
  const cpuPerGbSeconds = (cpuSeconds * 1e9) / (completedCount * measured.bodyBytes);
  return { ...cost, cpuPerGbSeconds };
}

/** Runs one of our own generators in a process of its own. */
async function runOwn<Result>(
  path: string,
  options: object,
  durationMs: number,
  { cores }: Measurement,
): Promise<Result> {
  const args = [path, JSON.stringify(options)];
  const output = await runToEnd({ file: process.execPath, args, cores }, durationMs + 20_000);
  return JSON.parse(output);
}

function toPath(program: string): string {
  return fileURLToPath(new URL(program, import.meta.url));
}
