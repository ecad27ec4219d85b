import { OP_TIME, TIME_LOCAL } from "../../../api/engine/format-image.ts";
import type { Operation } from "./operation.ts";

/**
 * The pattern of a time as the engine runs it: bytes that stand for themselves, and specifiers,
 * each a zero byte, a letter and a digit. Letters are those of strftime in the C locale, and
 *
 *   f  digits of the second's fraction, as many as the digit says
 *   F  the fraction without zeros at its end, at least one digit
 *   T  the seconds, with the fraction without zeros at its end if there is one
 *   c  the offset from UTC as +hh:mm, q as +hh:mm:ss
 */
const SPECIFIER = "\0";

/** What other specifiers are made of. */
const COMPOSITES: ReadonlyMap<string, string> = new Map([
  ["D", "%m/%d/%y"],
  ["x", "%m/%d/%y"],
  ["T", "%H:%M:%S"],
  ["X", "%H:%M:%S"],
  ["R", "%H:%M"],
  ["F", "%Y-%m-%d"],
  ["c", "%a %b %e %H:%M:%S %Y"],
  ["r", "%I:%M:%S %p"],
  ["h", "%b"],
]);
const SIMPLE = "YyCmdeHIklMSjaAbBpPZzwuUWVGgs";
const SPECIFIERS = /%(?:([1-9]?)f|E([0-9]{1,2})S|E([0-9])f|E(\*[Szf]|4Y|[Tz])|([EO]?.))|[^%]+/gsu;
/** POSIX's modifiers, which change nothing in the C locale. */
const MODIFIER = /^(?:E(?=[cCxXyY])|O(?=[deHImMSuUVwWy]))/;
const NEWLINE = /%[-_0^#]*[1-9]*[EO]?n/;
const DEFAULT_UTC = "%Y-%m-%dT%H:%M:%E3SZ";
const DEFAULT_LOCAL = "%Y-%m-%dT%H:%M:%E3S%z";
/** Nanoseconds: what a fraction has at most. */
const FRACTION_DIGITS_MAX = 9;

/** A time in a format of strftime, with Envoy's and Abseil's additions. */
export function buildTime(format: string, argument: number): Operation | string {
  if (NEWLINE.test(format)) {
    return "Invalid header configuration. Format string contains newline.";
  }
  const isLocal = (argument & TIME_LOCAL) !== 0;
  const compiled = compilePattern(format || (isLocal ? DEFAULT_LOCAL : DEFAULT_UTC), isLocal);
  if ("problem" in compiled) return compiled.problem;
  return { code: OP_TIME, argument, text: compiled.pattern };
}

type Compiled = { readonly pattern: string } | { readonly problem: string };

function compilePattern(format: string, isLocal: boolean): Compiled {
  let pattern = "";
  let end = 0;
  for (const match of format.matchAll(SPECIFIERS)) {
    end = match.index + match[0].length;
    const piece = match[0].startsWith("%") ? compileSpecifier(match, isLocal) : match[0];
    if (piece === null) return { problem: `the time format ${match[0]} is not implemented` };
    pattern += piece;
  }
  if (end !== format.length) return { problem: "the time format ends in the middle of a command" };
  return { pattern };
}

function compileSpecifier(match: RegExpMatchArray, isLocal: boolean): string | null {
  const [, fraction, seconds, bareFraction, extended, plain] = match;
  if (fraction !== undefined) return specifier("f", fraction === "" ? 9 : Number(fraction));
  if (seconds !== undefined) return fractionalSeconds(Number(seconds));
  if (bareFraction !== undefined) return specifier("f", Number(bareFraction));
  if (extended !== undefined) return compileExtended(extended);
  const letter = plain.replace(MODIFIER, "");
  if (letter === "%" || letter === "t") return letter === "t" ? "\t" : "%";
  const composite = COMPOSITES.get(letter);
  if (composite !== undefined) {
    return composite.replaceAll(/%(.)/g, (_, part: string) => specifier(part));
  }
  if (letter.length !== 1 || !SIMPLE.includes(letter)) return null;
  // The name of a time zone depends on the day: not for the engine.
  if (letter === "Z" && isLocal) return null;
  return specifier(letter);
}

function fractionalSeconds(digits: number): string | null {
  if (digits > FRACTION_DIGITS_MAX) return null;
  return digits === 0 ? specifier("S") : `${specifier("S")}.${specifier("f", digits)}`;
}

/** Abseil's `%E…` specifiers. */
function compileExtended(name: string): string {
  if (name === "T") return "T";
  if (name === "4Y") return specifier("Y");
  if (name === "*S") return specifier("T");
  if (name === "*f") return specifier("F");
  return specifier(name === "z" ? "c" : "q");
}

function specifier(letter: string, digit = 0): string {
  return `${SPECIFIER}${letter}${digit}`;
}
