import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { get, ok, toBootstrap } from "../support/proxy-sketch.ts";
import { RawConnection } from "../support/raw-connection.ts";
import { RawUpstream } from "../support/raw-upstream.ts";
import { launchNode } from "./launch.ts";

/** Modules of Node that take megabytes, which a proxy in plain text has no use for. */
const HEAVY = ["crypto", "tls", "https", "http2", "internal/deps/undici/undici"];

/** Every thread says again and again what it has loaded of them. */
const REPORTER = `
import { writeSync } from "node:fs";
import { threadId } from "node:worker_threads";
const heavy = new Set(${JSON.stringify(HEAVY.map((name) => `NativeModule ${name}`))});
const report = () => {
  const loaded = process.moduleLoadList.filter((name) => heavy.has(name));
  writeSync(2, "thread " + threadId + " has " + (loaded.join() || "none") + "\\n");
};
setInterval(report, 50).unref();
`;

describe("a proxy in plain text", function () {
  this.timeout(30_000);

  it("memory: neither its main thread nor its worker loads TLS or the like", async () => {
    const folder = mkdtempSync(join(tmpdir(), "causeway-"));
    const path = join(folder, "listener");
    const upstream = await RawUpstream.listen();
    upstream.serve((_, up) => up.write(ok("light")));
    const listener = { address: { pipe: { path } } };
    const config = toBootstrap({ endpoints: [upstream.port], listener });
    const proxy = launchNode([
      ...["--import", `data:text/javascript,${encodeURIComponent(REPORTER)}`],
      ...["cli/main.ts", "proxy", "--config-yaml", config, "--concurrency", "1"],
    ]);
    after(() => proxy.process.kill("SIGKILL"));
    while (!existsSync(path)) await setTimeout(20);
    const client = await RawConnection.open(path);
    client.write(get("/"));
    assert.equal((await client.readMessage()).body, "light");

    const { stderr } = proxy.process;
    assert.ok(stderr !== null);
    const said = new Map<string, string>();
    while (said.size < 2) {
      const [text]: string[] = await once(stderr, "data");
      for (const [, thread, loaded] of text.matchAll(/^thread (\d) has (.*)$/gm)) {
        said.set(thread, loaded);
      }
    }
    assert.deepEqual([...said].sort(), [
      ["0", "none"],
      ["1", "none"],
    ]);
    client.close();
    upstream.close();
    proxy.process.kill();
    await proxy.ended;
    rmSync(folder, { recursive: true });
  });
});
