import assert from "node:assert/strict";
import { closeSync, existsSync, fstatSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address, ListenerModel } from "../../../../proxy/config/model.ts";
import { Log } from "../../../../proxy/observe/log.ts";
import { type Duplicate, loadDuplicate } from "../../../../proxy/socket/duplicate.ts";
import { platformOf } from "../../../../proxy/socket/platform.ts";
import { SharedSockets } from "../../../../proxy/socket/shared-sockets.ts";
import { claimSocket } from "../../../../proxy/worker/socket-grant.ts";

const ANY: Address = { kind: "tcp", host: "127.0.0.1", port: 0 };

function listener(name: string, reusesPort: boolean, ...addresses: Address[]): ListenerModel {
  return {
    name,
    addresses,
    statName: name,
    reusesPort,
    isInbound: false,
    isInternal: false,
    logRecord: 0,
    backlog: 8,
    bufferBytesMax: 1,
    filterChains: [],
    defaultFilterChain: null,
    chainMatcher: null,
    listenerFilters: { filters: [], timeoutMs: 0, continuesOnTimeout: false },
    usesOriginalDestination: false,
    bindsToPort: true,
  };
}

describe("shared sockets", () => {
  const folder = mkdtempSync(join(tmpdir(), "causeway-shared-"));
  const pipe = (name: string): Address => ({ kind: "pipe", path: join(folder, name), mode: 0 });
  const lines: string[] = [];
  let sockets: SharedSockets;

  function make(load: () => Promise<Duplicate>): SharedSockets {
    lines.length = 0;
    const write = (line: string): void => void lines.push(line.trim());
    return new SharedSockets(load, new Log({ format: "%l %v", write }).logger("main"));
  }

  beforeEach(() => {
    sockets = make(() => loadDuplicate(platformOf(process.platform)));
  });
  afterEach(() => sockets.retain([]));
  after(() => rmSync(folder, { recursive: true }));

  it("open: only what one socket can have is bound, and told where", async () => {
    const bound = await sockets.open([
      listener("own", true, ANY),
      listener("mixed", true, ANY, pipe("mixed")),
      listener("alone", false, ANY),
    ]);
    assert.deepEqual(
      bound.map(({ listener: name, place, address }) => [name, place, address]),
      [
        ["mixed", 1, join(folder, "mixed")],
        ["alone", 0, "127.0.0.1"],
      ],
    );
    assert.deepEqual([bound[0].port, bound[1].port > 0], [0, true]);
  });

  it("open: nothing to share loads nothing", async () => {
    sockets = make(() => assert.fail("it is not needed"));
    assert.deepEqual(await sockets.open([listener("own", true, ANY)]), []);
    assert.deepEqual(sockets.grant([listener("own", true, ANY)]).sockets, []);
  });

  it("open: where sockets cannot be duplicated nothing is bound, which is tried once", async () => {
    let count = 0;
    sockets = make(() => {
      count++;
      return Promise.reject(new Error("no koffi"));
    });
    const listeners = [listener("a", true, pipe("a")), listener("b", true, ANY)];
    for (let i = 0; i < 2; i++) assert.deepEqual(await sockets.open(listeners), []);
    assert.equal(count, 1);
    assert.equal(existsSync(join(folder, "a")), false);
    assert.deepEqual(sockets.grant(listeners).sockets, []);
    const alone = "warning listener a: the first worker accepts for it alone";
    const reason = "warning workers cannot share listening sockets: Error: no koffi";
    assert.deepEqual(lines, [reason, alone, alone]);
  });

  it("open: when one address cannot be had, those before it are given back", async () => {
    const listeners = [listener("a", true, pipe("a"), pipe("absent/b"))];
    await assert.rejects(sockets.open(listeners), { code: "EACCES" });
    assert.equal(existsSync(join(folder, "a")), false);
    assert.deepEqual(sockets.grant(listeners).sockets, []);
  });

  it("grant: each has duplicates of its own, of which the unclaimed are closed", async () => {
    const listeners = [listener("a", true, pipe("a")), listener("b", true, pipe("b"))];
    await sockets.open(listeners);
    const first = sockets.grant(listeners);
    const second = sockets.grant(listeners);
    const fds = [...first.sockets, ...second.sockets].map(({ fd }) => fd);
    assert.equal(new Set(fds).size, 4);
    const claimed = claimSocket(first, "b", 0);
    assert.equal(claimed, fds[1]);
    sockets.reclaim(first);
    sockets.reclaim(first);
    sockets.reclaim(second);
    assert.deepEqual(
      fds.map((fd) => isSocket(fd)),
      [false, true, false, false],
    );
    closeSync(fds[1]);
  });

  it("grant: without descriptors left it throws, and keeps none", async () => {
    const real = await loadDuplicate(platformOf(process.platform));
    const fds: number[] = [];
    sockets = make(async () => (fd) => {
      if (fds.length === 1) throw new Error("cannot duplicate a socket: EMFILE");
      fds.push(real(fd));
      return fds[0];
    });
    const listeners = [listener("a", true, pipe("a"), pipe("b"))];
    await sockets.open(listeners);
    assert.throws(() => sockets.grant(listeners), /EMFILE/);
    assert.deepEqual(fds.map(isSocket), [false]);
  });

  it("retain: what no listener needs is closed, whatever the listener is called", async () => {
    await sockets.open([listener("a", true, pipe("a")), listener("b", true, pipe("b"))]);
    const after = [listener("c", true, pipe("b"))];
    sockets.retain(after);
    assert.deepEqual(
      ["a", "b"].map((name) => existsSync(join(folder, name))),
      [false, true],
    );
    const grant = sockets.grant(after);
    assert.equal(grant.sockets.length, 1);
    sockets.reclaim(grant);
  });
});

function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    // EBADF: it is closed.
    return false;
  }
}
