import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clearSocketPath, isAbstract, toSystemPath } from "../../../../proxy/engine/socket-path.ts";
import { leaveDeadSocket } from "./dead-socket.ts";

describe("socket path", () => {
  const folder = mkdtempSync(join(tmpdir(), "causeway-path-"));
  const path = join(folder, "a.sock");

  after(() => rmSync(folder, { recursive: true }));

  it("toSystemPath: @ stands for a zero byte, at the beginning only", () => {
    assert.equal(toSystemPath("@name"), "\0name");
    assert.equal(toSystemPath("/run/a@b.sock"), "/run/a@b.sock");
  });

  it("isAbstract: what begins with @", () => {
    assert.deepEqual(["@a", "a@", "/a"].map(isAbstract), [true, false, false]);
  });

  it("clearSocketPath: a socket that a dead process left is removed", async () => {
    leaveDeadSocket(path);
    assert.ok(existsSync(path));
    await clearSocketPath(path);
    assert.equal(existsSync(path), false);
  });

  it("clearSocketPath: a socket that is served stays", async () => {
    const server = net.createServer().listen(path);
    await once(server, "listening");
    await clearSocketPath(path);
    assert.ok(existsSync(path));
    server.close();
  });

  it("clearSocketPath: a file that is no socket stays", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "kept");
    await clearSocketPath(file);
    assert.ok(existsSync(file));
  });

  it("clearSocketPath: a path where nothing is, and an abstract one, are fine", async () => {
    await clearSocketPath(join(folder, "absent"));
    await clearSocketPath("@absent");
  });
});
