/* Counters and histograms in scope blocks: see api/engine/stats.ts for the layout. */
import {
  HISTOGRAM_BUCKETS_AT,
  HISTOGRAM_BYTES,
  HISTOGRAM_COUNT_AT,
  HISTOGRAM_SUM_AT,
} from "../../api/engine/stats.ts";
import { allocate } from "../memory/slab.ts";

/** Bytes of a table by status code: 100 f64. */
const CODE_TABLE_BYTES: usize = 800;

/** Adds 1 to a counter. */
// @ts-ignore: decorator
@inline
export function count(block: usize, index: i32): void {
  const at = block + (<usize>index << 3);
  store<f64>(at, load<f64>(at) + 1);
}

/** Adds to a counter or gauge. */
// @ts-ignore: decorator
@inline
export function addTo(block: usize, index: i32, by: f64): void {
  const at = block + (<usize>index << 3);
  store<f64>(at, load<f64>(at) + by);
}

/** Counts one answer with a status from 100 to 599. */
export function countCode(tables: usize, status: i32): void {
  if (status < 100 || status > 599) return;
  const place = tables + (<usize>(status / 100 - 1) << 2);
  let table = <usize>load<u32>(place);
  if (table == 0) {
    table = allocate(CODE_TABLE_BYTES);
    memory.fill(table, 0, CODE_TABLE_BYTES);
    store<u32>(place, <u32>table);
  }
  count(table, status % 100);
}

/** Records a time in milliseconds. `place` holds the address of the histogram, or 0. */
export function record(place: usize, valueMs: f64): void {
  let histogram = <usize>load<u32>(place);
  if (histogram == 0) {
    histogram = allocate(HISTOGRAM_BYTES);
    memory.fill(histogram, 0, HISTOGRAM_BYTES);
    store<u32>(place, <u32>histogram);
  }
  const value = valueMs > 0 ? <u32>valueMs : 0;
  store<f64>(histogram, load<f64>(histogram, HISTOGRAM_COUNT_AT) + 1, HISTOGRAM_COUNT_AT);
  store<f64>(histogram, load<f64>(histogram, HISTOGRAM_SUM_AT) + <f64>value, HISTOGRAM_SUM_AT);
  const bucket = histogram + HISTOGRAM_BUCKETS_AT + (<usize>bucketOf(value) << 2);
  store<u32>(bucket, load<u32>(bucket) + 1);
}

/** 0 for 0; otherwise 1 + 90 × power of ten + (first two digits - 10). */
function bucketOf(value: u32): u32 {
  if (value == 0) return 0;
  if (value < 10) return 1 + (value * 10 - 10);
  let power: u32 = 1;
  while (value >= 100) {
    value /= 10;
    power++;
  }
  return 1 + power * 90 + (value - 10);
}
