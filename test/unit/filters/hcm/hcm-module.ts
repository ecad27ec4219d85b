import {
  HCM_BYTES,
  HCM_DEFAULT_HOST,
  HCM_ESCAPED_SLASHES,
  HCM_FLAGS,
  HCM_IGNORED_UPGRADES,
  HCM_INTERNAL_RANGES,
  HCM_LISTENER_PORT,
  HCM_ROUTE_CONFIG,
  HCM_STATS,
  HCM_UNDERSCORES,
  HCM_VIA,
  HCM_XFF_TRUSTED_HOPS,
  RANGE_ADDRESS,
  RANGE_BITS,
  RANGE_BYTES,
  RANGE_IS_V6,
} from "../../../../api/engine/image.ts";
import { ROUTES_BYTES, ROUTES_INTERNAL_ONLY } from "../../../../api/engine/route-image.ts";
import {
  REMOVAL_BYTES,
  REMOVAL_NAME,
  TEXT_BYTES,
  TEXT_EXACT,
  TEXT_IGNORE_CASE,
  TEXT_KIND,
  TEXT_PREFIX,
  TEXT_VALUE,
} from "../../../../api/engine/match-image.ts";
import { openGuest } from "../../../support/guest-module.ts";

/** What the module under test is: what the connection manager does to a head, and the codec. */
const ENTRY = `
import { READER_UPGRADE } from "./api/engine/http1";
import { setClockOffset, setNow, dateText } from "./filters/hcm/clock";
import { buildRefusals } from "./filters/hcm/refusal";
import { prepareRequest } from "./filters/hcm/request";
import { nextRandom, seedRandom, writeUuid } from "./filters/hcm/random";
import { entryAt } from "./filters/head/block";
import { buildNames } from "./filters/head/names";
import { buildCharacters } from "./filters/http1/characters";
import { buildMethods } from "./filters/http1/methods";
import { readNext } from "./filters/http1/read-message";
import { createReader } from "./filters/http1/reader";
import { Connection, createConnection } from "./filters/stream/connection";
import { Stream, closeStream, openStream } from "./filters/stream/stream";

export { allocate } from "./filters/memory/slab";
export { dateText, nextRandom, seedRandom, setClockOffset, setNow, writeUuid };

export function start(): void {
  buildCharacters();
  buildMethods();
  buildNames();
  buildRefusals();
}

/** Reads and prepares a head. Returns the stream, or 0 when the codec refused it. */
export function prepare(
  image: usize,
  hcm: usize,
  ip: usize,
  ipLength: i32,
  bytes: usize,
  length: i32,
): usize {
  const reader = createReader(0);
  reader.headBytesMax = 8192;
  reader.headerCountMax = 100;
  const connection = createConnection(0, reader);
  connection.remoteIp = ip;
  connection.remoteIpLength = ipLength;
  const stream = openStream();
  stream.downstream = changetype<usize>(connection);
  stream.image = image;
  stream.hcm = hcm;
  reader.block = stream.request;
  if (readNext(reader, bytes, length) != 1) return 0;
  prepareRequest(stream, connection);
  return changetype<usize>(stream);
}

export function statusOf(stream: usize): i32 {
  return changetype<Stream>(stream).status;
}

export function asksForUpgrade(stream: usize): bool {
  const connection = changetype<Connection>(changetype<Stream>(stream).downstream);
  return (connection.reader.flags & READER_UPGRADE) != 0;
}

export function stateOf(stream: usize): i32 {
  return changetype<Stream>(stream).state;
}

export function close(stream: usize): void {
  closeStream(changetype<Stream>(stream));
}

/** Writes the details, then the headers, as lines. Returns the length. */
export function dump(address: usize, target: usize): i32 {
  const stream = changetype<Stream>(address);
  memory.copy(target, stream.details, stream.detailsLength);
  let at = target + stream.detailsLength;
  store<u8>(at++, 10);
  const block = stream.request;
  for (let i = 0; i < block.count; i++) {
    const entry = entryAt(block, i);
    if (entry.nameLength == 0) continue;
    memory.copy(at, entry.name, entry.nameLength);
    at += entry.nameLength;
    store<u16>(at, 0x203a);
    memory.copy(at + 2, entry.value, entry.valueLength);
    at += 2 + entry.valueLength;
    store<u8>(at++, 10);
  }
  return <i32>(at - target);
}
`;

