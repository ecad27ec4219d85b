/* Wall-clock time for the Date header: formatted once a second. */
import { allocate } from "../memory/slab.ts";

const DAYS = "SunMonTueWedThuFriSat";
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
/** Length of an IMF-fixdate. RFC 9110 §5.6.7. */
export const DATE_BYTES: i32 = 29;

/** Two buffers in turn, so that a response that still refers to the last text keeps it. */
let text: usize = 0;
let formatted: i64 = -1;
let wallOffset: f64 = 0;
/** Monotonic milliseconds of the present event. */
export let now: f64 = 0;

/** Wall clock minus monotonic clock, in milliseconds. */
export function setClockOffset(offsetMs: f64): void {
  wallOffset = offsetMs;
}

/** Sets the time of the event that is being worked on. */
export function setNow(nowMs: f64): void {
  now = nowMs;
}

/** Address of the present date as IMF-fixdate. */
export function dateText(): usize {
  const second = <i64>((now + wallOffset) / 1000);
  if (second != formatted) formatDate(second);
  return text;
}

function formatDate(second: i64): void {
  if (text == 0) text = allocate(64);
  formatted = second;
  const days = second / 86400;
  const rest = <i32>(second % 86400);
  // Civil date from days since 1970-01-01, counted in eras of 400 years from March.
  const shifted = days + 719468;
  const era = shifted / 146097;
  const dayOfEra = <i32>(shifted - era * 146097);
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const marchMonth = (5 * dayOfYear + 2) / 153;
  const day = dayOfYear - (153 * marchMonth + 2) / 5 + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + <i32>era * 400 + (month <= 2 ? 1 : 0);
  writeWord(0, DAYS, <i32>((days + 4) % 7));
  store<u16>(text, 0x202c, 3);
  writeTwo(5, day);
  store<u8>(text, 32, 7);
  writeWord(8, MONTHS, month - 1);
  store<u8>(text, 32, 11);
  writeTwo(12, year / 100);
  writeTwo(14, year % 100);
  store<u8>(text, 32, 16);
  writeTwo(17, rest / 3600);
  store<u8>(text, 58, 19);
  writeTwo(20, (rest / 60) % 60);
  store<u8>(text, 58, 22);
  writeTwo(23, rest % 60);
  store<u32>(text, 0x544d4720, 25);
}

function writeWord(at: usize, words: string, index: i32): void {
  for (let i = 0; i < 3; i++) store<u8>(text + at + i, <u8>words.charCodeAt(index * 3 + i));
}

function writeTwo(at: usize, value: i32): void {
  store<u8>(text + at, <u8>(48 + value / 10));
  store<u8>(text + at, <u8>(48 + (value % 10)), 1);
}
