import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { CASES } from "./cases.ts";
import { PEER_NAMES, type PeerName } from "./peer/peer.ts";
import { PROTOCOL_CASES } from "./protocol-cases.ts";

/** What the command line asks for. */
export interface BenchOptions {
  readonly caseNames: readonly string[];
  readonly peerNames: readonly PeerName[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  /** Of the open loop: at its rate a compiler at run time needs longer. */
  readonly latencyWarmupSeconds: number;
  readonly idleConnectionCount: number;
  /** Of the open loop; `null` for half of what Envoy reaches. */
  readonly ratePerSecond: number | null;
  readonly isPinned: boolean;
  readonly outFolder: string;
  readonly isHelp: boolean;
}

/** A run of a few seconds per proxy that only shows that everything works. */
const SMOKE = {
  out: fileURLToPath(new URL("report/raw", import.meta.url)),
  only: ["router,latency,up-1m,memory", ...PROTOCOL_CASES.map(toName)],
  rounds: "1",
  seconds: "1",
  warmup: "0",
  "latency-warmup": "0",
  "idle-connections": "200",
};

/** What `--help` prints. */
export const HELP = `Runs Causeway beside Envoy, nginx, haproxy and npm http-proxy, one worker each.

  npm run bench -- [options]

  --only CASES            only these cases, separated by commas
  --peers NAMES           only these proxies: ${PEER_NAMES.join(", ")}
  --rounds N              rounds in turn (3)
  --seconds N             measured per case, whole seconds (5)
  --warmup N              before that, not counted (2)
  --latency-warmup N      the same for the open loop (6)
  --idle-connections N    for the cases of memory (5000)
  --rate N                requests/s of the open loop (half of Envoy's greatest)
  --no-pin                let the kernel place the processes; otherwise the proxy has core 0,
                          and the load and the backend have the others
  --out DIR               where latest.md, latest.json and latest.svg go (bench/report)
  --smoke                 a short run that shows that the bench works; options still override it
  --help                  this text

Cases:
${CASES.map(({ name, title }) => `  ${name.padEnd(16)}${title}`).join("\n")}
`;

/**
 * Reads the command line.
 *
 * @throws Error that says what is wrong with it.
 */
export function parseOptions(args: readonly string[], reportFolder: string): BenchOptions {
  const { values } = parseArgs({ args: [...args], options: FLAGS });
  const given = values.smoke ? { ...SMOKE, ...values } : values;
  return {
    caseNames: parseNames("--only", given.only, CASES.map(toName)),
    peerNames: parseNames("--peers", given.peers, PEER_NAMES),
    rounds: parseCount("--rounds", given.rounds ?? "3", 1, 100),
    seconds: parseCount("--seconds", given.seconds ?? "5", 1, 600),
    warmupSeconds: parseCount("--warmup", given.warmup ?? "2", 0, 60),
    latencyWarmupSeconds: parseCount("--latency-warmup", given["latency-warmup"] ?? "6", 0, 60),
    idleConnectionCount: parseCount("--idle-connections", idle(given), 1, 15_000),
    ratePerSecond: given.rate === undefined ? null : parseCount("--rate", given.rate, 1, 1_000_000),
    isPinned: !given["no-pin"],
    outFolder: given.out ?? reportFolder,
    isHelp: given.help ?? false,
  };
}

const FLAGS = {
  only: { type: "string", multiple: true },
  peers: { type: "string", multiple: true },
  rounds: { type: "string" },
  seconds: { type: "string" },
  warmup: { type: "string" },
  "latency-warmup": { type: "string" },
  "idle-connections": { type: "string" },
  rate: { type: "string" },
  "no-pin": { type: "boolean" },
  out: { type: "string" },
  smoke: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

function idle(given: { "idle-connections"?: string | undefined }): string {
  return given["idle-connections"] ?? "5000";
}

function toName({ name }: { name: string }): string {
  return name;
}

/** The names asked for, in the order of `known`; all of them when none is asked for. */
function parseNames<Name extends string>(
  flag: string,
  given: readonly string[] | undefined,
  known: readonly Name[],
): readonly Name[] {
  if (given === undefined) return known;
  const wanted = given.flatMap((list) => list.split(",")).map((name) => name.trim());
  const unknown = wanted.find((name) => !known.some((candidate) => candidate === name));
  if (unknown !== undefined) {
    throw new Error(`${flag}: ${unknown} is not one of ${known.join(", ")}`);
  }
  return known.filter((name) => wanted.includes(name));
}

function parseCount(flag: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw new Error(`${flag} must be a whole number from ${minimum} to ${maximum}`);
}
