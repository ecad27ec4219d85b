import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, fstatSync, mkdtempSync, rmSync, statSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadDuplicate } from "../../../../proxy/socket/duplicate.ts";
import { platformOf } from "../../../../proxy/socket/platform.ts";
import { SharedSocket } from "../../../../proxy/socket/shared-socket.ts";
import { skipFor } from "../../../support/mocha/skip.ts";

describe("shared socket", () => {
  const folder = mkdtempSync(join(tmpdir(), "causeway-shared-"));
  const path = join(folder, "a.sock");

  after(() => rmSync(folder, { recursive: true }));

  it("SharedSocket: port 0 becomes the port that the system chose", async () => {
    const socket = await SharedSocket.open({ kind: "tcp", host: "127.0.0.1", port: 0 });
    const { address } = socket;
    assert.ok(address.kind === "tcp" && address.port > 0);
    assert.ok(fstatSync(socket.fd).isSocket());
    const server = await listen(socket);
    // Only now is it in use: the system gives a port to several sockets of which none listens.
    await assert.rejects(SharedSocket.open(address), { code: "EADDRINUSE" });
    server.close();
    socket.close();
  });

  it("SharedSocket: nobody accepts from it until a worker listens", async () => {
    const socket = await SharedSocket.open({ kind: "pipe", path, mode: 0 });
    const [error] = await once(net.connect(path), "error");
    assert.equal(error.code, "ECONNREFUSED");
    socket.close();
  });

  it("SharedSocket: an IPv6 address does not take IPv4 along", async () => {
    const socket = await SharedSocket.open({ kind: "tcp", host: "::", port: 0 });
    const server = await listen(socket);
    assert.ok(socket.address.kind === "tcp");
    const [error] = await once(net.connect(socket.address.port, "127.0.0.1"), "error");
    assert.equal(error.code, "ECONNREFUSED");
    server.close();
    socket.close();
  });

  it("SharedSocket: a Unix socket has its mode, and its file is gone when it closes", async () => {
    const socket = await SharedSocket.open({ kind: "pipe", path, mode: 0o600 });
    assert.equal(statSync(path).mode & 0o777, 0o600);
    socket.setMode(0o640);
    assert.equal(statSync(path).mode & 0o777, 0o640);
    socket.setMode(0);
    assert.equal(statSync(path).mode & 0o777, 0o640);
    socket.close();
    assert.equal(existsSync(path), false);
  });

  it("SharedSocket: an abstract socket has no file", async function () {
    if (process.platform !== "linux") skipFor(this, "needs Linux: others have no such sockets");
    const name = `causeway-shared-${process.pid}`;
    const socket = await SharedSocket.open({ kind: "pipe", path: `@${name}`, mode: 0 });
    assert.equal(existsSync(`@${name}`), false);
    const [error] = await once(net.connect(`\0${name}`), "error");
    assert.equal(error.code, "ECONNREFUSED");
    socket.close();
  });

  it("SharedSocket: a path in a folder that is not there is an error", async () => {
    const absent = join(folder, "absent/a.sock");
    await assert.rejects(SharedSocket.open({ kind: "pipe", path: absent, mode: 0 }), {
      code: "EACCES",
    });
  });
});

/** Listens on a duplicate, as a worker does. */
async function listen(socket: SharedSocket): Promise<net.Server> {
  const duplicate = await loadDuplicate(platformOf(process.platform));
  const server = net.createServer().listen({ fd: duplicate(socket.fd) });
  await once(server, "listening");
  return server;
}
