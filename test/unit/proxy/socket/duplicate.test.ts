import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, fstatSync } from "node:fs";
import net from "node:net";
import { type Koffi, loadDuplicate } from "../../../../proxy/socket/duplicate.ts";
import { platformOf } from "../../../../proxy/socket/platform.ts";
import { skipFor } from "../../../support/mocha/skip.ts";

const HERE = platformOf(process.platform);

describe("duplicate", () => {
  const { BoundSocket } = net;

  afterEach(() => {
    net.BoundSocket = BoundSocket;
  });

  it("loadDuplicate: what it gives makes another descriptor of the same socket", async () => {
    const duplicate = await loadDuplicate(HERE);
    const socket = new net.BoundSocket({ host: "127.0.0.1" });
    const fd = duplicate(socket.fd());
    assert.notEqual(fd, socket.fd());
    assert.equal(fstatSync(fd).ino, fstatSync(socket.fd()).ino);
    socket.close();
    assert.ok(fstatSync(fd).isSocket());
    closeSync(fd);
  });

  it("loadDuplicate: child processes do not inherit the descriptor", async function () {
    if (process.platform !== "linux") skipFor(this, "needs Linux: the child looks into /proc");
    const duplicate = await loadDuplicate(HERE);
    const socket = new net.BoundSocket({ host: "127.0.0.1" });
    const fd = duplicate(socket.fd());
    const links = execFileSync("sh", ["-c", "ls -l /proc/self/fd"], { encoding: "utf8" });
    assert.ok(!links.includes(`socket:[${fstatSync(fd).ino}]`), links);
    closeSync(fd);
    socket.close();
  });

  it("loadDuplicate: a descriptor that is not open is an error that says so", async () => {
    const duplicate = await loadDuplicate(HERE);
    assert.throws(() => duplicate(-1), { message: "cannot duplicate a socket: EBADF" });
  });

  it("loadDuplicate: each system has its own number for the command", async () => {
    const calls: unknown[] = [];
    const koffi: Koffi = {
      load: () => ({ func: () => countCall }),
      errno: () => 0,
    };
    function countCall(...values: unknown[]): number {
      return calls.push(values);
    }
    for (const name of ["linux", "darwin"]) {
      const duplicate = await loadDuplicate(platformOf(name), () => Promise.resolve(koffi));
      duplicate(7);
    }
    assert.deepEqual(calls, [
      [7, 1030, "int", 0],
      [7, 67, "int", 0],
    ]);
  });

  it("loadDuplicate: without koffi it rejects with the reason", async () => {
    const loadKoffi = () => Promise.reject(new Error("Cannot find the native Koffi module"));
    await assert.rejects(loadDuplicate(HERE, loadKoffi), /Cannot find the native Koffi module/);
  });

  it("loadDuplicate: on a system that nobody knows it rejects", async () => {
    const unknown = { sharesPorts: false, duplicateCommand: null };
    await assert.rejects(loadDuplicate(unknown), { message: "not known how on this system" });
  });

  it("loadDuplicate: with a Node that binds no paths it rejects", async () => {
    const message = "this Node has no net.BoundSocket that takes paths";
    for (const old of [undefined, class {}]) {
      Reflect.set(net, "BoundSocket", old);
      await assert.rejects(loadDuplicate(HERE), { message });
    }
  });
});
