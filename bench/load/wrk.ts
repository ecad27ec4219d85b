import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isTls } from "../config/configuration.ts";
import { runToEnd } from "../process/spawn.ts";
import type { LoadRequest } from "./request.ts";
import type { Saturation, SaturationOptions } from "./saturation.ts";

/** Saturates a port with `wrk`, one thread. */
export async function saturateWithWrk(
  path: string,
  options: SaturationOptions,
): Promise<Saturation> {
  const { port, request, connectionCount, seconds, folder, cores } = options;
  const scriptPath = join(folder, "load.lua");
  writeFileSync(scriptPath, renderScript(request));
  const args = ["-t1", `-c${connectionCount}`, `-d${Math.max(1, Math.round(seconds))}s`];
  const scheme = isTls(options.downstream) ? "https" : "http";
  const url = `${scheme}://127.0.0.1:${port}${request.paths[0]}`;
  const command = { file: path, args: [...args, "-s", scriptPath, url], cores };
  return parseWrkOutput(await runToEnd(command, (seconds + 15) * 1000));
}

/** Reads the line that our script prints behind wrk's own words. */
export function parseWrkOutput(output: string): Saturation {
  const line = output.split("\n").find((text) => text.startsWith("{"));
  if (line === undefined) throw new Error(`wrk printed no result: ${output.slice(-400)}`);
  return JSON.parse(line);
}

/** wrk counts each reply, so those of another class than 2xx or 3xx are taken off again. */
const DONE = `done = function(summary)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format('\\n{"completedCount":%d,"failedCount":%d,"seconds":%f}\\n',
    summary.requests - errors.status, broken + errors.status, summary.duration / 1e6))
end
`;

function renderScript({ method, paths, bodyBytes, headers }: LoadRequest): string {
  const added = Object.entries(headers).map(
    ([name, value]) => `wrk.headers["${name}"]="${value}"\n`,
  );
  const setUp = `wrk.method = "${method}"\n${added.join("")}`;
  const body = bodyBytes === 0 ? "" : `wrk.body = string.rep("x", ${bodyBytes})\n`;
  return `${setUp}${body}${paths.length > 1 ? renderTurns(paths) : ""}${DONE}`;
}

/** Formats every request once; wrk then takes them in turn. */
function renderTurns(paths: readonly string[]): string {
  return `local paths = { ${paths.map((path) => `"${path}"`).join(", ")} }
local requests, turn = {}, 0
init = function()
  for index, path in ipairs(paths) do requests[index] = wrk.format(nil, path) end
end
request = function()
  turn = turn % #requests + 1
  return requests[turn]
end
`;
}
