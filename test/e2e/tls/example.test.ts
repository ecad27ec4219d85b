import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { ConnectionOptions } from "node:tls";
import { replacePorts } from "../../../cli/quickstart/ports.ts";
import { findFreePort } from "../../../bench/process/free-port.ts";
import { get } from "../../support/proxy-sketch.ts";
import { requirePeer } from "../../support/mocha/skip.ts";
import { openTls } from "../../support/tls/sketch.ts";
import { launchNode, ROOT } from "../launch.ts";

/** A proxy that runs the example, and how it is ended. */
interface Shown {
  readonly process: { kill(signal: NodeJS.Signals): boolean };
  readonly ended: Promise<unknown>;
}

describe("example tls", function () {
  this.timeout(30_000);
  let folder: string;
  let shown: Shown | null = null;
  let ports: Readonly<Record<"https" | "mutual" | "admin", number>>;

  beforeEach(async function () {
    requirePeer(this, "openssl");
    folder = mkdtempSync(join(tmpdir(), "causeway-example-"));
    cpSync(join(ROOT, "examples/tls"), folder, { recursive: true });
    execFileSync("sh", ["make-certificates.sh"], { cwd: folder });
    ports = {
      https: await findFreePort(),
      mutual: await findFreePort(),
      admin: await findFreePort(),
    };
    const places = new Map([
      [8443, ports.https],
      [8444, ports.mutual],
      [9901, ports.admin],
    ]);
    const config = join(folder, "envoy.yaml");
    writeFileSync(config, replacePorts(readFileSync(config, "utf8"), places));
  });

  afterEach(async () => {
    shown?.process.kill("SIGKILL");
    await shown?.ended;
    shown = null;
    rmSync(folder, { recursive: true, force: true });
  });

  function read(name: string): Buffer {
    return readFileSync(join(folder, name));
  }

  /** The head of an answer, and the subject of who gave it; null where the connection is closed. */
  async function ask(
    port: number,
    servername: string,
    own: ConnectionOptions = {},
  ): Promise<string | null> {
    const trust = { ca: read("ca.pem"), rejectUnauthorized: true, servername };
    try {
      const { connection, socket } = await openTls(port, { ...trust, ...own });
      connection.write(get("/hello"));
      const { head, body } = await connection.readMessage();
      socket.destroy();
      return `${head}${body}`;
    } catch {
      return null;
    }
  }

  async function untilReady(): Promise<void> {
    for (;;) {
      const response = await fetch(`http://127.0.0.1:${ports.admin}/ready`).catch(() => null);
      if (response?.status === 200) return;
      await setTimeout(20);
    }
  }

  async function serial(): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${ports.admin}/certs`);
    return (await response.text()).match(/"serial_number": "[^"]+"/g)?.join() ?? "";
  }

  /** What the README promises. */
  async function check(): Promise<void> {
    await untilReady();
    const want = /^HTTP\/1\.1 200 .*\r\nx-peer: spiffe:\/\/shop\.test\/front\r\n.*hello\n$/s;
    assert.match((await ask(ports.https, "shop.test")) ?? "", want);
    const front = { cert: read("front.pem"), key: read("front.key") };
    assert.match((await ask(ports.mutual, "backend.test", front)) ?? "", want);
    const customer = { cert: read("customer.pem"), key: read("customer.key") };
    assert.equal(await ask(ports.mutual, "backend.test", customer), null);
    assert.equal(await ask(ports.mutual, "backend.test"), null);
    assert.equal(await ask(ports.https, "other.test"), null);
    const before = await serial();
    execFileSync("sh", ["make-certificates.sh", "shop"], { cwd: folder });
    while ((await serial()) === before) await setTimeout(20);
    assert.match((await ask(ports.https, "shop.test")) ?? "", want);
  }

  it("example: the proxy does what the README says", async () => {
    const flags = ["--concurrency", "2", "--log-level", "error"];
    const main = join(ROOT, "cli/main.ts");
    shown = launchNode([main, "proxy", "-c", "envoy.yaml", ...flags], folder);
    await check();
  });

  it("example: Envoy does the same", async function () {
    const program = requirePeer(this, "envoy");
    const flags = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "off"];
    const child = spawn(program, ["-c", "envoy.yaml", ...flags], { cwd: folder, stdio: "ignore" });
    shown = { process: child, ended: new Promise((resolve) => child.once("exit", resolve)) };
    await check();
  });
});
