import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, fstatSync, statSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadDuplicate } from "../../../../proxy/socket/duplicate.ts";
import { platformOf } from "../../../../proxy/socket/platform.ts";
import { SharedSocket } from "../../../../proxy/socket/shared-socket.ts";
import { type AcceptedHandle, AcceptingServer } from "../../../../proxy/worker/accepting-server.ts";
import { leaveDeadSocket } from "../engine/dead-socket.ts";

const TCP = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;

/** A server whose handles a test awaits, one after the other. */
class Scene {
  readonly #handles: AcceptedHandle[] = [];
  #arrived = Promise.withResolvers<void>();
  readonly server = new AcceptingServer((handle) => {
    this.#handles.push(handle);
    this.#arrived.resolve();
  });

  async next(): Promise<AcceptedHandle> {
    while (this.#handles.length === 0) {
      await this.#arrived.promise;
      this.#arrived = Promise.withResolvers<void>();
    }
    return this.#handles.shift() ?? assert.fail();
  }
}

/** Resolves when the peer has closed. */
function closed(socket: net.Socket): Promise<void> {
  socket.resume();
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

describe("accepting server", () => {
  it("AcceptingServer: gives out handles that a socket can be made of", async () => {
    const scene = new Scene();
    const port = await scene.server.bind({ address: TCP, backlog: 8, reusesPort: false });
    const client = net.connect(port, "127.0.0.1");
    const handle = await scene.next();
    const socket: net.Socket = Reflect.construct(net.Socket, [{ handle }]);
    socket.end("hello");
    client.setEncoding("utf8");
    const chunks: string[] = [];
    client.on("data", (text: string) => chunks.push(text));
    await closed(client);
    assert.deepEqual(chunks, ["hello"]);
    scene.server.close();
  });

  it("AcceptingServer: an IPv6 address does not take IPv4 along", async () => {
    const scene = new Scene();
    const address = { kind: "tcp", host: "::", port: 0 } as const;
    const port = await scene.server.bind({ address, backlog: 8, reusesPort: false });
    const client = net.connect(port, "127.0.0.1");
    const [error] = await once(client, "error");
    assert.equal(error.code, "ECONNREFUSED");
    scene.server.close();
  });

  it("AcceptingServer: what was accepted lives on when it closes", async () => {
    const scene = new Scene();
    const port = await scene.server.bind({ address: TCP, backlog: 8, reusesPort: false });
    const client = net.connect(port, "127.0.0.1");
    const handle = await scene.next();
    scene.server.close();
    assert.equal(client.destroyed, false);
    handle.close();
    await closed(client);
  });

  it("AcceptingServer: a pipe has port 0", async () => {
    const scene = new Scene();
    const path = join(tmpdir(), `causeway-${process.pid}.sock`);
    const address = { kind: "pipe", path, mode: 0 } as const;
    assert.equal(await scene.server.bind({ address, backlog: 8, reusesPort: false }), 0);
    const client = net.connect(path);
    (await scene.next()).close();
    await closed(client);
    scene.server.close();
  });

  it("AcceptingServer: a pipe has its mode, and takes the place of a dead one", async () => {
    const path = join(tmpdir(), `causeway-${process.pid}-dead.sock`);
    leaveDeadSocket(path);
    const scene = new Scene();
    const address = { kind: "pipe", path, mode: 0o600 } as const;
    await scene.server.bind({ address, backlog: 8, reusesPort: false });
    assert.equal(statSync(path).mode & 0o777, 0o600);
    scene.server.close();
    assert.equal(existsSync(path), false);
  });

  it("AcceptingServer: a socket that it adopts is its own, a backlog of 0 included", async () => {
    const bound = await SharedSocket.open(TCP);
    const duplicate = await loadDuplicate(platformOf(process.platform));
    const fd = duplicate(bound.fd);
    const scene = new Scene();
    const port = await scene.server.adopt(fd, 0);
    assert.ok(bound.address.kind === "tcp");
    assert.equal(port, bound.address.port);
    const client = net.connect(port, "127.0.0.1");
    (await scene.next()).close();
    await closed(client);
    scene.server.close();
    assert.throws(() => fstatSync(fd), { code: "EBADF" });
    bound.close();
  });

  it("AcceptingServer: an address that is taken rejects", async () => {
    const first = new Scene();
    const port = await first.server.bind({ address: TCP, backlog: 8, reusesPort: false });
    const second = new Scene();
    const address = { ...TCP, port };
    const listening = second.server.bind({ address, backlog: 8, reusesPort: false });
    await assert.rejects(listening, { code: "EADDRINUSE" });
    first.server.close();
  });
});
