import { openGuest } from "../../test/support/guest-module.ts";
import { HPACK_ENTRY, type HpackExports } from "../../test/unit/filters/hpack/hpack-module.ts";
import type { MicroBench } from "./micro-bench.ts";

/** What a browser asks an API for, and what a mesh adds. */
const REQUEST = [
  [":method", "GET"],
  [":path", "/api/v1/products/0b2f7f9e?fields=name,price"],
  [":authority", "shop.example.com"],
  [":scheme", "https"],
  ["user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"],
  ["accept", "application/json, text/plain, */*"],
  ["accept-encoding", "gzip, deflate, br"],
  ["x-request-id", "5a3c0f0e-4a55-9d1b-8e2c-0b6d5c7f1a90"],
] as const;

const RESPONSE = [
  [":status", "200"],
  ["content-type", "application/json; charset=utf-8"],
  ["content-length", "1432"],
  ["cache-control", "private, max-age=0"],
  ["date", "Sat, 28 Nov 2026 18:45:19 GMT"],
  ["etag", '"5f3c-62b8a1d0"'],
  ["server", "envoy"],
  ["x-envoy-upstream-service-time", "3"],
] as const;

type Head = readonly (readonly [string, string])[];

/** Rounds after which both tables hold what repeats. */
const WARM_UP_ROUNDS = 3;

/** One block each, when the tables hold what repeats. */
export const HPACK_BENCHES: readonly MicroBench[] = [
  benchDecode("request of 8 fields", REQUEST, 4),
  benchEncode("request of 8 fields", REQUEST, 4),
  benchDecode("response of 8 fields", RESPONSE, 1),
  benchEncode("response of 8 fields", RESPONSE, 1),
];

function benchDecode(what: string, head: Head, pseudoCount: number): MicroBench {
  return {
    name: `filters/hpack decodeBlock: ${what}`,
    async prepare() {
      const { hpack, block, blocks, last } = await openCodec(head, pseudoCount);
      const decoder = hpack.newDecoder(61_440, 100, 0);
      for (const { at, length } of blocks) {
        hpack.clear(block, pseudoCount);
        hpack.decode(decoder, at, length, block);
      }
      return (count) => {
        for (let turn = 0; turn < count; turn += 1) {
          hpack.clear(block, pseudoCount);
          hpack.decode(decoder, last.at, last.length, block);
        }
      };
    },
  };
}

function benchEncode(what: string, head: Head, pseudoCount: number): MicroBench {
  return {
    name: `filters/hpack encodeBlock: ${what}`,
    async prepare() {
      const { hpack, block, encoder, last } = await openCodec(head, pseudoCount);
      return (count) => {
        for (let turn = 0; turn < count; turn += 1) hpack.encode(encoder, block, last.at);
      };
    },
  };
}

/** A module with a block that holds `head`, and what it was encoded to until nothing changed. */
async function openCodec(head: Head, pseudoCount: number) {
  const hpack = await openGuest<HpackExports>("hpack", HPACK_ENTRY, "release");
  hpack.start();
  const memory = Buffer.from(hpack.memory.buffer);
  const block = hpack.newBlock(pseudoCount);
  for (const [index, [name, value]] of head.entries()) {
    const text = hpack.allocate(name.length + value.length + 16);
    memory.write(name + value, text, "latin1");
    hpack.add(block, index < pseudoCount ? index : -1, text, name.length, value.length);
  }
  const encoder = hpack.newEncoder(4096);
  const encode = () => {
    const at = hpack.allocate(hpack.roomFor(block));
    return { at, length: hpack.encode(encoder, block, at) - at };
  };
  const blocks = Array.from({ length: WARM_UP_ROUNDS }, encode);
  return { hpack, block, encoder, blocks, last: encode() };
}
