import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { findFreePort } from "../../../bench/process/free-port.ts";
import { TestProxy } from "../../support/proxy-sketch.ts";

describe("examples/tcp", () => {
  it("envoy.yaml: bytes go through the door to the echo and back", async () => {
    const file = new URL("../../../examples/tcp/envoy.yaml", import.meta.url);
    const [door, echo] = [await findFreePort(), await findFreePort()];
    const config = readFileSync(file, "utf8")
      .replaceAll("10200", `${door}`)
      .replaceAll("10201", `${echo}`);
    const proxy = await TestProxy.run(config);
    const client = await proxy.connect();
    client.end("hello\n");
    assert.equal((await client.readToEnd()).text, "hello\n");
    await proxy.untilIdle();
    assert.equal(await proxy.stat("tcp.door.downstream_cx_total"), 1);
    assert.equal(await proxy.stat("door.rbac.allowed"), 1);
    await proxy.stop();
  });
});
