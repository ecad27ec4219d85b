// The open loop as a program of its own: options as JSON in, the result as a line of JSON out.
import { type OpenLoopOptions, runOpenLoop } from "./open-loop.ts";

const options: OpenLoopOptions = JSON.parse(process.argv[2]);
process.stdout.write(`${JSON.stringify(await runOpenLoop(options))}\n`);
