import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { isTls } from "../config/configuration.ts";
import { runToEnd } from "../process/spawn.ts";
import type { LoadRequest } from "./request.ts";
import type { Saturation, SaturationOptions } from "./saturation.ts";

/** The part of autocannon's JSON that we read. */
interface AutocannonResult {
  readonly "2xx": number;
  readonly non2xx: number;
  readonly errors: number;
  readonly duration: number;
}

/** Saturates a port with npm autocannon, where wrk is absent. It costs the load's core far more. */
export async function saturateWithAutocannon(options: SaturationOptions): Promise<Saturation> {
  const { request, connectionCount, seconds, folder, cores } = options;
  const archivePath = join(folder, "load.har");
  writeFileSync(archivePath, JSON.stringify(toArchive(request, toOrigin(options))));
  const duration = String(Math.max(1, Math.round(seconds)));
  const program = createRequire(import.meta.url).resolve("autocannon");
  const flags = ["-j", "-n", "-c", String(connectionCount), "-d", duration, "--har", archivePath];
  const args = [program, ...flags, toOrigin(options)];
  const output = await runToEnd({ file: process.execPath, args, cores }, (seconds + 15) * 1000);
  const result: AutocannonResult = JSON.parse(output);
  return {
    completedCount: result["2xx"],
    failedCount: result.non2xx + result.errors,
    seconds: result.duration,
  };
}

function toOrigin({ port, downstream }: SaturationOptions): string {
  return `${isTls(downstream) ? "https" : "http"}://127.0.0.1:${port}`;
}

/** An HTTP archive: the one way in which the program takes several paths. */
function toArchive({ method, paths, bodyBytes, headers }: LoadRequest, origin: string): object {
  const body = bodyBytes === 0 ? {} : { postData: { text: "x".repeat(bodyBytes) } };
  const added = Object.entries(headers).map(([name, value]) => ({ name, value }));
  const entries = paths.map((path) => ({
    request: { method, url: `${origin}${path}`, headers: added, ...body },
  }));
  return { log: { version: "1.2", creator: {}, entries } };
}
