import { createServer } from "node:net";
import { isScalar, parseDocument, visit } from "yaml";
import { CommandError } from "../line/command-error.ts";

/** Every `port_value` of a YAML configuration that is a key of `ports` becomes its value. */
export function replacePorts(yaml: string, ports: ReadonlyMap<number, number>): string {
  const document = parseDocument(yaml);
  visit(document, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || key.value !== "port_value" || !isScalar(value)) return;
      const port = ports.get(Number(value.value));
      if (port !== undefined) value.value = port;
    },
  });
  return document.toString();
}

/**
 * Makes sure that a port of 127.0.0.1 can be listened on. The proxy itself may not notice: with
 * SO_REUSEPORT two programs can listen on the same port, each getting a part of the connections.
 */
export async function checkPort(port: number): Promise<void> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, "127.0.0.1", () => server.close(() => resolve()));
  await promise;
}

/** Turns "address in use" into what to do about it; any other error is thrown as it is. */
export function explainPortTaken(error: unknown, what: string, flag: string): never {
  if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
  const port = "port" in error ? ` ${error.port}` : "";
  const advice = `choose another with ${flag}, or ${flag} 0 for a free one`;
  throw new CommandError(`port${port} for ${what} is taken by another program; ${advice}`);
}
