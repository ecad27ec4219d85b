/*
 * Times in formats: patterns of strftime in the C locale, see `time-pattern.ts` of the compiler.
 * A pattern is bytes that stand for themselves, and specifiers: a zero byte, a letter, a digit.
 */
import {
  OPERATION_ARGUMENT,
  OPERATION_TEXT,
  TIME_LOCAL,
  TIME_NOW,
} from "../../../api/engine/format-image.ts";
import { now } from "../../hcm/clock.ts";
import { staticText } from "../../memory/text.ts";
import { Stream } from "../../stream/stream.ts";
import { scratchRoom, setText } from "./format-value.ts";

const DAY_SECONDS: i64 = 86400;
/** Days from 0000-03-01 to 1970-01-01, and in 400 years. */
const EPOCH_DAYS: i64 = 719468;
const ERA_DAYS: i64 = 146097;
/** Longest result of one specifier. */
const PIECE_BYTES: i32 = 24;

/** Names in columns of this width, padded with spaces. */
const NAME_BYTES: usize = 10;
const DAYS = staticText(
  "Sunday    Monday    Tuesday   Wednesday Thursday  Friday    Saturday  ",
);
const MONTHS = staticText(
  "January   February  March     April     May       June      " +
    "July      August    September October   November  December  ",
);

let wallOffset: f64 = 0;
let zoneSeconds: i32 = 0;

/** The moment being written. */
let seconds: i64 = 0;
let nanoseconds: i32 = 0;
let offset: i32 = 0;
let year: i32 = 0;
let month: i32 = 0;
let day: i32 = 0;
let yearDay: i32 = 0;
let weekDay: i32 = 0;
let hour: i32 = 0;
let minute: i32 = 0;
let second: i32 = 0;
let target: usize = 0;

/** Wall clock minus monotonic clock, in milliseconds. */
export function setWallClock(offsetMs: f64): void {
  wallOffset = offsetMs;
}

/** How far the time of this place is ahead of UTC, in seconds. */
export function setZone(offsetSeconds: i32): void {
  zoneSeconds = offsetSeconds;
}

/** Writes the start of the stream, or now. */
export function setTime(stream: Stream, operation: usize): void {
  const argument = load<i32>(operation, OPERATION_ARGUMENT);
  const wallMs = wallOffset + ((argument & TIME_NOW) != 0 ? now : stream.startMs);
  setMoment(wallMs, (argument & TIME_LOCAL) != 0 ? zoneSeconds : 0, operation, stream.image);
}

/** Writes a moment, in milliseconds since 1970, with the pattern of an operation. */
export function setMoment(wallMs: f64, zone: i32, operation: usize, image: usize): void {
  offset = zone;
  splitTime(wallMs);
  const pattern = image + <usize>load<u32>(operation, OPERATION_TEXT);
  const length = load<i32>(operation, OPERATION_TEXT + 4);
  const room = scratchRoom(length + (length / 3) * PIECE_BYTES);
  target = room;
  for (let i = 0; i < length; i++) {
    const byte = load<u8>(pattern + i);
    if (byte != 0) {
      store<u8>(target++, byte);
    } else {
      writeSpecifier(load<u8>(pattern + i + 1), load<u8>(pattern + i + 2) - 48);
      i += 2;
    }
  }
  setText(room, <i32>(target - room));
}

/** Civil date and time of day, proleptic Gregorian. */
function splitTime(wallMs: f64): void {
  const whole = <i64>Math.floor(wallMs / 1000);
  // A tenth of a nanosecond makes up for what is lost in a 64-bit float.
  nanoseconds = <i32>((wallMs - <f64>whole * 1000) * 1000000 + 0.1);
  if (nanoseconds > 999999999) nanoseconds = 999999999;
  seconds = whole;
  const local = whole + offset;
  const days = floorDivide(local, DAY_SECONDS);
  const rest = <i32>(local - days * DAY_SECONDS);
  hour = rest / 3600;
  minute = (rest / 60) % 60;
  second = rest % 60;
  weekDay = <i32>((((days + 4) % 7) + 7) % 7);
  // Years begin in March here, so that the leap day is the last.
  const shifted = days + EPOCH_DAYS;
  const era = floorDivide(shifted, ERA_DAYS);
  const eraDay = <i32>(shifted - era * ERA_DAYS);
  const eraYear = (eraDay - eraDay / 1460 + eraDay / 36524 - eraDay / 146096) / 365;
  const marchDay = eraDay - (365 * eraYear + eraYear / 4 - eraYear / 100);
  const marchMonth = (5 * marchDay + 2) / 153;
  day = marchDay - (153 * marchMonth + 2) / 5 + 1;
  month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  year = eraYear + <i32>era * 400 + (month <= 2 ? 1 : 0);
  const leap = isLeap(year) ? 1 : 0;
  yearDay = month > 2 ? marchDay + 59 + leap : marchDay - 306;
}

