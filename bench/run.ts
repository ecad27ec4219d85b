import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Backend, startBackend } from "./backend/start-backend.ts";
import type { Case } from "./case.ts";
import { CASES } from "./cases.ts";
import { writeTlsFiles } from "./config/tls-files.ts";
import { formatFigure } from "./figure/figures.ts";
import { type Sample, spreadAt } from "./figure/sample.ts";
import { chooseSaturate, type LoadTools } from "./load/choose-saturate.ts";
import type { Saturate } from "./load/saturation.ts";
import { measure } from "./measure.ts";
import type { BenchOptions } from "./options.ts";
import type { PeerName } from "./peer/peer.ts";
import { type PresentPeer, startPeer } from "./peer/start-peer.ts";
import { findFreePort } from "./process/free-port.ts";
import { moveToCores, type Placement } from "./process/placement.ts";

/** What a run has at hand. */
export interface RunParts {
  readonly options: BenchOptions;
  readonly peers: readonly PresentPeer[];
  readonly placement: Placement;
  /** A folder that only this run uses. */
  readonly folder: string;
  /** `null` where it is absent. */
  readonly nginxPath: string | null;
  readonly tools: LoadTools;
  /** Takes a line about what is going on. */
  readonly say: (line: string) => void;
}

/** What came of a run. */
export interface RunResult {
  readonly samples: readonly Sample[];
  /** Of the open loop, in requests/s; `null` when it was not run. */
  readonly ratePerSecond: number | null;
}

/** Runs every case on every proxy in turn, as many rounds as asked for. */
export async function runBench(parts: RunParts): Promise<RunResult> {
  const { nginxPath, folder, placement } = parts;
  writeTlsFiles(toTlsFolder(folder));
  const backend = await startBackend({ nginxPath, folder, cores: placement.backend });
  try {
    return await new Run(parts, backend).all();
  } finally {
    await Promise.all(backend.daemons.map((daemon) => daemon.stop()));
  }
}

class Run {
  readonly #parts: RunParts;
  readonly #backend: Backend;
  readonly #saturate: Saturate;
  readonly #samples: Sample[] = [];
  #ratePerSecond: number | null;

  constructor(parts: RunParts, backend: Backend) {
    this.#parts = parts;
    this.#backend = backend;
    this.#ratePerSecond = parts.options.ratePerSecond;
    this.#saturate = chooseSaturate(parts.tools);
  }

  async all(): Promise<RunResult> {
    const { options } = this.#parts;
    const cases = CASES.filter(({ name }) => options.caseNames.includes(name));
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const measured of cases) {
        if (measured.kind === "latency") this.#ratePerSecond ??= await this.#chooseRate();
        await this.#runCase(measured, round);
      }
    }
    const hasLatency = cases.some(({ kind }) => kind === "latency");
    return { samples: this.#samples, ratePerSecond: hasLatency ? this.#ratePerSecond : null };
  }

  async #runCase(measured: Case, round: number): Promise<void> {
    const { backend, backendInOpenLoop } = this.#parts.placement;
    const isOpenLoop = measured.kind === "latency";
    for (const { pid } of this.#backend.daemons) {
      moveToCores(pid, isOpenLoop ? backendInOpenLoop : backend);
    }
    for (const present of this.#parts.peers) {
      if (!present.peer.serves(measured.configuration)) continue;
      if (this.#hasFailed(measured.name, present.peer.name)) continue;
      const sample = await this.#sample(measured, present, round);
      this.#samples.push(sample);
      this.#parts.say(`round ${round}  ${describe(sample, measured)}`);
    }
  }

  async #sample(measured: Case, present: PresentPeer, round: number): Promise<Sample> {
    const place = { caseName: measured.name, peer: present.peer.name, round };
    try {
      return { ...place, figures: await this.#measure(measured, present), problem: null };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { ...place, figures: {}, problem: message.replaceAll(process.cwd(), ".") };
    }
  }

  /** A proxy starts anew for every case, so that none pays for what another left behind. */
  async #measure(measured: Case, present: PresentPeer) {
    const { options, placement, folder } = this.#parts;
    const site = {
      proxyPort: await findFreePort(),
      adminPort: await findFreePort(),
      backendPort: this.#backend.ports[measured.configuration.upstream],
      folder: join(folder, present.peer.name),
      tlsFolder: toTlsFolder(folder),
    };
    const daemon = await startPeer(present, {
      ...{ site, configuration: measured.configuration, cores: placement.proxy },
      path: measured.request.method === "GET" ? measured.request.paths[0] : "/100",
    });
    try {
      return await measure(measured, {
        ...{ ...site, pid: daemon.pid, port: site.proxyPort, cores: placement.load },
        seconds: options.seconds,
        warmupSeconds:
          measured.kind === "latency" ? options.latencyWarmupSeconds : options.warmupSeconds,
        saturate: this.#saturate,
        ratePerSecond: this.#ratePerSecond ?? 1,
        idleConnectionCount: options.idleConnectionCount,
      });
    } finally {
      await daemon.stop();
      rmSync(site.folder, { recursive: true, force: true });
    }
  }

  /**
   * Half of Envoy's greatest rate, or of the slowest proxy's where there is no Envoy; measured
   * now when the run has not yet done so.
   */
  async #chooseRate(): Promise<number> {
    const router = CASES.find(({ name }) => name === "router") ?? CASES[0];
    const names = this.#parts.peers.map(({ peer }) => peer.name);
    const wanted = names.includes("envoy") ? (["envoy"] as const) : names;
    const rates: number[] = [];
    for (const name of wanted) {
      const rate = this.#rateOf(name) ?? (await this.#measureRate(router, name));
      if (rate !== null) rates.push(rate);
    }
    if (rates.length === 0) return FALLBACK_RATE_PER_SECOND;
    return Math.max(1, Math.round(Math.min(...rates) / 2));
  }

  #rateOf(peer: PeerName): number | null {
    const place = { caseName: "router", peer, figure: "requestsPerSecond" } as const;
    return spreadAt(this.#samples, place)?.median ?? null;
  }

  async #measureRate(router: Case, name: PeerName): Promise<number | null> {
    const present = this.#parts.peers.find(({ peer }) => peer.name === name);
    if (present === undefined) return null;
    const { figures } = await this.#sample(router, present, 0);
    return figures.requestsPerSecond ?? null;
  }

  #hasFailed(caseName: string, name: PeerName): boolean {
    const isSame = (sample: Sample) => sample.caseName === caseName && sample.peer === name;
    return this.#samples.some((sample) => isSame(sample) && sample.problem !== null);
  }
}

function toTlsFolder(folder: string): string {
  return join(folder, "tls");
}

const FALLBACK_RATE_PER_SECOND = 1000;

function describe({ caseName, peer, figures, problem }: Sample, { headline }: Case): string {
  const value = figures[headline];
  const outcome = value === undefined ? `FAILED: ${problem}` : formatFigure(headline, value);
  const failed = figures.failedCount ? `  (${figures.failedCount} failed)` : "";
  return `${caseName.padEnd(15)} ${peer.padEnd(11)} ${outcome}${failed}`;
}
