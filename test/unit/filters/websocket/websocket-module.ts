import { openGuest } from "../../../support/guest-module.ts";

/** What the module under test is: the handshake of WebSocket, on blocks of headers. */
const ENTRY = `
import { HeaderBlock, addHeader, clearBlock, createBlock, entryAt } from "./filters/head/block";
import { buildNames, internName } from "./filters/head/names";
import {
  answerKey,
  hasKey,
  isAnswered,
  isWebSocket,
  removeAccept,
} from "./filters/websocket/handshake";

export { allocate } from "./filters/memory/slab";
export { writeAccept, writeKey } from "./filters/websocket/accept-key";
export { writeBase64 } from "./filters/websocket/base64";
export { writeSha1 } from "./filters/websocket/sha1";

export function start(): void {
  buildNames();
}

export function create(): usize {
  const block = createBlock();
  clearBlock(block, 0);
  return changetype<usize>(block);
}

export function put(block: usize, name: usize, length: i32, value: usize, size: i32): void {
  addHeader(changetype<HeaderBlock>(block), internName(name, length), name, length, value, size);
}

export function valueAt(block: usize, index: i32): usize {
  return entryAt(changetype<HeaderBlock>(block), index).value;
}

export function isLive(block: usize, index: i32): bool {
  return entryAt(changetype<HeaderBlock>(block), index).nameLength != 0;
}

export function count(block: usize): i32 {
  return changetype<HeaderBlock>(block).count;
}

export function asksForWebSocket(block: usize): bool {
  return isWebSocket(changetype<HeaderBlock>(block));
}

export function bringsKey(block: usize): bool {
  return hasKey(changetype<HeaderBlock>(block));
}

export function answers(block: usize, high: u64, low: u64): bool {
  return isAnswered(changetype<HeaderBlock>(block), high, low);
}

export function dropAccept(block: usize): void {
  removeAccept(changetype<HeaderBlock>(block));
}

export function addAccept(request: usize, response: usize): void {
  answerKey(changetype<HeaderBlock>(request), changetype<HeaderBlock>(response));
}
`;

interface WebSocketExports {
  readonly memory: WebAssembly.Memory;
  start(): void;
  allocate(size: number): number;
  writeSha1(target: number, bytes: number, length: number): void;
  writeBase64(target: number, bytes: number, length: number): number;
  writeKey(target: number, high: bigint, low: bigint): void;
  writeAccept(target: number, key: number, length: number): void;
  create(): number;
  put(block: number, name: number, length: number, value: number, size: number): void;
  valueAt(block: number, index: number): number;
  isLive(block: number, index: number): number;
  count(block: number): number;
  asksForWebSocket(block: number): number;
  bringsKey(block: number): number;
  answers(block: number, high: bigint, low: bigint): number;
  dropAccept(block: number): void;
  addAccept(request: number, response: number): void;
}

/** Headers, in lower case, with their values. */
export type Lines = readonly (readonly [name: string, value: string])[];

/** The handshake of WebSocket, on text. */
export class WebSocketModule {
  readonly exports: WebSocketExports;
  readonly #view: Buffer;
  readonly #source: number;
  readonly #target: number;

  private constructor(exports: WebSocketExports) {
    this.exports = exports;
    exports.start();
    this.#view = Buffer.from(exports.memory.buffer);
    this.#source = exports.allocate(1 << 16);
    this.#target = exports.allocate(1 << 16);
  }

  /** Compiles the AssemblyScript if need be. */
  static async open(): Promise<WebSocketModule> {
    return new WebSocketModule(await openGuest<WebSocketExports>("websocket", ENTRY));
  }

  /** The digest of bytes, in hexadecimal. */
  sha1(bytes: Uint8Array): string {
    this.#view.set(bytes, this.#source);
    this.exports.writeSha1(this.#target, this.#source, bytes.length);
    return this.#view.toString("hex", this.#target, this.#target + 20);
  }

  /** Bytes as base64. */
  base64(bytes: Uint8Array): string {
    this.#view.set(bytes, this.#source);
    const length = this.exports.writeBase64(this.#target, this.#source, bytes.length);
    return this.#view.toString("latin1", this.#target, this.#target + length);
  }

  /** The key of a nonce of 16 bytes. */
  key(high: bigint, low: bigint): string {
    this.exports.writeKey(this.#target, high, low);
    return this.#view.toString("latin1", this.#target, this.#target + 24);
  }

  /** What a server makes of a key. */
  accept(key: string): string {
    this.#view.write(key, this.#source);
    this.exports.writeAccept(this.#target, this.#source, key.length);
    return this.#view.toString("latin1", this.#target, this.#target + 28);
  }

  /** Makes a block of headers. */
  block(lines: Lines): number {
    const block = this.exports.create();
    for (const [name, value] of lines) {
      const [nameAt, valueAt] = [this.#keep(name), this.#keep(value)];
      this.exports.put(block, nameAt, name.length, valueAt, value.length);
    }
    return block;
  }

  /** The value of the `index`th header, if it is there still. */
  value(block: number, index: number, length: number): string | null {
    const { exports } = this;
    if (index >= exports.count(block) || exports.isLive(block, index) === 0) return null;
    const at = exports.valueAt(block, index);
    return this.#view.toString("latin1", at, at + length);
  }

  #keep(text: string): number {
    const at = this.exports.allocate(text.length + 16);
    this.#view.write(text, at);
    return at;
  }
}
