import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replacePorts } from "../../cli/quickstart/ports.ts";
import { formatTour } from "../../cli/quickstart/tour.ts";
import { SHOP_PORT_DEFAULT, type Shop, startShop } from "../../examples/shop/shop.ts";
import { requirePeer } from "../support/mocha/skip.ts";
import { ROOT } from "./launch.ts";
import { checkTour } from "./tour.ts";

describe("quickstart, in Envoy", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "causeway-"));
  let shop: Shop | undefined;
  let envoy: ChildProcess | undefined;

  after(async () => {
    envoy?.kill("SIGKILL");
    await shop?.stop();
    rmSync(folder, { recursive: true });
  });

  it("envoy.yaml: Envoy takes it, and behaves as the tour says", async function () {
    const program = requirePeer(this, "envoy");
    shop = await startShop(0);
    const config = join(folder, "envoy.yaml");
    writeFileSync(config, buildConfig(shop));
    const addressFile = join(folder, "admin");
    const flags = ["-c", config, "--admin-address-path", addressFile, "--disable-hot-restart"];
    envoy = spawn(program, [...flags, "--concurrency", "1"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    await waitForLine(envoy, "starting main dispatch loop");
    const admin = `http://${readFileSync(addressFile, "utf8")}`;
    // One line, such as "shop::127.0.0.1:10000".
    const listeners = await (await fetch(`${admin}/listeners`)).text();
    const addresses = { shop: `http://${listeners.trim().split("::")[1]}`, admin };
    await checkTour(formatTour(addresses, (_, text) => text));
  });
});

/** The example's file on free ports, before the shop. */
function buildConfig(shop: Shop): string {
  const ports = new Map(shop.services.map(({ port }, index) => [SHOP_PORT_DEFAULT + index, port]));
  ports.set(10_000, 0).set(9_901, 0);
  return replacePorts(readFileSync(`${ROOT}/examples/quickstart/envoy.yaml`, "utf8"), ports);
}

/** Resolves when Envoy has logged this text; rejects when it ends before. */
async function waitForLine(envoy: ChildProcess, text: string): Promise<void> {
  let log = "";
  const found = Promise.withResolvers<void>();
  envoy.stderr?.setEncoding("utf8").on("data", (piece: string) => {
    log += piece;
    if (log.includes(text)) found.resolve();
  });
  envoy.once("exit", () => found.reject(new Error(`Envoy ended: ${log}`)));
  await found.promise;
}