interface Exports {
  readonly memory: WebAssembly.Memory;
  start(): void;
  allocate(bytes: number): number;
  prepare(
    image: number,
    hcm: number,
    ip: number,
    ipLength: number,
    bytes: number,
    length: number,
  ): number;
  statusOf(stream: number): number;
  asksForUpgrade(stream: number): number;
  stateOf(stream: number): number;
  close(stream: number): void;
  dump(stream: number, target: number): number;
  seedRandom(seed: number): void;
  nextRandom(): bigint;
  writeUuid(target: number): void;
  setClockOffset(offsetMs: number): void;
  setNow(nowMs: number): void;
  dateText(): number;
}

/** One matcher of `ignore_http_11_upgrade`. */
export interface IgnoredUpgrade {
  readonly text: string;
  readonly isPrefix?: boolean;
  readonly ignoresCase?: boolean;
}

/** Settings of the connection manager under test. */
export interface HcmSketch {
  /** `HCM_*` flags. */
  readonly flags?: number;
  readonly trustedHops?: number;
  readonly escapedSlashes?: number;
  readonly underscores?: number;
  readonly via?: string;
  readonly defaultHost?: string;
  readonly listenerPort?: number;
  /** `ignore_http_11_upgrade`: what is there by itself, in lower case or as the start of more. */
  readonly ignoredUpgrades?: readonly IgnoredUpgrade[];
  /** Address of the peer; empty for one at a Unix socket. */
  readonly peer?: string;
  /** Whose requests are internal: the bytes of an address, of which some bits count. */
  readonly internal?: readonly { readonly bytes: readonly number[]; readonly bits: number }[];
  /** Names, not well-known ones, of headers that only internal requests may have. */
  readonly internalOnly?: readonly string[];
}

/** A head that went through the connection manager. */
export interface Prepared {
  /** Status of the refusal, or 0. */
  readonly status: number;
  readonly details: string;
  readonly state: number;
  /** Whether it is an upgrade that the request wants. */
  readonly isUpgrade: boolean;
  /** Value of a header or pseudo-header: of all its lines, joined by `|`. */
  get(name: string): string | undefined;
}

/** Room for the text of a sketch, and for what comes out. */
const ROOM_BYTES = 16_384;
const STATS_BYTES = 4096;

/** The module under test with its memory. */
export class HcmModule {
  readonly #exports: Exports;
  readonly #bytes: Uint8Array;
  readonly #texts: number;
  #end = 0;

  private constructor(exports: Exports) {
    this.#exports = exports;
    this.#bytes = new Uint8Array(exports.memory.buffer);
    exports.start();
    this.#texts = exports.allocate(ROOM_BYTES * 2);
  }

  static async open(): Promise<HcmModule> {
    return new HcmModule(await openGuest<Exports>("hcm", ENTRY));
  }

