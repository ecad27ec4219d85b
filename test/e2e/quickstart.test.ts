import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { skipFor } from "../support/mocha/skip.ts";
import { parseCurl } from "./curl.ts";
import { type Launched, launchCauseway, ROOT } from "./launch.ts";
import { checkTour } from "./tour.ts";

const FREE_PORTS = ["--listen-port", "0", "--admin-port", "0", "--shop-port", "0"];

/** Where examples/quickstart/envoy.yaml listens. */
const LISTEN_PORT = 10000;

/** The last thing that the quickstart prints before it waits. */
const READY = "Ctrl-C stops everything.";

describe("quickstart", () => {
  it("quickstart: a taken port is named together with the flag to change it", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address !== "string");
    const { code, err } = await launchCauseway("--listen-port", `${address.port}`).ended;
    server.close();
    assert.equal(code, 1);
    assert.match(
      err,
      new RegExp(`^causeway: port ${address.port} for the proxy is taken .* 0 for`),
    );
  });

  it("quickstart: runs when no command is given, as npm start gives none", async () => {
    const server = createServer();
    // Whoever has the port, we or another program, the quickstart must come to say so.
    await new Promise<void>((resolve) => {
      server.once("error", () => resolve());
      server.listen(LISTEN_PORT, "127.0.0.1", resolve);
    });
    const { code, err } = await launchCauseway().ended;
    server.close();
    assert.equal(code, 1);
    assert.match(err, new RegExp(`^causeway: port ${LISTEN_PORT} for the proxy is taken`));
  });
});

describe("quickstart, while it runs", function () {
  this.timeout(60_000);
  let quickstart: Launched | undefined;
  let printed = "";

  before(async function () {
    if (!existsSync(`${ROOT}/proxy/main.ts`)) skipFor(this, "needs the data plane, proxy/main.ts");
    quickstart = launchCauseway(...FREE_PORTS);
    printed = await quickstart.waitFor(READY);
  });
  after(() => quickstart?.process.kill("SIGKILL"));

  it("quickstart: every printed curl line gives what is promised", async () => {
    await checkTour(printed);
  });

  it("quickstart: the shop's page and the services behind it answer", async () => {
    const page = /open (http\S+)/.exec(printed)?.[1] ?? "";
    assert.match(await (await fetch(page)).text(), /<h1>The Causeway shop<\/h1>/);
    const services = printed.match(/^ {2}(storefront|catalog v1|catalog v2|reviews) +http\S+$/gm);
    assert.equal(services?.length, 4);
    for (const line of services) {
      const address = line.slice(line.indexOf("http"));
      assert.deepEqual(await (await fetch(`${address}/healthz`)).json(), { healthy: true });
    }
  });

  it("quickstart: the weighted split sends most requests to v1", async () => {
    const address = parseCurl(/curl .*\/catalog$/m.exec(printed)?.[0] ?? "").url;
    let firstCount = 0;
    for (let count = 0; count < 100; count += 1) {
      const text = await (await fetch(address)).text();
      if (JSON.parse(text).version === "v1") firstCount += 1;
    }
    // 90 are expected; fewer than 66 have a chance of one in a thousand million.
    assert.ok(firstCount >= 66, `${firstCount} of 100`);
  });

  it("quickstart: SIGTERM drains, stops everything and exits with 0", async () => {
    assert.ok(quickstart);
    quickstart.process.kill("SIGTERM");
    const { code, out, err } = await quickstart.ended;
    assert.equal(err, "");
    assert.match(out, /\nDraining …\nStopped\.\n$/);
    assert.equal(code, 0);
  });
});
