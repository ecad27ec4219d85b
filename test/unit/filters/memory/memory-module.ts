import { openGuest } from "../../../support/guest-module.ts";

/** What the module under test is: memory, and ranges of bytes in it. */
const ENTRY = `
import { abort } from "./filters/memory/abort";
import {
  copyBytes,
  equalBytes,
  hashBytes,
  hexDigit,
  indexOfByte,
  indexOfBytes,
  lowerByte,
  readDecimal,
  writeAscii,
  writeDecimal,
  writeHex,
} from "./filters/memory/bytes";
import { indexOfText, staticText, staticTexts } from "./filters/memory/text";

export { allocate, release, capacityOf } from "./filters/memory/slab";
export { bytesInUse, bytesLeft, hasBlocks } from "./filters/memory/slab";
export { equalBytes, hashBytes, hexDigit, indexOfByte, indexOfBytes, readDecimal };
export { writeDecimal, writeHex };

export function copy(target: usize, source: usize, length: i32): void {
  copyBytes(target, source, length);
}

export function lower(byte: u32): u32 {
  return lowerByte(byte);
}

export function fail(): void {
  abort(0, 0, 0, 0);
}

export function putAscii(target: usize): i32 {
  return writeAscii(target, "a text");
}

export function text(): usize {
  return staticText("a text");
}

const texts = staticTexts(["ab", "abc", "", "b"]);

export function placeOf(text: usize, length: i32): i32 {
  return indexOfText(texts, 4, text, length);
}
`;

/** The exports of the module under test. */
export interface MemoryExports {
  readonly memory: WebAssembly.Memory;
  allocate(size: number): number;
  release(block: number): void;
  bytesInUse(): number;
  bytesLeft(): number;
  capacityOf(block: number): number;
  hasBlocks(size: number, count: number): number;
  equalBytes(a: number, b: number, length: number): number;
  hashBytes(bytes: number, length: number): number;
  hexDigit(byte: number): number;
  indexOfByte(bytes: number, length: number, byte: number): number;
  indexOfBytes(bytes: number, length: number, needle: number, needleLength: number): number;
  readDecimal(bytes: number, length: number): bigint;
  writeDecimal(target: number, value: bigint): number;
  writeHex(target: number, value: bigint): number;
  copy(target: number, source: number, length: number): void;
  lower(byte: number): number;
  fail(): void;
  putAscii(target: number): number;
  text(): number;
  placeOf(text: number, length: number): number;
}

/** Compiles the module under test, unless `build/` has it already, and instantiates it. */
export function openMemoryModule(): Promise<MemoryExports> {
  return openGuest<MemoryExports>("memory", ENTRY);
}
