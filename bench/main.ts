// `npm run bench`: Causeway beside its peers, on the same input, in one run. See --help.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readMachine } from "./figure/machine.ts";
import { renderMarkdown } from "./figure/markdown.ts";
import { renderPlot } from "./figure/plot.ts";
import type { MissingProgram, Report } from "./figure/report.ts";
import { judgeTargets } from "./figure/targets.ts";
import { type BenchOptions, HELP, parseOptions } from "./options.ts";
import { PEERS } from "./peer/peers.ts";
import type { PresentPeer } from "./peer/start-peer.ts";
import { askVersion, type Found, findInPath } from "./process/find-program.ts";
import { choosePlacement } from "./process/placement.ts";
import { killAll } from "./process/spawn.ts";
import { runBench } from "./run.ts";

const REPORT_FOLDER = fileURLToPath(new URL("report", import.meta.url));

try {
  const options = parseOptions(process.argv.slice(2), REPORT_FOLDER);
  if (options.isHelp) process.stdout.write(HELP);
  else await bench(options);
} catch (error) {
  say(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function bench(options: BenchOptions): Promise<void> {
  if (process.platform !== "linux") throw new Error("needs Linux: it counts CPU time in /proc");
  const { peers, missing } = findPeers(options);
  const nginx = findPeer("nginx");
  const wrk = findTool("wrk", /wrk \D*(\d[\d.]*)/);
  const h2load = findTool("h2load", /nghttp2\/(\S+)/);
  if (wrk === null) missing.push({ name: "wrk", remedy: "apt-get install wrk" });
  if (h2load === null) missing.push({ name: "h2load", remedy: "apt-get install nghttp2-client" });
  for (const { name, remedy } of missing) say(`missing: ${name} (${remedy})`);
  if (peers.length === 0) throw new Error("none of the proxies is here");

  const folder = mkdtempSync(join(tmpdir(), "causeway-bench-"));
  cleanUpAtExit(folder);
  const placement = choosePlacement(options.isPinned);
  const parts = { options, peers, placement, folder, say };
  const result = await runBench({
    ...parts,
    nginxPath: nginx?.path ?? null,
    tools: { wrkPath: wrk?.path ?? null, h2loadPath: h2load?.path ?? null },
  });
  const { outFolder, isHelp: _, ...settings } = options;
  const report: Report = {
    date: new Date().toISOString(),
    machine: readMachine(),
    placement,
    peers: peers.map(({ peer, found }) => ({ name: peer.name, version: found.version })),
    missing,
    load: [
      wrk === null ? "autocannon" : `wrk ${wrk.version}`,
      ...(h2load === null ? [] : [`h2load ${h2load.version}`]),
    ].join(", "),
    backend: nginx === null ? "node:http" : `nginx ${nginx.version}`,
    options: settings,
    ...result,
  };
  writeReport(report, outFolder);
}

function findPeers({ peerNames }: BenchOptions) {
  const peers: PresentPeer[] = [];
  const missing: MissingProgram[] = [];
  for (const peer of PEERS.filter(({ name }) => peerNames.includes(name))) {
    const found = peer.find();
    if (found === null) missing.push({ name: peer.name, remedy: peer.remedy });
    else peers.push({ peer, found });
  }
  return { peers, missing };
}

/** nginx is looked for even when it is not measured, for it is also the backend. */
function findPeer(name: string): Found | null {
  return PEERS.find((peer) => peer.name === name)?.find() ?? null;
}

function findTool(name: string, version: RegExp): Found | null {
  const path = findInPath(name);
  return path === null ? null : askVersion(path, "--version", version);
}

function writeReport(report: Report, outFolder: string): void {
  mkdirSync(outFolder, { recursive: true });
  const json = JSON.stringify({ ...report, verdicts: judgeTargets(report.samples) }, null, 2);
  writeFileSync(join(outFolder, "latest.json"), `${json}\n`);
  writeFileSync(join(outFolder, "latest.svg"), renderPlot(report));
  writeFileSync(join(outFolder, "latest.md"), renderMarkdown(report, "latest.svg"));
  say(`report: ${join(outFolder, "latest.md")}`);
}

function cleanUpAtExit(folder: string): void {
  process.once("exit", () => {
    killAll();
    rmSync(folder, { recursive: true, force: true });
  });
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
