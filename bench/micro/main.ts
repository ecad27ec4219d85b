// `npm run bench:micro -- [words]`: times single functions; with words, only those whose name has
// one of them. The figures serve to compare a function before and after a change, on one machine.
import { ENGINE_BENCHES } from "./engine-bench.ts";
import { HPACK_BENCHES } from "./hpack-bench.ts";
import { type MicroBench, measureMicro } from "./micro-bench.ts";

const BENCHES: readonly MicroBench[] = [...ENGINE_BENCHES, ...HPACK_BENCHES];

const words = process.argv.slice(2);
const isWanted = ({ name }: MicroBench) =>
  words.length === 0 || words.some((word) => name.includes(word));

for (const bench of BENCHES.filter(isWanted)) {
  const { medianNs, minimumNs, maximumNs } = await measureMicro(bench);
  const [median, low, high] = [medianNs, minimumNs, maximumNs].map((value) => value.toFixed(1));
  process.stdout.write(`${median.padStart(9)} ns  (${low}–${high})  ${bench.name}\n`);
}
