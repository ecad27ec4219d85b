import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { askStatus } from "./ask-status.ts";
import type { Daemon } from "./spawn.ts";

/** The program that is to answer, and the file it logs to. */
export interface Awaited {
  readonly daemon: Daemon;
  readonly logPath: string;
}

const READY_MS_MAX = 20_000;
const RETRY_MS = 20;

/**
 * Waits until a GET of `url` is answered with 200.
 *
 * @param ask Gives the status of the answer, 0 where there is none.
 * @throws Error with a line of the program's log when it ends, or is not ready after 20 seconds.
 */
export async function awaitReply(
  url: string,
  { daemon, logPath }: Awaited,
  ask: () => Promise<number> = () => askStatus(url),
): Promise<void> {
  const deadline = performance.now() + READY_MS_MAX;
  let end: string | null = null;
  daemon.ended.then((words) => {
    end = words;
  });
  let status = 0;
  while (performance.now() < deadline && end === null) {
    status = await ask();
    if (status === 200) return;
    await wait(RETRY_MS);
  }
  const why = end ?? `gave status ${status} at ${url} for ${READY_MS_MAX / 1000} s`;
  throw new Error(`${why}: ${quoteLog(readFileSync(logPath, "utf8"))}`);
}

/** The line of a log that most likely tells what went wrong. */
export function quoteLog(log: string): string {
  const lines = log.trim().split("\n");
  const complaint = lines.find((line) => /error|critical|emerg|alert|invalid/i.test(line));
  return (complaint ?? lines[lines.length - 1]).trim().slice(0, 300);
}
