import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An Envoy that runs. */
export interface Envoy {
  /** Ports of its listeners, by their names. */
  readonly ports: ReadonlyMap<string, number>;
  /** Where its admin interface is, such as `http://127.0.0.1:9901`. */
  readonly admin: string;
  /** Its counters and gauges. */
  readStats(): Promise<ReadonlyMap<string, number>>;
  stop(): Promise<void>;
}

/** Starts Envoy with one worker; resolves when its listeners accept. */
export async function startEnvoy(program: string, configuration: string): Promise<Envoy> {
  const folder = mkdtempSync(join(tmpdir(), "causeway-envoy-"));
  const file = join(folder, "envoy.json");
  const addressFile = join(folder, "admin");
  writeFileSync(file, configuration);
  const flags = ["-c", file, "--admin-address-path", addressFile, "--concurrency", "1"];
  const child = spawn(program, [...flags, "--disable-hot-restart", "--drain-time-s", "1"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let log = "";
  const ready = Promise.withResolvers<void>();
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
    if (log.includes("starting main dispatch loop")) ready.resolve();
  });
  child.once("error", ready.reject);
  child.once("exit", () => ready.reject(new Error(`Envoy ended: ${log}`)));
  await ready.promise;
  const admin = `http://${readFileSync(addressFile, "utf8")}`;
  const listeners = await (await fetch(`${admin}/listeners`)).text();
  return {
    admin,
    ports: new Map(listeners.trim().split("\n").map(readListener)),
    readStats: async () => readStats(await (await fetch(`${admin}/stats?format=json`)).json()),
    async stop() {
      child.kill("SIGTERM");
      await gone;
      rmSync(folder, { recursive: true });
    },
  };
}

/** One line, such as `shop::127.0.0.1:10000`. */
function readListener(line: string): [string, number] {
  const [name, address] = line.split("::");
  return [name, Number(address.slice(address.lastIndexOf(":") + 1))];
}

function readStats(report: unknown): ReadonlyMap<string, number> {
  const stats = new Map<string, number>();
  if (typeof report !== "object" || report === null || !("stats" in report)) return stats;
  if (!Array.isArray(report.stats)) return stats;
  for (const { name, value } of report.stats) {
    if (typeof name === "string" && typeof value === "number") stats.set(name, value);
  }
  return stats;
}
