import type { Command } from "./line/command.ts";
import type { Flag } from "./line/flags.ts";
import {
  ADMIN_PORT_DEFAULT,
  LISTEN_PORT_DEFAULT,
  SHOP_PORT_DEFAULT,
} from "./quickstart/default-ports.ts";

const FLAGS: readonly Flag[] = [
  {
    long: "listen-port",
    kind: "port",
    default: `${LISTEN_PORT_DEFAULT}`,
    help: "Port of the proxy on 127.0.0.1. 0 takes a free one.",
  },
  {
    long: "admin-port",
    kind: "port",
    default: `${ADMIN_PORT_DEFAULT}`,
    help: "Port of the admin interface on 127.0.0.1. 0 takes a free one.",
  },
  {
    long: "shop-port",
    kind: "port",
    default: `${SHOP_PORT_DEFAULT}`,
    help: `Port of the first of the four sample services on 127.0.0.1; the others have the three
      behind it. 0 takes free ones.`,
  },
  {
    long: "concurrency",
    kind: "uint32",
    default: "1",
    help: "How many worker threads serve traffic.",
  },
];

/** `causeway quickstart`, which is what `causeway` alone and `npm start` run. */
export const quickstartCommand: Command = {
  name: "quickstart",
  summary: "Run a sample shop behind the proxy and print what to try. The default.",
  description: `Starts the services of a small sample shop (storefront, catalog v1 and v2,
    reviews) and the proxy in front of them with examples/quickstart/envoy.yaml, and prints
    addresses and curl lines to try. Ctrl-C drains and stops all of it.`,
  flags: FLAGS,
  async run(flags, terminal) {
    // The shop loads node's HTTP and TLS, 15 MB that `causeway proxy` does without.
    const { runQuickstart } = await import("./quickstart/run.ts");
    return runQuickstart(flags, terminal);
  },
};
