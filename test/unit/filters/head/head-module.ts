import { openGuest } from "../../../support/guest-module.ts";

/** What the module under test is: header blocks and well-known names. */
const ENTRY = `
import {
  HeaderBlock,
  addHeader,
  addKnown,
  clearBlock,
  copyHeaders,
  createBlock,
  entryAt,
  findKnown,
  keepBytes,
  mayHave,
  nextByName,
  releaseBlock,
  removeKnown,
  removeName,
  reserveArena,
  setKnown,
  setPseudo,
  trimBlock,
} from "./filters/head/block";
import {
  CASING_PROPER_BESIDE,
  isProperBeside,
  keepName,
  keepReason,
  keptName,
  keptReason,
  keptReasonLength,
  startCasing,
} from "./filters/head/casing";
import { buildNames, internName, nameBytes, nameLength } from "./filters/head/names";

export { allocate, release, bytesInUse } from "./filters/memory/slab";
export { internName };

export function start(): void {
  buildNames();
}

export function create(pseudoCount: i32): usize {
  const block = createBlock();
  clearBlock(block, pseudoCount);
  return changetype<usize>(block);
}

export function destroy(block: usize): void {
  releaseBlock(changetype<HeaderBlock>(block));
}

export function clear(block: usize, pseudoCount: i32): void {
  clearBlock(changetype<HeaderBlock>(block), pseudoCount);
}

export function copy(target: usize, source: usize): void {
  copyHeaders(changetype<HeaderBlock>(target), changetype<HeaderBlock>(source));
}

export function trim(block: usize): void {
  trimBlock(changetype<HeaderBlock>(block));
}

export function add(block: usize, name: usize, length: i32, value: usize, valueLength: i32): void {
  const id = internName(name, length);
  addHeader(changetype<HeaderBlock>(block), id, name, length, value, valueLength);
}

export function addById(block: usize, id: i32, value: usize, length: i32): void {
  addKnown(changetype<HeaderBlock>(block), id, value, length);
}

export function set(block: usize, id: i32, value: usize, length: i32): void {
  setKnown(changetype<HeaderBlock>(block), id, value, length);
}

export function pseudo(block: usize, place: i32, id: i32, value: usize, length: i32): void {
  setPseudo(changetype<HeaderBlock>(block), place, id, value, length);
}

export function removeById(block: usize, id: i32): void {
  removeKnown(changetype<HeaderBlock>(block), id);
}

export function remove(block: usize, name: usize, length: i32): void {
  removeName(changetype<HeaderBlock>(block), name, length);
}

export function may(block: usize, id: i32): bool {
  return mayHave(changetype<HeaderBlock>(block), id);
}

export function find(block: usize, id: i32): usize {
  const entry = findKnown(changetype<HeaderBlock>(block), id);
  return entry === null ? 0 : entry.value;
}

export function next(block: usize, from: i32, name: usize, length: i32): i32 {
  return nextByName(
    changetype<HeaderBlock>(block), from, internName(name, length), name, length);
}

export function reserve(block: usize, length: i32): usize {
  return reserveArena(changetype<HeaderBlock>(block), length);
}

export function keep(block: usize, bytes: usize, length: i32): usize {
  return keepBytes(changetype<HeaderBlock>(block), bytes, length);
}

export function beginCasing(block: usize, isProper: bool): void {
  startCasing(changetype<HeaderBlock>(block), isProper ? CASING_PROPER_BESIDE : 0);
}

export function isProper(block: usize): bool {
  return isProperBeside(changetype<HeaderBlock>(block));
}

export function keepCase(block: usize, name: usize, length: i32): void {
  keepName(changetype<HeaderBlock>(block), name, length);
}

export function caseOf(block: usize, name: usize, length: i32): usize {
  return keptName(changetype<HeaderBlock>(block), name, length);
}

export function keepPhrase(block: usize, reason: usize, length: i32): void {
  keepReason(changetype<HeaderBlock>(block), reason, length);
}

export function phraseAt(block: usize): usize {
  return keptReason(changetype<HeaderBlock>(block));
}

export function phraseLength(block: usize): i32 {
  return keptReasonLength(changetype<HeaderBlock>(block));
}

export function nameAt(id: i32): usize {
  return nameBytes(id);
}

export function nameSize(id: i32): i32 {
  return nameLength(id);
}

export function dump(address: usize, target: usize): i32 {
  const block = changetype<HeaderBlock>(address);
  const begin = target;
  for (let i = 0; i < block.count; i++) {
    const entry = entryAt(block, i);
    if (entry.nameLength == 0) continue;
    memory.copy(target, entry.name, entry.nameLength);
    target += entry.nameLength;
    store<u8>(target++, 61);
    memory.copy(target, entry.value, entry.valueLength);
    target += entry.valueLength;
    store<u8>(target++, 10);
  }
  return <i32>(target - begin);
}
`;

/** The exports of the module under test. */
export interface HeadExports {
  readonly memory: WebAssembly.Memory;
  start(): void;
  allocate(size: number): number;
  release(block: number): void;
  bytesInUse(): number;
  internName(name: number, length: number): number;
  create(pseudoCount: number): number;
  destroy(block: number): void;
  clear(block: number, pseudoCount: number): void;
  copy(target: number, source: number): void;
  trim(block: number): void;
  add(block: number, name: number, length: number, value: number, valueLength: number): void;
  addById(block: number, id: number, value: number, length: number): void;
  set(block: number, id: number, value: number, length: number): void;
  pseudo(block: number, place: number, id: number, value: number, length: number): void;
  removeById(block: number, id: number): void;
  remove(block: number, name: number, length: number): void;
  may(block: number, id: number): number;
  find(block: number, id: number): number;
  next(block: number, from: number, name: number, length: number): number;
  reserve(block: number, length: number): number;
  keep(block: number, bytes: number, length: number): number;
  beginCasing(block: number, isProper: number): void;
  isProper(block: number): number;
  keepCase(block: number, name: number, length: number): void;
  caseOf(block: number, name: number, length: number): number;
  keepPhrase(block: number, reason: number, length: number): void;
  phraseAt(block: number): number;
  phraseLength(block: number): number;
  nameAt(id: number): number;
  nameSize(id: number): number;
  dump(block: number, target: number): number;
}

/** Compiles the module under test, unless `build/` has it already, and instantiates it. */
export async function openHeadModule(): Promise<HeadExports> {
  const head = await openGuest<HeadExports>("head", ENTRY);
  head.start();
  return head;
}
