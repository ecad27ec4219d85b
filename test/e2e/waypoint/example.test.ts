import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { findFreePort } from "../../../bench/process/free-port.ts";
import { requirePeer } from "../../support/mocha/skip.ts";
import { type Launched, launchNode, ROOT } from "../launch.ts";

/** Ports of the example, which the test has others for. */
const PORTS = [15008, 15009, 15010, 15999, 9080, 9081, 9901];

/** What the README asks, and what it promises. Envoy says the same. */
const ASKED: readonly (readonly [line: string, answer: RegExp])[] = [
  ["http 10.96.0.10:80 /a /b", /^200 GET \/a of reviews\n200 GET \/b of reviews$/],
  ["h2c 10.96.0.10:80 /a /b", /^200 GET \/a of reviews\n200 GET \/b of reviews$/],
  ["tcp 10.96.0.20:5432 select", /^select$/],
  ["many 10.96.0.10:80 90", /^90 answers$/],
  ["END_USER=jason http 10.96.0.10:80 /a", /^200 GET \/a of reviews$/],
  ["http 127.0.0.1:9080 /a", /^200 GET \/a of reviews$/],
  ["h2c 127.0.0.1:9080 /a", /^200 GET \/a of reviews$/],
  ["tcp 127.0.0.1:9081 hello", /^hello$/],
  ["http 10.96.0.30:80 /a", /^200 GET \/a of reviews$/],
  ["http 10.96.0.99:80 /a", /^failed: .*NGHTTP2_CONNECT_ERROR$/],
  ["CERTIFICATE=none http 10.96.0.10:80 /a", /^failed: /],
  ["CERTIFICATE=stranger http 10.96.0.10:80 /a", /^failed: /],
];

const ORIGINATE = "envoy://connect_originate/";
const OF = "of spiffe://cluster.local/ns/shop/sa/storefront";

/** Lines of the log, and of the pods, that both proxies cause. */
const LOGGED: readonly string[] = [
  `GET /a HTTP/1.1 200 - to 10.96.0.10:80 by reviews ${ORIGINATE}127.0.0.1:9080 ${OF}`,
  `GET /a HTTP/2 200 - to 10.96.0.10:80 by reviews ${ORIGINATE}127.0.0.1:9080 ${OF}`,
  `GET /a HTTP/1.1 200 - to 10.96.0.10:80 by reviews-v2 ${ORIGINATE}10.244.1.8:9080 ${OF}`,
  `GET /a HTTP/1.1 200 - to 127.0.0.1:9080 by encap ${ORIGINATE} ${OF}`,
  `- - - 0 - to 127.0.0.1:9081 by encap ${ORIGINATE} ${OF}`,
  `- - - 0 - to 10.96.0.20:5432 by db ${ORIGINATE}127.0.0.1:9081 ${OF}`,
  `CONNECT - HTTP/2 200 UC to 127.0.0.1:15008 by main_internal envoy://main_internal/ ${OF}`,
  "no chain: NR to 10.96.0.99:80",
];

const TUNNELS: readonly string[] = [
  "ztunnel: CONNECT 127.0.0.1:9080 x-istio-source=- network=-",
  "ztunnel: CONNECT 10.244.1.8:9080 x-istio-source=- network=-",
  "gateway: CONNECT reviews.shop.svc.cluster.local:9080 x-istio-source=waypoint network=-",
  "ztunnel: CONNECT reviews.shop.svc.cluster.local:9080 x-istio-source=- network=network-1",
];

describe("example waypoint", function () {
  this.timeout(60_000);
  let folder: string;
  let ports: ReadonlyMap<number, number>;
  let pods: Launched;
  let out = "";
  let stop: (() => Promise<void>) | null = null;

  before(async function () {
    requirePeer(this, "openssl");
    folder = mkdtempSync(join(tmpdir(), "causeway-waypoint-"));
    cpSync(join(ROOT, "examples/waypoint"), folder, { recursive: true });
    execFileSync("sh", ["make-certificates.sh"], { cwd: folder });
    const pairs: [number, number][] = [];
    for (const port of PORTS) pairs.push([port, await findFreePort()]);
    ports = new Map(pairs);
    for (const name of readdirSync(folder).filter((each) => /\.(ts|yaml)$/.test(each))) {
      const path = join(folder, name);
      writeFileSync(path, changePorts(readFileSync(path, "utf8")));
    }
    pods = launchNode(["pods.ts"], folder);
    await pods.waitFor("pods are ready");
  });

  afterEach(async () => {
    await stop?.();
    stop = null;
  });

  after(async () => {
    pods.process.kill("SIGKILL");
    await pods.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  function changePorts(text: string): string {
    return text.replaceAll(/\b\d{4,5}\b/g, (digits) => {
      return String(ports.get(Number(digits)) ?? digits);
    });
  }

  function ask(line: string): Promise<string> {
    const words = changePorts(line).split(" ");
    const [name, value] = words[0].split("=");
    const env = { ...process.env, ...(value === undefined ? {} : { [name]: value }) };
    const args = ["ask.ts", ...words.slice(value === undefined ? 0 : 1)];
    const { promise, resolve } = Promise.withResolvers<string>();
    execFile(process.execPath, args, { cwd: folder, env, timeout: 20_000 }, (_, text) => {
      resolve(text.trim());
    });
    return promise;
  }

  async function untilReady(): Promise<void> {
    for (;;) {
      const url = `http://127.0.0.1:${ports.get(9901)}/ready`;
      const response = await fetch(url).catch(() => null);
      if (response?.status === 200) return;
      await setTimeout(20);
    }
  }

  /** Starts a proxy, and keeps what it prints. */
  function start(program: string, args: readonly string[]): void {
    out = "";
    const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    stop = async () => {
      child.kill("SIGKILL");
      await ended;
    };
  }

  /** What the README promises. */
  async function check(): Promise<void> {
    await untilReady();
    for (const [line, answer] of ASKED) assert.match(await ask(line), answer, line);
    for (const line of LOGGED.map(changePorts)) {
      while (!out.split("\n").includes(line)) await setTimeout(50);
    }
    for (const line of TUNNELS) await pods.waitFor(changePorts(line));
  }

  it("example: the proxy does what the README says", async () => {
    const flags = ["--concurrency", "2", "--log-level", "error"];
    start(process.execPath, [join(ROOT, "cli/main.ts"), "proxy", "-c", "envoy.yaml", ...flags]);
    await check();
  });

  it("example: Envoy does the same", async function () {
    const program = requirePeer(this, "envoy");
    const flags = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "off"];
    start(program, ["-c", "envoy.yaml", ...flags]);
    await check();
  });
});
