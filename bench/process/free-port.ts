import { createServer } from "node:net";

/**
 * Where ports are looked for: below those that Linux (from 32768) and macOS (from 49152) give to
 * outgoing connections, of which one could take the port before its server starts.
 */
const PORT_MIN = 20_000;
const PORT_COUNT = 12_000;
const TRIES_MAX = 100;

/**
 * A TCP port of 127.0.0.1 that nobody listened on a moment ago.
 *
 * @throws Error when none is found.
 */
export async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const port = PORT_MIN + Math.floor(Math.random() * PORT_COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port from ${PORT_MIN} on was found in ${TRIES_MAX} tries`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
