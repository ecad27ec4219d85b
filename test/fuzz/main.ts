// `npm run fuzz`: inputs by chance until one fails. See --help.
import { keepInput } from "./corpus.ts";
import { HELP, parseOptions } from "./options.ts";
import { fuzz } from "./run.ts";
import type { FuzzTarget } from "./target.ts";

try {
  const { target, seconds, seed } = parseOptions(process.argv.slice(2));
  if (target === null) process.stdout.write(HELP);
  else await run(target, seconds, seed ?? Math.floor(Math.random() * 2 ** 32));
} catch (error) {
  process.stderr.write(`fuzz: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function run(target: FuzzTarget, seconds: number, seed: number): Promise<void> {
  console.log(`fuzz ${target.name}: seed ${seed}, ${seconds} s`);
  const end = performance.now() + seconds * 1000;
  const { runs, failure } = await fuzz(target, seed, () => performance.now() >= end);
  console.log(`fuzz ${target.name}: ${runs} inputs`);
  if (failure === null) return;
  const { input, error } = failure;
  console.log(`seed ${seed} failed; the input is ${keepInput(target.name, input)}`);
  console.log(JSON.stringify(input.toString("latin1")));
  console.log(error);
  process.exitCode = 1;
}
