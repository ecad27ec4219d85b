import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import net from "node:net";
import { constants } from "node:os";
import { SourceSockets } from "../../../../../proxy/cluster/upstream/source-socket.ts";
import { mayBindToSources } from "../../../../support/upstream/net-admin.ts";

const IPV4 = { address: "192.0.2.1", mark: 0 };
const IPV6 = { address: "2001:db8::1", mark: 0x1_0001 };

/** A C library that writes down its calls, and fails where it is told. */
function play(isFailing: (name: string, given: readonly unknown[]) => boolean = () => false) {
  const calls: string[] = [];
  const func = (definition: string) => {
    const name = /^int (\w+)\(/.exec(definition)?.[1] ?? "";
    return (...given: unknown[]): number => {
      const told = given.map((each) => {
        return each instanceof Uint8Array ? Buffer.from(each).toString("hex") : String(each);
      });
      calls.push(`${name} ${told.join(" ")}`);
      if (isFailing(name, given)) return -1;
      return name === "socket" ? 5 : 0;
    };
  };
  const errno = () => constants.errno.EPERM;
  return { calls, sockets: new SourceSockets(() => ({ load: () => ({ func }), errno })) };
}

const STREAM = 0o2004001;

describe("SourceSockets", () => {
  before(function () {
    if (process.platform !== "linux") this.skip();
  });

  it("open: IPv4, without a mark", () => {
    const { calls, sockets } = play();
    assert.deepEqual(sockets.open(IPV4, false), { fd: 5 });
    assert.deepEqual(calls, [
      `socket 2 ${STREAM} 0`,
      "setsockopt 5 0 19 01000000 4",
      "setsockopt 5 0 24 01000000 4",
      "bind 5 02000000c00002010000000000000000 16",
    ]);
  });

  it("open: IPv6, with a mark", () => {
    const { calls, sockets } = play();
    assert.deepEqual(sockets.open(IPV6, true), { fd: 5 });
    assert.deepEqual(calls, [
      `socket 10 ${STREAM} 0`,
      "setsockopt 5 1 36 01000100 4",
      "setsockopt 5 41 75 01000000 4",
      "setsockopt 5 0 24 01000000 4",
      `bind 5 0a00000000000000${"20010db8000000000000000000000001"}00000000 28`,
    ]);
  });

  for (const [step, name, option] of [
    ["socket", "socket", null],
    ["mark", "setsockopt", 36],
    ["transparency", "setsockopt", 75],
    ["bind", "bind", null],
  ] as const) {
    it(`open: ${step} fails, and nothing stays open`, () => {
      const { calls, sockets } = play((called, given) => {
        return called === name && (option === null || given[2] === option);
      });
      const fault = { step, code: "EPERM" };
      assert.deepEqual(sockets.open(IPV6, true), { fd: null, fault });
      assert.equal(calls.at(-1) === "close 5", step !== "socket");
    });
  }

  it("open: a system without IP_BIND_ADDRESS_NO_PORT does without", () => {
    const { sockets } = play((_, given) => given[2] === 24);
    assert.deepEqual(sockets.open(IPV4, false), { fd: 5 });
  });

  it("open: without the package there is none, and it is looked for once", () => {
    let count = 0;
    const sockets = new SourceSockets(() => {
      count++;
      throw new Error("no koffi");
    });
    const refused = { fd: null, fault: { step: "load", code: "ENOSYS" } };
    assert.deepEqual(sockets.open(IPV4, false), refused);
    assert.deepEqual(sockets.open(IPV4, false), refused);
    assert.equal(count, 1);
  });

  it("open: the real calls, as far as this process may", async () => {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    const opened = new SourceSockets().open({ address: "127.0.0.9", mark: 77 }, false);
    if (!mayBindToSources()) {
      assert.deepEqual(opened, { fd: null, fault: { step: "mark", code: "EPERM" } });
    } else {
      assert.ok(opened.fd !== null);
      const accepted = once(server, "connection");
      const socket = new net.Socket({ fd: opened.fd });
      socket.connect({ host: "127.0.0.1", port: address.port });
      const [peer] = await accepted;
      assert.equal(peer.remoteAddress, "127.0.0.9");
      assert.equal(markOf(opened.fd), 77);
      socket.destroy();
      peer.destroy();
    }
    server.close();
  });
});

/** SO_MARK of a socket. */
function markOf(fd: number): number {
  const koffi = createRequire(import.meta.url)("koffi");
  const types = "int fd, int level, int name, uint8_t *value, uint8_t *length";
  const value = new Uint8Array(4);
  koffi.load(null).func(`int getsockopt(${types})`)(fd, 1, 36, value, Uint8Array.of(4, 0, 0, 0));
  return new DataView(value.buffer).getUint32(0, true);
}
