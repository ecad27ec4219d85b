import assert from "node:assert/strict";
import { openGuest } from "../../../support/guest-module.ts";

const ENTRY = `
export { allocate } from "./filters/memory/slab";
export { countMessages } from "./filters/grpc/frames";
`;

interface Exports {
  readonly memory: WebAssembly.Memory;
  allocate(size: number): number;
  countMessages(place: number, data: number, length: number): number;
}

const frame = (length: number): number[] => {
  const prefix = [0, 0, (length >> 16) & 255, (length >> 8) & 255, length & 255];
  return [...prefix, ...new Array<number>(length).fill(0)];
};

/** Bodies, and how many messages begin in them. */
const rows: readonly (readonly [name: string, body: readonly number[], want: number])[] = [
  ["nothing", [], 0],
  ["an empty message", frame(0), 1],
  ["two empty messages", [...frame(0), ...frame(0)], 2],
  ["one message", frame(7), 1],
  ["a message that is longer than a byte can say", frame(300), 1],
  ["a message of 70,000 bytes, then another", [...frame(70_000), ...frame(1)], 2],
  ["messages of many lengths", [3, 0, 1, 256, 0, 5].flatMap(frame), 6],
  ["a flag alone is a beginning", [0], 1],
  ["half a prefix", [...frame(2), 0, 0, 0], 2],
  ["half a message", [...frame(2), 0, 0, 0, 0, 9, 1], 2],
  ["a compressed message", [1, 0, 0, 0, 1, 5], 1],
];

describe("countMessages", () => {
  let guest: Exports;
  before(async function () {
    this.timeout(60_000);
    guest = await openGuest<Exports>("frames", ENTRY);
  });

  function count(body: readonly number[], pieceBytes: number): number {
    const place = guest.allocate(16);
    const data = guest.allocate(body.length + 16);
    const view = Buffer.from(guest.memory.buffer);
    view.fill(0, place, place + 16);
    view.set(body, data);
    let begun = 0;
    for (let at = 0; at < body.length; at += pieceBytes) {
      const length = Math.min(pieceBytes, body.length - at);
      begun += guest.countMessages(place, data + at, length);
    }
    return begun;
  }

  for (const [name, body, want] of rows) {
    it(`countMessages: ${name}, in pieces of any length`, () => {
      for (const pieceBytes of [1, 2, 3, 4, 5, 6, 7, 1000, 1 << 20]) {
        assert.equal(count(body, pieceBytes), want, `pieces of ${pieceBytes} bytes`);
      }
    });
  }

  it("countMessages: a length of 32 bits is passed over", () => {
    const place = guest.allocate(16);
    const data = guest.allocate(64);
    const view = Buffer.from(guest.memory.buffer);
    view.fill(0, place, place + 16);
    view.set([0, 255, 255, 255, 255, 1, 2, 3], data);
    assert.equal(guest.countMessages(place, data, 8), 1);
    assert.equal(view.readUInt32LE(place), 0xffff_fffc);
  });
});