  /** Has the connection manager prepare a head; `null` when the codec refuses it. */
  prepare(head: string, sketch: HcmSketch = {}): Prepared | null {
    const { memory, allocate, prepare, statusOf, stateOf, asksForUpgrade, dump } = this.#exports;
    this.#end = this.#texts;
    const hcm = allocate(HCM_BYTES);
    new Uint8Array(memory.buffer, hcm, HCM_BYTES).fill(0);
    const view = new DataView(memory.buffer);
    const set = (field: number, value = 0) => view.setUint32(hcm + field, value, true);
    const setText = (field: number, text = "") => {
      set(field, this.#place(text));
      set(field + 4, text.length);
    };
    const stats = allocate(STATS_BYTES);
    set(HCM_STATS, stats);
    set(HCM_FLAGS, sketch.flags);
    set(HCM_XFF_TRUSTED_HOPS, sketch.trustedHops);
    set(HCM_ESCAPED_SLASHES, sketch.escapedSlashes);
    set(HCM_UNDERSCORES, sketch.underscores);
    set(HCM_LISTENER_PORT, sketch.listenerPort);
    setText(HCM_VIA, sketch.via);
    setText(HCM_DEFAULT_HOST, sketch.defaultHost);
    set(HCM_INTERNAL_RANGES, this.#placeRanges(sketch.internal ?? []));
    set(HCM_INTERNAL_RANGES + 4, sketch.internal?.length);
    set(HCM_ROUTE_CONFIG, this.#placeRoutes(sketch.internalOnly ?? []));
    const upgrades = sketch.ignoredUpgrades ?? [];
    set(HCM_IGNORED_UPGRADES, this.#placeMatchers(upgrades));
    set(HCM_IGNORED_UPGRADES + 4, upgrades.length);
    const peer = sketch.peer ?? "192.0.2.7";
    const ip = peer === "" ? 0 : this.#place(peer);
    // Texts of the image are references from its start; here that is address 0.
    const bytes = this.#place(head);
    const stream = prepare(0, hcm, ip, peer.length, bytes, head.length);
    if (stream === 0) return null;
    const target = this.#texts + ROOM_BYTES;
    const text = Buffer.from(memory.buffer, target, dump(stream, target)).toString("latin1");
    const [details, ...lines] = text.split("\n");
    const isUpgrade = asksForUpgrade(stream) !== 0;
    const prepared = { status: statusOf(stream), state: stateOf(stream), isUpgrade, details };
    this.#exports.close(stream);
    return {
      ...prepared,
      get(name) {
        const own = lines.filter((line) => line.startsWith(`${name}: `));
        const values = own.map((line) => line.slice(name.length + 2));
        return values.length === 0 ? undefined : values.join("|");
      },
    };
  }

  /** The Date header at a moment. */
  dateAt(epochMs: number): string {
    this.#exports.setClockOffset(epochMs);
    this.#exports.setNow(0);
    return Buffer.from(this.#bytes.buffer, this.#exports.dateText(), 29).toString("latin1");
  }

  /** A UUID and the next random number after a seed. */
  random(seed: readonly number[]): { uuid: string; next: bigint } {
    this.#bytes.set(seed, this.#texts);
    this.#exports.seedRandom(this.#texts);
    this.#exports.writeUuid(this.#texts);
    const uuid = Buffer.from(this.#bytes.buffer, this.#texts, 36).toString("latin1");
    return { uuid, next: this.#exports.nextRandom() };
  }

  #placeRanges(ranges: NonNullable<HcmSketch["internal"]>): number {
    const list = this.#reserve(ranges.length * RANGE_BYTES);
    ranges.forEach(({ bytes, bits }, index) => {
      const at = list + index * RANGE_BYTES;
      this.#set(at + RANGE_IS_V6, bytes.length === 16 ? 1 : 0);
      this.#set(at + RANGE_BITS, bits);
      this.#bytes.set(bytes, at + RANGE_ADDRESS);
    });
    return list;
  }

  #placeRoutes(internalOnly: readonly string[]): number {
    const routes = this.#reserve(ROUTES_BYTES);
    const list = this.#reserve(internalOnly.length * REMOVAL_BYTES);
    this.#set(routes + ROUTES_INTERNAL_ONLY, list);
    this.#set(routes + ROUTES_INTERNAL_ONLY + 4, internalOnly.length);
    internalOnly.forEach((name, index) => {
      const at = list + index * REMOVAL_BYTES + REMOVAL_NAME;
      this.#set(at, this.#place(name));
      this.#set(at + 4, name.length);
    });
    return routes;
  }

  /** Zeroed bytes, aligned. */
  #reserve(length: number): number {
    const address = this.#exports.allocate(Math.max(length, 8));
    this.#bytes.fill(0, address, address + length);
    return address;
  }

  #set(address: number, value: number): void {
    new DataView(this.#bytes.buffer).setUint32(address, value, true);
  }

  #placeMatchers(matchers: readonly IgnoredUpgrade[]): number {
    const list = this.#reserve(matchers.length * TEXT_BYTES);
    for (const [index, { text, isPrefix, ignoresCase }] of matchers.entries()) {
      const at = list + index * TEXT_BYTES;
      this.#set(at + TEXT_KIND, isPrefix === true ? TEXT_PREFIX : TEXT_EXACT);
      this.#set(at + TEXT_IGNORE_CASE, ignoresCase === true ? 1 : 0);
      this.#set(at + TEXT_VALUE, this.#place(text));
      this.#set(at + TEXT_VALUE + 4, text.length);
    }
    return list;
  }

  #place(text: string): number {
    const address = this.#end;
    this.#bytes.set(Buffer.from(text, "latin1"), address);
    // Readers may look a few bytes behind the end.
    this.#end += text.length + 16;
    return address;
  }
}
