import assert from "node:assert/strict";
import { openGuest } from "../../../support/guest-module.ts";

/** What the module under test is: the input that a connection keeps between calls. */
const ENTRY = `
import {
  Connection,
  advanceInput,
  createConnection,
  destroyConnection,
  extendPending,
  hasRoomFor,
  keepInput,
  shortenPending,
  takeInput,
} from "./filters/stream/connection";
import { createReader } from "./filters/http1/reader";

export { allocate, bytesInUse, hasBlocks, release } from "./filters/memory/slab";

export function open(): usize {
  return changetype<usize>(createConnection(0, createReader(0)));
}

export function close(connection: usize): void {
  destroyConnection(changetype<Connection>(connection));
}

/** Takes input, uses some of it up, and keeps the rest. False when there is no memory. */
export function take(connection: usize, bytes: usize, length: i32, used: i32): bool {
  const it = changetype<Connection>(connection);
  if (!takeInput(it, bytes, length)) return false;
  advanceInput(it, used);
  keepInput(it);
  return true;
}

export { hasRoomFor };

/** Makes input of bytes, by way of more room than they need. */
export function extend(connection: usize, bytes: usize, length: i32, unused: i32): void {
  const it = changetype<Connection>(connection);
  memory.copy(extendPending(it, length + unused), bytes, length);
  shortenPending(it, unused);
}

/** Uses input up. */
export function advance(connection: usize, used: i32): void {
  const it = changetype<Connection>(connection);
  advanceInput(it, used);
  keepInput(it);
}

export function keptAt(connection: usize): usize {
  return changetype<Connection>(connection).input;
}

export function keptLength(connection: usize): i32 {
  return changetype<Connection>(connection).pendingLength;
}
`;

interface ConnectionExports {
  readonly memory: WebAssembly.Memory;
  allocate(size: number): number;
  release(block: number): void;
  bytesInUse(): number;
  open(): number;
  close(connection: number): void;
  hasBlocks(size: number, count: number): number;
  hasRoomFor(length: number): number;
  take(connection: number, bytes: number, length: number, used: number): number;
  extend(connection: number, bytes: number, length: number, unused: number): void;
  advance(connection: number, used: number): void;
  keptAt(connection: number): number;
  keptLength(connection: number): number;
}

describe("connection", () => {
  let guest: ConnectionExports;
  let view: Buffer;
  let region: number;
  before(async function () {
    this.timeout(60_000);
    guest = await openGuest<ConnectionExports>("connection", ENTRY);
    view = Buffer.from(guest.memory.buffer);
    region = guest.allocate(65_536 + 64);
  });

  /** Offers bytes in the region that all connections share, which the next one writes over. */
  function take(connection: number, text: string, used: number): void {
    view.write(text, region, "latin1");
    guest.take(connection, region, text.length, used);
    view.fill(0x5a, region, region + 65_536);
  }

  function extend(connection: number, text: string, unused: number): void {
    view.write(text, region, "latin1");
    guest.extend(connection, region, text.length, unused);
    view.fill(0x5a, region, region + text.length);
  }

  function kept(connection: number): string {
    const at = guest.keptAt(connection);
    return view.toString("latin1", at, at + guest.keptLength(connection));
  }

  it("keepInput: what is not used up is there before what comes next", () => {
    const before = guest.bytesInUse();
    const connection = guest.open();
    take(connection, "abcdef", 2);
    assert.equal(kept(connection), "cdef");
    take(connection, "gh", 1);
    assert.equal(kept(connection), "defgh");
    take(connection, "", 5);
    assert.equal(kept(connection), "");
    take(connection, "ij", 0);
    assert.equal(kept(connection), "ij");
    guest.close(connection);
    assert.equal(guest.bytesInUse(), before);
  });

  it("takeInput: bytes that come one by one and go one by one stay in order", () => {
    const connection = guest.open();
    const text = Array.from({ length: 3000 }, (_, i) => String.fromCharCode(i % 251)).join("");
    take(connection, text.slice(0, 500), 0);
    for (let at = 500; at < text.length; at++) {
      take(connection, text[at], 1);
      assert.equal(kept(connection).length, 500);
      if (at % 97 === 0) assert.equal(kept(connection), text.slice(at - 499, at + 1));
    }
    guest.close(connection);
  });

  it("takeInput: a large input that comes byte by byte is moved a few times only", () => {
    const connection = guest.open();
    const sizes = new Set<number>();
    for (let i = 0; i < 61_440; i++) {
      take(connection, "x", 0);
      sizes.add(guest.bytesInUse());
    }
    assert.equal(kept(connection), "x".repeat(61_440));
    // It doubles from 128 bytes to 128 KB.
    assert.ok(sizes.size <= 11, `${sizes.size} sizes`);
    guest.close(connection);
  });

  it("takeInput: a head of 1 MiB is kept in order, and given back", () => {
    const before = guest.bytesInUse();
    const connection = guest.open();
    const count = 16;
    for (let piece = 0; piece < count; piece++) {
      take(connection, String.fromCharCode(33 + (piece % 90)).repeat(65_536), 0);
    }
    assert.equal(guest.keptLength(connection), 1 << 20);
    const at = guest.keptAt(connection);
    for (let piece = 0; piece < count; piece++) {
      const want = 33 + (piece % 90);
      assert.equal(view[at + piece * 65_536], want);
      assert.equal(view[at + piece * 65_536 + 65_535], want);
    }
    guest.close(connection);
    assert.equal(guest.bytesInUse(), before);
  });

  it("extendPending: what is made here stands behind what is there", () => {
    const before = guest.bytesInUse();
    const connection = guest.open();
    extend(connection, "abc", 0);
    assert.equal(kept(connection), "abc");
    extend(connection, "def", 40);
    assert.equal(kept(connection), "abcdef");
    guest.advance(connection, 4);
    extend(connection, "ghi", 7);
    assert.equal(kept(connection), "efghi");
    guest.advance(connection, 5);
    assert.equal(guest.keptLength(connection), 0);
    extend(connection, "jk", 1);
    assert.equal(kept(connection), "jk");
    guest.close(connection);
    assert.equal(guest.bytesInUse(), before);
  });

  it("takeInput: more than one read is refused when memory for all it takes is not there", () => {
    const hog: number[] = [];
    while (guest.hasRoomFor(65_537) !== 0) hog.push(guest.allocate((1 << 17) - 16));
    const connection = guest.open();
    assert.equal(guest.take(connection, region, 60_000, 0), 1);
    assert.equal(guest.take(connection, region, 5_536, 0), 1);
    assert.equal(guest.take(connection, region, 1, 0), 0);
    assert.equal(guest.keptLength(connection), 65_536);
    guest.close(connection);
    // What was refused left room for others to end.
    assert.ok(guest.hasBlocks((1 << 17) - 16, 4) !== 0);
    assert.ok(hog.length > 100);
    for (const block of hog) guest.release(block);
  });

  it("extendPending: a megabyte in pieces is moved a few times only", () => {
    const connection = guest.open();
    const piece = "0123456789".repeat(1000);
    const sizes = new Set<number>();
    for (let i = 0; i < 105; i++) {
      extend(connection, piece, 16);
      sizes.add(guest.bytesInUse());
    }
    assert.equal(kept(connection), piece.repeat(105));
    // It doubles from 16 KB to 2 MB.
    assert.ok(sizes.size <= 9, `${sizes.size} sizes`);
    guest.close(connection);
  });
});
