import { readFileSync } from "node:fs";
import { type Shop, startShop } from "../../examples/shop/shop.ts";
import type { RunningProxy } from "../../proxy/main.ts";
import type { FlagValues } from "../line/flags.ts";
import { runUntilSignal } from "../line/shutdown.ts";
import type { Terminal } from "../line/terminal.ts";
import { ADMIN_PORT_DEFAULT, LISTEN_PORT_DEFAULT, SHOP_PORT_DEFAULT } from "./default-ports.ts";
import { checkPort, explainPortTaken, replacePorts } from "./ports.ts";
import { formatTour } from "./tour.ts";

/** A person at a terminal does not want to wait for long. */
const DRAIN_TIME_S = 5;

/** Runs the shop and the proxy until a signal. Returns the exit code. */
export async function runQuickstart(flags: FlagValues, terminal: Terminal): Promise<number> {
  const listenPort = flags.integer("listen-port") ?? LISTEN_PORT_DEFAULT;
  const adminPort = flags.integer("admin-port") ?? ADMIN_PORT_DEFAULT;
  await reservePort(listenPort, "the proxy", "--listen-port");
  await reservePort(adminPort, "the admin interface", "--admin-port");
  const shop = await startShop(flags.integer("shop-port") ?? SHOP_PORT_DEFAULT).catch((error) =>
    explainPortTaken(error, "the sample shop", "--shop-port"),
  );
  try {
    const config = buildConfig(listenPort, adminPort, shop);
    const { createProxy } = await import("../../proxy/main.ts");
    const proxy = await createProxy({
      config,
      configName: "examples/quickstart/envoy.yaml",
      concurrency: flags.integer("concurrency") ?? 1,
      logLevel: "warning",
      drainTimeS: DRAIN_TIME_S,
    });
    await serveUntilSignal(proxy, shop, terminal);
  } finally {
    await shop.stop();
  }
  return 0;
}

async function reservePort(port: number, what: string, flag: string): Promise<void> {
  await checkPort(port).catch((error) => explainPortTaken(error, what, flag));
}

/** The example's file with the ports of this run. */
function buildConfig(listenPort: number, adminPort: number, shop: Shop): string {
  const url = new URL("../../examples/quickstart/envoy.yaml", import.meta.url);
  const ports = new Map([
    [LISTEN_PORT_DEFAULT, listenPort],
    [ADMIN_PORT_DEFAULT, adminPort],
  ]);
  for (const [index, { port }] of shop.services.entries()) {
    ports.set(SHOP_PORT_DEFAULT + index, port);
  }
  return replacePorts(readFileSync(url, "utf8"), ports);
}

async function serveUntilSignal(
  proxy: RunningProxy,
  shop: Shop,
  terminal: Terminal,
): Promise<void> {
  // Before the first line: who reads "Ctrl-C stops everything" may press it at once.
  const stopped = runUntilSignal(proxy, {
    onStep: (step) => terminal.out(step === "drain" ? "\nDraining …\n" : "Stopping at once.\n"),
  });
  const addresses = {
    shop: toUrl(proxy.listenerAddresses[0]),
    admin: proxy.adminAddress === null ? null : toUrl(proxy.adminAddress),
  };
  terminal.out(`\nThe Causeway quickstart.\n\n${formatServices(shop)}\n`);
  terminal.out(`${formatTour(addresses, terminal.style)}\n`);
  terminal.out("The configuration: examples/quickstart/envoy.yaml. Ctrl-C stops everything.\n");
  await stopped;
  terminal.out("Stopped.\n");
}

function formatServices(shop: Shop): string {
  const width = Math.max(...shop.services.map(({ name }) => name.length));
  const lines = shop.services.map(
    ({ name, port }) => `  ${name.padEnd(width)}  http://127.0.0.1:${port}\n`,
  );
  return `The services behind the proxy:\n\n${lines.join("")}`;
}

function toUrl({ address, port }: { readonly address: string; readonly port: number }): string {
  return `http://${address}:${port}`;
}
