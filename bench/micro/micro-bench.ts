import { toSpread } from "../figure/sample.ts";

type Work = (count: number) => void;

/** Something small that is measured alone, in one thread, many times over. */
export interface MicroBench {
  /** The function that is measured and what it is given: `filters/memory/slab: …`. */
  readonly name: string;
  /** Sets everything up and returns a function that does the work `count` times. */
  prepare(): Work | Promise<Work>;
}

/** Nanoseconds for one turn. */
export interface MicroResult {
  readonly medianNs: number;
  readonly minimumNs: number;
  readonly maximumNs: number;
}

const SAMPLE_COUNT = 15;
const SAMPLE_MS_MIN = 20;
const TURN_COUNT_MAX = 2 ** 30;

/** Measures: finds how many turns take 20 ms, which also warms up, then times 15 such runs. */
export async function measureMicro(
  { prepare }: MicroBench,
  now = () => performance.now(),
): Promise<MicroResult> {
  const run = await prepare();
  const time = (count: number) => {
    const started = now();
    run(count);
    return now() - started;
  };
  let count = 1;
  while (time(count) < SAMPLE_MS_MIN && count < TURN_COUNT_MAX) count *= 2;
  const samples = Array.from({ length: SAMPLE_COUNT }, () => (time(count) * 1e6) / count);
  const spread = toSpread(samples) ?? { median: 0, minimum: 0, maximum: 0 };
  return { medianNs: spread.median, minimumNs: spread.minimum, maximumNs: spread.maximum };
}
