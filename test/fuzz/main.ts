import { keepInput } from "./corpus.ts";
import { parseArgs } from "node:util";
import { fuzz } from "./run.ts";
import { TARGETS } from "./targets.ts";

/*
 * `npm run fuzz -- TARGET [--seconds N] [--seed N]`: variants of the corpus in
 * `test/fuzz/corpus/TARGET` until one fails or time is up. A failing input is made short and kept.
 */

const SECONDS = 30;
const options = { seconds: { type: "string" }, seed: { type: "string" } } as const;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const target = TARGETS.find(({ name }) => name === positionals[0]);
  if (target === undefined) {
    console.log("usage: npm run fuzz -- TARGET [--seconds N] [--seed N]\n\ntargets:");
    for (const { name } of TARGETS) console.log(`  ${name}`);
    return positionals.length === 0 ? 0 : 1;
  }
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
  const seconds = Number(values.seconds ?? SECONDS);
  console.log(`fuzz ${target.name}: seed ${seed}, ${seconds} s`);
  const end = performance.now() + seconds * 1000;
  const { runs, failure } = await fuzz(target, seed, () => performance.now() >= end);
  console.log(`fuzz ${target.name}: ${runs} inputs`);
  if (failure === null) return 0;
  const { input, error } = failure;
  console.log(`seed ${seed} failed; the input is ${keepInput(target.name, input)}`);
  console.log(JSON.stringify(input.toString("latin1")));
  console.log(error);
  return 1;
}

process.exitCode = await main();