function floorDivide(a: i64, b: i64): i64 {
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

function isLeap(ofYear: i32): bool {
  return ofYear % 4 == 0 && (ofYear % 100 != 0 || ofYear % 400 == 0);
}

function writeSpecifier(letter: u8, digit: i32): void {
  switch (letter) {
    case 0x59: writePadded(year, 4, 48); break; // Y
    case 0x79: writePadded(year % 100, 2, 48); break; // y
    case 0x43: writePadded(year / 100, 2, 48); break; // C
    case 0x6d: writePadded(month, 2, 48); break; // m
    case 0x64: writePadded(day, 2, 48); break; // d
    case 0x65: writePadded(day, 2, 32); break; // e
    case 0x48: writePadded(hour, 2, 48); break; // H
    case 0x6b: writePadded(hour, 2, 32); break; // k
    case 0x49: writePadded(hour12(), 2, 48); break; // I
    case 0x6c: writePadded(hour12(), 2, 32); break; // l
    case 0x4d: writePadded(minute, 2, 48); break; // M
    case 0x53: writePadded(second, 2, 48); break; // S
    case 0x6a: writePadded(yearDay + 1, 3, 48); break; // j
    case 0x61: writeName(DAYS + <usize>weekDay * NAME_BYTES, 3); break; // a
    case 0x41: writeName(DAYS + <usize>weekDay * NAME_BYTES, 10); break; // A
    case 0x62: writeName(MONTHS + <usize>(month - 1) * NAME_BYTES, 3); break; // b
    case 0x42: writeName(MONTHS + <usize>(month - 1) * NAME_BYTES, 10); break; // B
    case 0x70: writeHalf(0); break; // p
    case 0x50: writeHalf(32); break; // P
    case 0x77: writePadded(weekDay, 1, 48); break; // w
    case 0x75: writePadded(weekDay == 0 ? 7 : weekDay, 1, 48); break; // u
    case 0x55: writePadded((yearDay + 7 - weekDay) / 7, 2, 48); break; // U
    case 0x57: writePadded((yearDay + 7 - mondayDay()) / 7, 2, 48); break; // W
    default: writeRest(letter, digit);
  }
}

function writeRest(letter: u8, digit: i32): void {
  switch (letter) {
    case 0x56: writePadded(isoWeek(), 2, 48); break; // V
    case 0x47: writePadded(isoYear(), 4, 48); break; // G
    case 0x67: writePadded(isoYear() % 100, 2, 48); break; // g
    case 0x73: writePadded(seconds, 1, 48); break; // s
    case 0x5a: writeName(UTC, 3); break; // Z
    case 0x7a: writeOffset(0, false); break; // z
    case 0x63: writeOffset(58, false); break; // c
    case 0x71: writeOffset(58, true); break; // q
    case 0x66: writeFraction(digit); break; // f
    case 0x46: writeShortFraction(1); break; // F
    case 0x54: writeShortSeconds(); break; // T
  }
}

const UTC = staticText("UTC");

function hour12(): i32 {
  const half = hour % 12;
  return half == 0 ? 12 : half;
}

/** Days since Monday. */
function mondayDay(): i32 {
  return (weekDay + 6) % 7;
}

/** Week of the year, from Monday, the first with a Thursday. ISO 8601. */
function isoWeek(): i32 {
  const week = (yearDay - mondayDay() + 10) / 7;
  if (week < 1) return weeksOf(year - 1);
  return week > weeksOf(year) ? 1 : week;
}

function isoYear(): i32 {
  const week = (yearDay - mondayDay() + 10) / 7;
  if (week < 1) return year - 1;
  return week > weeksOf(year) ? year + 1 : year;
}

/** 53 when the year begins on a Thursday, or on a Wednesday and is a leap year. */
function weeksOf(ofYear: i32): i32 {
  return lastWeekDay(ofYear) == 4 || lastWeekDay(ofYear - 1) == 3 ? 53 : 52;
}

/** Day of the week of December 31st. */
function lastWeekDay(ofYear: i32): i32 {
  return (ofYear + ofYear / 4 - ofYear / 100 + ofYear / 400) % 7;
}

function writePadded(value: i64, width: i32, pad: u8): void {
  let digits = 1;
  for (let rest = value; rest >= 10; rest /= 10) digits++;
  for (; digits < width; width--) store<u8>(target++, pad);
  let rest = value;
  for (let i = digits - 1; i >= 0; i--) {
    store<u8>(target + i, <u8>(48 + (rest % 10)));
    rest /= 10;
  }
  target += <usize>digits;
}

function writeName(name: usize, lengthMax: i32): void {
  for (let i = 0; i < lengthMax; i++) {
    const byte = load<u8>(name + i);
    if (byte == 32) return;
    store<u8>(target++, byte);
  }
}

/** AM or PM; `lower` is what makes a letter small. */
function writeHalf(lower: u8): void {
  store<u8>(target, (hour < 12 ? <u8>65 : <u8>80) | lower);
  store<u8>(target, <u8>77 | lower, 1);
  target += 2;
}

function writeOffset(separator: u8, hasSeconds: bool): void {
  const size = offset < 0 ? -offset : offset;
  store<u8>(target++, offset < 0 ? 45 : 43);
  writePadded(size / 3600, 2, 48);
  if (separator != 0) store<u8>(target++, separator);
  writePadded((size / 60) % 60, 2, 48);
  if (!hasSeconds) return;
  store<u8>(target++, separator);
  writePadded(size % 60, 2, 48);
}

function writeFraction(digits: i32): void {
  let rest = nanoseconds;
  for (let i = 9; i > digits; i--) rest /= 10;
  for (let i = digits - 1; i >= 0; i--) {
    store<u8>(target + i, <u8>(48 + (rest % 10)));
    rest /= 10;
  }
  target += <usize>digits;
}

/** The fraction without zeros at its end. */
function writeShortFraction(digitsMin: i32): void {
  let digits = 9;
  for (let rest = nanoseconds; digits > digitsMin && rest % 10 == 0; rest /= 10) digits--;
  writeFraction(digits);
}

function writeShortSeconds(): void {
  writePadded(second, 2, 48);
  if (nanoseconds == 0) return;
  store<u8>(target++, 46);
  writeShortFraction(1);
}
