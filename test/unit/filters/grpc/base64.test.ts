import assert from "node:assert/strict";
import fc from "fast-check";
import { openGuest } from "../../../support/guest-module.ts";

const ENTRY = `
export { allocate, release } from "./filters/memory/slab";
export * from "./filters/grpc/base64";
`;

interface Exports {
  readonly memory: WebAssembly.Memory;
  allocate(size: number): number;
  release(block: number): void;
  decodeBase64(place: number, data: number, length: number, target: number): number;
  isBase64Whole(place: number): number;
  encodedLength(length: number): number;
  encodeBase64(place: number, data: number, length: number, target: number): number;
  flushBase64(place: number, target: number): number;
}

/** RFC 4648 §10, and what is no base64. */
const texts: readonly (readonly [text: string, want: string | null])[] = [
  ["", ""],
  ["Zg==", "f"],
  ["Zm8=", "fo"],
  ["Zm9v", "foo"],
  ["Zm9vYg==", "foob"],
  ["Zm9vYmE=", "fooba"],
  ["Zm9vYmFy", "foobar"],
  ["+/+/", "\u00fb\u00ff\u00bf"],
  ["Zg==Zg==", "ff"],
  ["Zm8=Zm9v", "fofoo"],
  ["Zg", null],
  ["Zg=", null],
  ["Z", null],
  ["Zm9vY", null],
  ["=", null],
  ["Z=", null],
  ["Z===", null],
  ["====", null],
  ["Zg=v", null],
  ["Zg===", null],
  ["Zh==", null],
  ["Zm9=", null],
  ["Zm 9v", null],
  ["Zm9v\n", null],
  ["-_-_", null],
];

describe("base64", () => {
  let guest: Exports;
  let place: number;
  let data: number;
  let target: number;
  before(async function () {
    this.timeout(60_000);
    guest = await openGuest<Exports>("base64", ENTRY);
    place = guest.allocate(16);
    data = guest.allocate(1024);
    target = guest.allocate(4096);
  });

  /** Puts bytes through `work` in pieces, and returns what came out. */
  function run(bytes: Uint8Array, pieceBytes: number, work: Exports["encodeBase64"]) {
    const view = Buffer.from(guest.memory.buffer);
    view.fill(0, place, place + 16);
    let length = 0;
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const piece = bytes.subarray(at, at + pieceBytes);
      view.set(piece, data);
      const more = work(place, data, piece.length, target + length);
      if (more < 0) return null;
      length += more;
    }
    return { view, length };
  }

  function decode(text: string, pieceBytes: number): string | null {
    const done = run(Buffer.from(text, "latin1"), pieceBytes, guest.decodeBase64);
    if (done === null || guest.isBase64Whole(place) === 0) return null;
    return done.view.toString("latin1", target, target + done.length);
  }

  function encode(bytes: Uint8Array, pieceBytes: number): string {
    const done = run(bytes, pieceBytes, guest.encodeBase64);
    assert.ok(done !== null);
    const length = done.length + guest.flushBase64(place, target + done.length);
    assert.ok(length <= guest.encodedLength(bytes.length));
    return done.view.toString("latin1", target, target + length);
  }

  for (const [text, want] of texts) {
    it(`decodeBase64: "${text}" is ${want === null ? "none" : JSON.stringify(want)}`, () => {
      for (const pieceBytes of [1, 2, 3, 4, 5, 100]) assert.equal(decode(text, pieceBytes), want);
    });
  }

  it("encodeBase64, decodeBase64: any bytes in any pieces", () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    const pieces = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(bytes, pieces, (original, pieceBytes) => {
        const text = encode(original, pieceBytes);
        assert.equal(text, Buffer.from(original).toString("base64"));
        assert.equal(decode(text, pieceBytes), Buffer.from(original).toString("latin1"));
      }),
    );
  });
});
