import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Folder of the repository. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What a program printed, and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A program that a test started. */
export interface Launched {
  readonly process: ChildProcess;
  /** Resolves when standard output holds this text; rejects when the program ends before. */
  waitFor(text: string): Promise<string>;
  readonly ended: Promise<Ended>;
}

/** Starts `node` with arguments, in a folder, and collects what it prints. */
export function launchNode(args: readonly string[], folder: string = ROOT): Launched {
  const child = spawn(process.execPath, [...args], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<Ended>();
  child.once("error", reject);
  child.once("close", (code) => resolve({ code, out, err }));
  const waitFor = (text: string): Promise<string> => {
    const found = Promise.withResolvers<string>();
    const look = () => {
      if (out.includes(text)) found.resolve(out);
    };
    look();
    child.stdout.on("data", look);
    child.once("close", () => {
      found.reject(new Error(`ended before it printed "${text}": ${out}\n${err}`));
    });
    return found.promise;
  };
  return { process: child, waitFor, ended };
}

/** Starts `causeway` from the sources. */
export function launchCauseway(...args: string[]): Launched {
  return launchNode(["cli/main.ts", ...args]);
}
