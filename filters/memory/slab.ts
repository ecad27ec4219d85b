/*
 * Memory for everything that lives longer than one call: power-of-two blocks with a free list per
 * size, cut from the end of the module's static data. Memory is fixed when the module starts
 * (initial = maximum), so addresses and the views that JavaScript holds on them stay valid.
 *
 * A block is preceded by sixteen bytes that hold its class, so `release` needs only the address.
 * Blocks lie one behind the other from the first to `heapTop`. When none is left that is large
 * enough, free neighbours are put together: a crowd that came and went leaves small blocks behind,
 * and large ones are wanted later.
 */

import { COPY_SPARE_BYTES_MIN } from "../../api/engine/layout.ts";

/** Smallest block, 2^6 = 64 bytes with its prefix. */
const CLASS_MIN: u32 = 6;
/** Largest block, 2^27 = 128 MiB with its prefix. */
const CLASS_MAX: u32 = 27;
const PREFIX_BYTES: usize = 16;
const SIZE_MAX: usize = (1 << CLASS_MAX) - PREFIX_BYTES;

const freeLists: usize = memory.data(28 * 4);
/** The compiler's own allocator also begins here; it serves a few constants at start. */
const RESERVED_BYTES: usize = 65536;
const heapStart: usize = (__heap_base + RESERVED_BYTES + 15) & ~15;
let heapTop: usize = heapStart;
let usedBytes: usize = 0;

/** In the prefix of a block behind its class: whether it is handed out. */
const LIVE: u32 = 0x11fe11fe;
const FREE: u32 = 0xf4eef4ee;

/**
 * Returns the address of at least `size` bytes, 16-byte aligned, not zeroed. Traps when memory is
 * exhausted: the supervisor then replaces the worker.
 */
export function allocate(size: usize): usize {
  if (size > SIZE_MAX) unreachable();
  const wanted = classOf(size);
  usedBytes += 1 << wanted;
  const head = freeLists + (wanted << 2);
  const block = <usize>load<u32>(head);
  if (block != 0) {
    store<u32>(head, load<u32>(block));
    store<u32>(block - PREFIX_BYTES, LIVE, 4);
    return block;
  }
  return allocateFresh(wanted);
}

// @ts-ignore: decorator
@inline
function classOf(size: usize): u32 {
  const need = <u32>(size + PREFIX_BYTES);
  return need <= 64 ? CLASS_MIN : 32 - clz(need - 1);
}

/**
 * True when `count` blocks of `size` bytes can be handed out: what a peer makes us keep may be
 * refused, where `allocate` would trap.
 */
export function hasBlocks(size: usize, count: i32): bool {
  if (size > SIZE_MAX) return false;
  const wanted = classOf(size);
  if (countsBlocks(wanted, count)) return true;
  mergeFree();
  return countsBlocks(wanted, count);
}

/** True when so many blocks of a class are free or can be cut as things are. */
function countsBlocks(wanted: u32, count: i32): bool {
  let left = count - <i32>(((<usize>memory.size() << 16) - heapTop) >> wanted);
  for (let size = wanted; size <= CLASS_MAX && left > 0; size++) {
    let block = <usize>load<u32>(freeLists + (size << 2));
    for (; block != 0 && left > 0; block = load<u32>(block)) left -= 1 << (size - wanted);
  }
  return left <= 0;
}

function allocateFresh(wanted: u32): usize {
  const start = heapTop;
  const bytes = <usize>1 << wanted;
  if (start + bytes > <usize>memory.size() << 16) return splitLarger(wanted);
  heapTop = start + bytes;
  return label(start, wanted, LIVE);
}

/** The smallest class from `wanted` on that has a free block, or one above CLASS_MAX. */
function findFree(wanted: u32): u32 {
  let size = wanted;
  while (size <= CLASS_MAX && load<u32>(freeLists + (size << 2)) == 0) size++;
  return size;
}

/** Cuts a free block of a larger class: its front is handed out, the rest becomes smaller ones. */
function splitLarger(wanted: u32): usize {
  let size = findFree(wanted);
  if (size > CLASS_MAX) {
    mergeFree();
    size = findFree(wanted);
  }
  if (size > CLASS_MAX) unreachable();
  const block = <usize>load<u32>(freeLists + (size << 2));
  store<u32>(freeLists + (size << 2), load<u32>(block));
  const start = block - PREFIX_BYTES;
  while (size > wanted) {
    size--;
    addFree(label(start + (<usize>1 << size), size, FREE), size);
  }
  return label(start, wanted, LIVE);
}

/** Writes the prefix of a block. Returns the address behind it. */
function label(start: usize, size: u32, mark: u32): usize {
  store<u32>(start, size);
  store<u32>(start, mark, 4);
  return start + PREFIX_BYTES;
}

/** Makes the largest blocks that fit of every run of free ones. */
function mergeFree(): void {
  memory.fill(freeLists, 0, (CLASS_MAX + 1) * 4);
  let runStart: usize = 0;
  for (let at = heapStart; at < heapTop; at += <usize>1 << load<u32>(at)) {
    if (load<u32>(at, 4) == FREE) {
      if (runStart == 0) runStart = at;
    } else if (runStart != 0) {
      carve(runStart, at);
      runStart = 0;
    }
  }
  if (runStart != 0) carve(runStart, heapTop);
}

/** Cuts a run of free memory into blocks, the largest first. */
function carve(start: usize, end: usize): void {
  while (start < end) {
    const fitting: u32 = 31 - <u32>clz(<u32>(end - start));
    const size = fitting < CLASS_MAX ? fitting : CLASS_MAX;
    addFree(label(start, size, FREE), size);
    start += <usize>1 << size;
  }
}

function addFree(block: usize, size: u32): void {
  const head = freeLists + (size << 2);
  store<u32>(block, load<u32>(head));
  store<u32>(head, <u32>block);
}

/**
 * Gives a block back. The address must come from `allocate` and must not be used again: what is no
 * live block stops the instance, since two owners of a block would see each other's requests.
 */
export function release(block: usize): void {
  if (load<u32>(block - PREFIX_BYTES, 4) != LIVE) unreachable();
  store<u32>(block - PREFIX_BYTES, FREE, 4);
  const size = load<u32>(block - PREFIX_BYTES);
  addFree(block, size);
  usedBytes -= 1 << size;
}

/** Bytes that a block really holds. */
export function capacityOf(block: usize): usize {
  return (<usize>1 << load<u32>(block - PREFIX_BYTES)) - PREFIX_BYTES;
}

/** Bytes in live blocks, prefixes included. */
export function bytesInUse(): usize {
  return usedBytes;
}

/** Bytes that can still be handed out: those never used, and freed blocks of all sizes. */
export function bytesLeft(): usize {
  return (<usize>memory.size() << 16) - __heap_base - RESERVED_BYTES - usedBytes;
}

/**
 * True when so many bytes more may be taken for a body that is kept only for a redirect or mirror:
 * these end long before requests have no room for themselves.
 */
export function hasSpare(bytes: usize): bool {
  return bytesLeft() >= bytes + COPY_SPARE_BYTES_MIN;
}
