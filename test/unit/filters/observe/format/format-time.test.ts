import { equal } from "node:assert/strict";
import { before, suite, test } from "mocha";
import { format } from "./format-cases.ts";
import { FormatEngine } from "./format-engine.ts";

/** What GNU date prints for 2026-11-23 05:30:42.051177 UTC, a Monday. */
const MONDAY_MS = 1_795_411_842_051.177;
const SPECIFIERS: readonly (readonly [string, string])[] = [
  ["%Y %y %C", "2026 26 20"],
  ["%m %d %e", "11 23 23"],
  ["%H %I %k %l", "05 05  5  5"],
  ["%M %S %j", "30 42 327"],
  ["%a %A %b %B %h", "Mon Monday Nov November Nov"],
  ["%p %P", "AM am"],
  ["%Z %z %Ez %E*z", "UTC +0000 +00:00 +00:00:00"],
  ["%w %u", "1 1"],
  ["%U %W %V %G %g", "47 47 48 2026 26"],
  ["%s", "1795411842"],
  ["%1f %2f %3f %6f", "0 05 051 051177"],
  ["%E3S %E0S %E3f", "42.051 42 051"],
  ["%D %T %R %F", "11/23/26 05:30:42 05:30 2026-11-23"],
  ["%c", "Mon Nov 23 05:30:42 2026"],
  ["%x %X %r", "11/23/26 05:30:42 05:30:42 AM"],
  ["[%s.%3f]%%", "[1795411842.051]%"],
];

/** Days on which the parts of a date turn over, by GNU date. */
const DAYS: readonly (readonly [string, string])[] = [
  ["1970-01-01T00:00:00Z", "1970-01-01 Thu 001 00 00 01 1970"],
  ["2000-02-29T12:00:00Z", "2000-02-29 Tue 060 09 09 09 2000"],
  ["2001-03-01T00:00:00Z", "2001-03-01 Thu 060 08 09 09 2001"],
  ["2005-01-01T00:00:00Z", "2005-01-01 Sat 001 00 00 53 2004"],
  ["2008-12-31T23:59:59Z", "2008-12-31 Wed 366 52 52 01 2009"],
  ["2010-01-03T00:00:00Z", "2010-01-03 Sun 003 01 00 53 2009"],
  ["2020-12-31T00:00:00Z", "2020-12-31 Thu 366 52 52 53 2020"],
  ["2100-03-01T00:00:00Z", "2100-03-01 Mon 060 09 09 09 2100"],
];

const HOURS: readonly (readonly [number, string])[] = [
  [0, "12 AM"],
  [1, "01 AM"],
  [11, "11 AM"],
  [12, "12 PM"],
  [13, "01 PM"],
  [23, "11 PM"],
];

suite("format time", () => {
  let engine: FormatEngine;

  before(async () => {
    engine = await FormatEngine.open();
  });

  function at(wallMs: number, pattern: string, command = "START_TIME"): string {
    engine.exports.clock(1_000, wallMs - 1_000);
    return format(engine, `%${command}(${pattern})%`, { startMs: 1_000 });
  }

  for (const [pattern, want] of SPECIFIERS) {
    test(`runFormat: ${pattern} is ${want}`, () => {
      equal(at(MONDAY_MS, pattern), want);
    });
  }

  for (const [day, want] of DAYS) {
    test(`runFormat: the parts of ${day} are right`, () => {
      equal(at(Date.parse(day), "%F %a %j %U %W %V %G"), want);
    });
  }

  for (const [hour, want] of HOURS) {
    test(`runFormat: hour ${hour} is ${want}`, () => {
      equal(at(hour * 3_600_000, "%I %p"), want);
    });
  }

  test("runFormat: fractions lose the zeros at their end where asked", () => {
    equal(at(1_500, "%E*S %E*f"), "01.5 5");
    equal(at(1_000, "%E*S %E*f"), "01 0");
  });

  test("runFormat: a local time is as far from UTC as the zone says", () => {
    engine.exports.setZone(19_800);
    equal(at(MONDAY_MS, "%F %H:%M %z %Ez", "START_TIME_LOCAL"), "2026-11-23 11:00 +0530 +05:30");
    engine.exports.setZone(-12_600);
    equal(at(MONDAY_MS, "%F %H:%M %z %s", "START_TIME_LOCAL"), "2026-11-23 02:00 -0330 1795411842");
    engine.exports.setZone(0);
  });

  test("runFormat: without a pattern, local time ends in its offset", () => {
    engine.exports.setZone(3_600);
    engine.exports.clock(0, MONDAY_MS);
    equal(format(engine, "%EMIT_TIME_LOCAL%", {}), "2026-11-23T06:30:42.051+0100");
    engine.exports.setZone(0);
  });

  test("runFormat: text around specifiers is kept, in UTF-8 too", () => {
    equal(Buffer.from(at(0, "‹%H›"), "latin1").toString(), "‹00›");
  });
});
