import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { openSocket } from "../../../../proxy/engine/socket.ts";
import { loadEngine } from "../../../support/load-engine.ts";

describe("openSocket", () => {
  it("reading: bytes land in the engine's input region, and the end is told", async () => {
    const engine = loadEngine();
    const server = net.createServer((peer) => peer.end("hello")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    let seen = "";
    const socket = openSocket(engine, null, (bytes) => {
      seen += new TextDecoder().decode(engine.input.subarray(0, bytes));
    });
    socket.connect(port, "127.0.0.1");
    await once(socket, "end");
    assert.equal(seen, "hello");
    assert.equal(socket.destroyed, false);
    socket.destroy();
    server.close();
  });
});
