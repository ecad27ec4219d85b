// The entry of a worker thread: runs a `Worker` on what the main thread gave it.
import { parentPort, workerData } from "node:worker_threads";
import type { WorkerStart } from "./messages.ts";
import { Worker } from "./worker.ts";

const start: WorkerStart = workerData;
if (parentPort === null) throw new Error("this file runs in a worker thread only");
await new Worker(start, parentPort).run();
