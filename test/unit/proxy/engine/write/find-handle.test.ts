import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import {
  findWritableHandle,
  isNewEnough,
  writeBelowTls,
} from "../../../../../proxy/engine/write/find-handle.ts";

describe("findWritableHandle", () => {
  for (const [version, isEnough] of [
    ["24.11.0", false],
    ["26.9.1", false],
    ["26.10.0", true],
    ["26.11.3", true],
    ["27.0.0", true],
  ] as const) {
    it(`isNewEnough: Node ${version} is ${isEnough ? "" : "not "}written to directly`, () => {
      assert.equal(isNewEnough(version), isEnough);
    });
  }

  it("findWritableHandle: a socket that never connected has none", () => {
    assert.equal(findWritableHandle(new net.Socket()), null);
  });

  for (const hasRequests of [true, false]) {
    const node = hasRequests ? "this Node" : "one without requests";
    it(`writeBelowTls: in ${node} bytes go out in plain text`, async () => {
      const server = net.createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      assert.ok(address !== null && typeof address === "object");
      const socket = tls.connect({ port: address.port, host: "127.0.0.1" });
      socket.on("error", () => {});
      const [[accepted]] = await Promise.all([once(server, "connection"), once(socket, "connect")]);
      assert.equal(writeBelowTls(socket, Buffer.from("first"), hasRequests), true);
      let got = "";
      while (!got.includes("first")) got += (await once(accepted, "data"))[0].toString("latin1");
      socket.destroy();
      accepted.destroy();
      server.close();
    });
  }

  it("writeBelowTls: nothing goes to a socket whose handle is gone", () => {
    const socket = Object.create(new net.Socket(), { _handle: { value: null } });
    assert.equal(writeBelowTls(socket, Buffer.from("x"), false), false);
    const closed = { _parent: { writeBuffer: () => -1, fd: -1 } };
    const other = Object.create(new net.Socket(), { _handle: { value: closed } });
    assert.equal(writeBelowTls(other, Buffer.from("x"), false), false);
    assert.equal(writeBelowTls(other, Buffer.from("x"), true), false);
  });
});
