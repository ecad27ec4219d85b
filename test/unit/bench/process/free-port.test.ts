import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { findFreePort } from "../../../../bench/process/free-port.ts";

describe("findFreePort", () => {
  it("findFreePort: it can be listened on, and is none of outgoing connections", async () => {
    const port = await findFreePort();
    assert.ok(port >= 20_000 && port < 32_768);
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    server.close();
  });
});
