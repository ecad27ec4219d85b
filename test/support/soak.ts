import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { setImmediate, setTimeout } from "node:timers/promises";
import { LocalWorker } from "./local-worker.ts";

/** Requests of a soak; a turn of another protocol counts as many. `npm run soak` sets more. */
const REQUEST_COUNT = Number(process.env.SOAK_REQUESTS ?? 2000);
/** Turns that go on at a time. */
const LANE_COUNT = 8;
/** Turns of each kind in a round at least. */
const KIND_TURNS_MIN = 4;
/**
 * Caches and pools grow for a round or two, by chance of timing; a leak grows in every one. So
 * what has not grown in one round is none.
 */
const ROUNDS_MAX = 5;
/** By how much each may grow: less than by an object for each turn of the shortest round. */
const SLACKS = [
  ["engineBytes", 1024],
  ["heapBytes", 256 * 1024],
  ["externalBytes", 256 * 1024],
  ["fileCount", 2],
  ["resourceCount", 2],
] as const;
/** How often it is looked whether all is over, before that counts as never. */
const LOOKS_MAX = 10_000;
/** No turn takes as long, in milliseconds: who waits for what never comes is told of. */
const STUCK_MS = 20_000;
/** Between two looks, in milliseconds. */
const LOOK_MS = 2;
/** Where Linux lists the file descriptors of the process. */
const FILES = "/proc/self/fd";

/** What is there once all is over. */
interface Holding {
  /** Memory that the engine's allocator has given out. */
  readonly engineBytes: number;
  /** JavaScript's heap without its garbage. */
  readonly heapBytes: number;
  /** Buffers outside of it. */
  readonly externalBytes: number;
  /** File descriptors; 0 where the system does not say. */
  readonly fileCount: number;
  /** Sockets, timers and requests of the event loop. */
  readonly resourceCount: number;
}

/** One turn: what it opens, it also ends. The turns are numbered. */
export type Turn = (turn: number) => Promise<unknown>;

/** What is soaked. */
export interface SoakSketch {
  /** The bootstrap of a worker; its first listener is the one that is spoken to. */
  readonly config: string;
  /** What is played on the listener's port in turns, several at a time. */
  readonly kinds: (port: number) => Readonly<Record<string, Turn>>;
  /** Requests of HTTP/1.1 that a turn takes as long as. */
  readonly cost: number;
  /** Closes what outlives turns: connections to upstreams. */
  readonly settle: () => void;
}

/** A soak that runs. */
interface Soak {
  readonly worker: LocalWorker;
  readonly turns: readonly (readonly [name: string, turn: Turn])[];
  readonly settle: () => void;
}

/** Milliseconds that a soak may take. */
export const SOAK_TIMEOUT_MS: number = 60_000 + REQUEST_COUNT * 2;

/**
 * Plays all kinds of turns in rounds, with one worker.
 *
 * @throws AssertionError when something of each round stays, or does not end at all.
 */
export async function assertNothingStays(sketch: SoakSketch): Promise<void> {
  const worker = await LocalWorker.start(sketch.config);
  const turns = Object.entries(sketch.kinds(worker.port));
  const shortest = turns.length * KIND_TURNS_MIN;
  const turnCount = Math.max(shortest, Math.ceil(REQUEST_COUNT / sketch.cost));
  try {
    await repeat({ worker, turns, settle: sketch.settle }, shortest, turnCount);
  } finally {
    worker.stop();
  }
}

async function repeat(soak: Soak, firstCount: number, turnCount: number): Promise<void> {
  // What is pooled is made, and what is compiled is compiled, before the count begins.
  await play(soak, firstCount);
  let before = await measure(soak);
  let grown: string[] = [];
  for (let round = 0; round < ROUNDS_MAX; round++) {
    await play(soak, turnCount);
    const after = await measure(soak);
    grown = findGrowth(before, after);
    if (process.env.SOAK_VERBOSE !== undefined) console.log(turnCount, before, after);
    if (grown.length === 0) return;
    before = after;
  }
  assert.fail(`each round of ${turnCount} turns left something: ${grown.join(", ")}`);
}

/** What grew by more than chance does, in words. */
function findGrowth(before: Holding, after: Holding): string[] {
  return SLACKS.filter(([name, slack]) => after[name] - before[name] > slack).map(
    ([name]) => `${name} ${before[name]} -> ${after[name]}`,
  );
}

async function play({ turns }: Soak, turnCount: number): Promise<void> {
  const { promise: stuck, reject } = Promise.withResolvers<never>();
  const played = new Set<string>();
  const giveUp = (): void => reject(new Error(`stuck: ${[...played].join("; ")}`));
  const watch = globalThis.setTimeout(giveUp, STUCK_MS);
  let next = 0;
  const lanes = Array.from({ length: LANE_COUNT }, async () => {
    while (next < turnCount) {
      const place = next++;
      const [name, turn] = turns[place % turns.length];
      const told = `turn ${place}, ${name}`;
      played.add(told);
      try {
        await turn(place);
      } catch (error) {
        throw new Error(told, { cause: error });
      }
      played.delete(told);
      watch.refresh();
    }
  });
  await Promise.race([Promise.all(lanes), stuck]);
  clearTimeout(watch);
}

/** Waits until nothing is in progress, and says what is held nevertheless. */
async function measure({ worker, settle }: Soak): Promise<Holding> {
  settle();
  for (let looks = 0; ; looks++) {
    const busy = worker.busyGauges;
    if (busy.size === 0 && worker.connectionCount === 0) break;
    const told = [...busy].map(([name, value]) => `${name} ${value}`).join(", ");
    assert.ok(looks < LOOKS_MAX, `not over: ${worker.connectionCount} connections, ${told}`);
    await setTimeout(LOOK_MS);
    settle();
  }
  // Handles are closed in the turn of the event loop after the one that asks for it.
  for (let turn = 0; turn < 5; turn++) await setImmediate();
  worker.measureCollected();
  await setImmediate();
  const resourceCount = process.getActiveResourcesInfo().length;
  const fileCount = existsSync(FILES) ? readdirSync(FILES).length : 0;
  return { ...worker.measureCollected(), fileCount, resourceCount };
}
