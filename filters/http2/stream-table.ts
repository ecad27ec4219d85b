/* The open streams of a connection by their id: a hash table with chains. */
import { allocate, release } from "../memory/slab.ts";
import { H2Stream } from "./h2-stream.ts";

/** Slots at first. An idle connection should cost little. */
const SLOTS_AT_FIRST: u32 = 8;

/** Slots are a power of two; ids of one side differ by two. */
@unmanaged
export class StreamTable {
  slots: usize;
  mask: u32;
  count: i32;
}

/** Makes an empty table. */
export function createTable(): StreamTable {
  const table = changetype<StreamTable>(allocate(offsetof<StreamTable>()));
  table.count = 0;
  setSlots(table, SLOTS_AT_FIRST);
  return table;
}

/** Gives back a table; the streams belong to others. */
export function releaseTable(table: StreamTable): void {
  release(table.slots);
  release(changetype<usize>(table));
}

function setSlots(table: StreamTable, count: u32): void {
  table.slots = allocate(<usize>count << 2);
  memory.fill(table.slots, 0, <usize>count << 2);
  table.mask = count - 1;
}

// @ts-ignore: decorator
@inline
function slotOf(table: StreamTable, id: u32): usize {
  return table.slots + (<usize>((id >> 1) & table.mask) << 2);
}

/** The stream of that id, or null. */
export function findStream(table: StreamTable, id: u32): H2Stream | null {
  let at = <usize>load<u32>(slotOf(table, id));
  while (at != 0) {
    const stream = changetype<H2Stream>(at);
    if (stream.id == id) return stream;
    at = stream.next;
  }
  return null;
}

/** Puts in a stream whose id is not there. */
export function addStream(table: StreamTable, stream: H2Stream): void {
  if (<u32>table.count > table.mask) grow(table);
  link(table, stream);
  table.count++;
}

function link(table: StreamTable, stream: H2Stream): void {
  const slot = slotOf(table, stream.id);
  stream.next = <usize>load<u32>(slot);
  store<u32>(slot, <u32>changetype<usize>(stream));
}

function grow(table: StreamTable): void {
  const old = table.slots;
  const count = table.mask + 1;
  setSlots(table, count << 1);
  for (let i: u32 = 0; i < count; i++) {
    let at = <usize>load<u32>(old + (<usize>i << 2));
    while (at != 0) {
      const stream = changetype<H2Stream>(at);
      at = stream.next;
      link(table, stream);
    }
  }
  release(old);
}

/** Takes out a stream that is there. */
export function removeStream(table: StreamTable, stream: H2Stream): void {
  let place = slotOf(table, stream.id);
  while (<usize>load<u32>(place) != changetype<usize>(stream)) {
    place = <usize>load<u32>(place) + offsetof<H2Stream>("next");
  }
  store<u32>(place, <u32>stream.next);
  table.count--;
}
