import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderGrpcMessage } from "../backend/grpc-message.ts";
import { isTls } from "../config/configuration.ts";
import { runToEnd } from "../process/spawn.ts";
import type { LoadRequest } from "./request.ts";
import type { Saturation, SaturationOptions } from "./saturation.ts";

/** Saturates a port with HTTP/2 from `h2load`, one thread. */
export async function saturateWithH2load(
  path: string,
  options: SaturationOptions,
): Promise<Saturation> {
  const { port, request, connectionCount, streamCount, downstream, cores } = options;
  const seconds = Math.max(1, Math.round(options.seconds));
  const counts = ["-t1", `-c${connectionCount}`, `-m${streamCount}`, `-D${seconds}`];
  const scheme = isTls(downstream) ? "https" : "http";
  const url = `${scheme}://127.0.0.1:${port}${request.paths[0]}`;
  const args = [...counts, ...renderRequest(request, options.folder), url];
  const output = await runToEnd({ file: path, args, cores }, (seconds + 15) * 1000);
  return { ...parseH2loadOutput(output), seconds };
}

/** Reads what is printed in the end. Failed are those with another status than 2xx or 3xx, too. */
export function parseH2loadOutput(output: string): Omit<Saturation, "seconds"> {
  const match = /^requests: .* (\d+) succeeded, (\d+) failed,/m.exec(output);
  if (match === null) throw new Error(`h2load printed no result: ${output.slice(-400)}`);
  return { completedCount: Number(match[1]), failedCount: Number(match[2]) };
}

function renderRequest(request: LoadRequest, folder: string): string[] {
  const headers = Object.entries(request.headers).flatMap(([name, value]) => [
    "-H",
    `${name}: ${value}`,
  ]);
  if (request.method === "GET") return headers;
  const bodyPath = join(folder, "load.body");
  writeFileSync(bodyPath, renderBody(request));
  return [...headers, "-d", bodyPath];
}

function renderBody({ bodyBytes, headers }: LoadRequest): Buffer {
  const isGrpc = headers["content-type"] === "application/grpc";
  return isGrpc ? renderGrpcMessage(bodyBytes) : Buffer.alloc(bodyBytes, "x");
}
