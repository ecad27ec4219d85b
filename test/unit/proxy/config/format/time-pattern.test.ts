import { deepEqual, equal } from "node:assert/strict";
import { suite, test } from "mocha";
import { OP_TIME, TIME_LOCAL } from "../../../../../api/engine/format-image.ts";
import { buildTime } from "../../../../../proxy/config/format/time-pattern.ts";

const COMPILED: readonly (readonly [string, string])[] = [
  ["", "\0Y0-\0m0-\0d0T\0H0:\0M0:\0S0.\0f3Z"],
  ["%s.%3f", "\0s0.\0f3"],
  ["%f", "\0f9"],
  ["%E3S", "\0S0.\0f3"],
  ["%E0S", "\0S0"],
  ["%E*S|%E*f|%E6f", "\0T0|\0F0|\0f6"],
  ["%Ez %E*z", "\0c0 \0q0"],
  ["%E4Y%ET", "\0Y0T"],
  ["%EY%Od", "\0Y0\0d0"],
  ["%F %T", "\0Y0-\0m0-\0d0 \0H0:\0M0:\0S0"],
  ["a%%b%t", "a%b\t"],
];

suite("time pattern", () => {
  for (const [format, text] of COMPILED) {
    test(`buildTime: ${JSON.stringify(format)} compiles to specifiers`, () => {
      deepEqual(buildTime(format, 0), { code: OP_TIME, argument: 0, text });
    });
  }

  test("buildTime: the local default ends in the offset from UTC", () => {
    const text = "\0Y0-\0m0-\0d0T\0H0:\0M0:\0S0.\0f3\0z0";
    deepEqual(buildTime("", TIME_LOCAL), { code: OP_TIME, argument: TIME_LOCAL, text });
  });

  for (const format of ["%q", "%-d", "%^a", "%E", "%ES", "%OY", "%12f", "%0f", "%E12S", "%é"]) {
    test(`buildTime: ${format} is not implemented`, () => {
      equal(typeof buildTime(format, 0), "string");
    });
  }

  test("buildTime: the name of the local time zone is not implemented", () => {
    equal(buildTime("%Z", TIME_LOCAL), "the time format %Z is not implemented");
  });

  test("buildTime: a percent sign at the end is refused", () => {
    equal(buildTime("%Y%", 0), "the time format ends in the middle of a command");
  });

  for (const format of ["%n", "%1n", "%En", "%On", "%%n"]) {
    test(`buildTime: ${format} would be a newline`, () => {
      equal(buildTime(format, 0), "Invalid header configuration. Format string contains newline.");
    });
  }
});
