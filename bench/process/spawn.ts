import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";

/** A program to run. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Cores as `taskset -c` takes them; `null` leaves it to the kernel. */
  readonly cores: string | null;
}

/** A program that runs until it is stopped. */
export interface Daemon {
  readonly pid: number;
  /** Fulfilled with a few words when the program ends, for whatever reason. */
  readonly ended: Promise<string>;
  /** Asks it to end, and kills it two seconds later. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();

/** Starts a program that writes its output to the file `logPath`. */
export function startDaemon(command: Command, logPath: string): Daemon {
  const log = openSync(logPath, "a");
  const child = open(command, ["ignore", log, log]);
  closeSync(log);
  return toDaemon(child);
}

/**
 * Runs a program to its end and returns what it printed.
 *
 * @throws Error when it fails, or when it is not done after `timeMsMax`.
 */
export async function runToEnd(command: Command, timeMsMax: number): Promise<string> {
  const child = open(command, ["ignore", "pipe", "pipe"]);
  let output = "";
  let errors = "";
  child.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    errors += chunk;
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), timeMsMax);
  const end = await describeEnd(child, "close");
  clearTimeout(timer);
  if (end === "ended with status 0") return output;
  throw new Error(`${command.file} ${end}: ${(errors || output).trim().slice(-400)}`);
}

/**
 * Starts one of our own load programs, which prints one line when it is ready and then stays.
 * Resolves with that line.
 */
export async function startUntilLine(command: Command): Promise<{ daemon: Daemon; line: string }> {
  const child = open(command, ["ignore", "pipe", "inherit"]);
  const daemon = toDaemon(child);
  const line = new Promise<string>((resolve) => {
    let output = "";
    child.stdout?.on("data", (chunk) => {
      output += chunk;
      if (output.includes("\n")) resolve(output);
    });
  });
  const failure = daemon.ended.then((end) => {
    throw new Error(`${command.file} ${end}`);
  });
  failure.catch(() => {}); // It is also told when the program is stopped in the end.
  return { daemon, line: await Promise.race([line, failure]) };
}

/** Kills whatever still runs, at once. For the end of the bench, however it comes. */
export function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

type Stdio = "ignore" | "pipe" | "inherit" | number;

function open(command: Command, stdio: [Stdio, Stdio, Stdio]): ChildProcess {
  // The shell raises the limit of open files and then becomes the program: the pid stays.
  const raiseLimit = 'ulimit -n "$(ulimit -Hn)" 2>/dev/null; exec "$@"';
  const pin = command.cores === null ? [] : ["taskset", "-c", command.cores];
  const args = ["-c", raiseLimit, "sh", ...pin, command.file, ...command.args];
  const child = spawn("sh", args, { stdio });
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

function toDaemon(child: ChildProcess): Daemon {
  const ended = describeEnd(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 2000);
    await ended;
    clearTimeout(timer);
  };
  return { pid: child.pid ?? 0, ended, stop };
}

function describeEnd(child: ChildProcess, event: "exit" | "close"): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`could not start (${error.message})`));
    child.once(event, (code: number | null, signal: string | null) =>
      resolve(signal === null ? `ended with status ${code}` : `ended by ${signal}`),
    );
  });
}
