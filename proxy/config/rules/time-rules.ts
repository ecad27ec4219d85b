import { isFieldSet } from "@bufbuild/protobuf";
import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import type { DurationRules, TimestampRules } from "../../../api/gen/validate/validate_pb.js";
import {
  DurationRulesSchema,
  TimestampRulesSchema,
} from "../../../api/gen/validate/validate_pb.js";
import { checkNumber } from "./number-rules.ts";

type Time = Pick<Duration, "seconds" | "nanos"> | undefined;

/**
 * Checks a duration against its rules, `required` apart.
 *
 * @returns What is wrong, in the words of protoc-gen-validate, or `null`.
 */
export function checkDuration(value: Duration, rules: DurationRules): string | null {
  if (Math.abs(value.nanos) > 999_999_999) return "invalid duration: nanos out of range";
  const problem = checkNumber(toNanos(value), boundsIn(rules, rules.in, rules.notIn), (name) =>
    isFieldSet(rules, DurationRulesSchema.field[name]),
  );
  return problem === null ? null : inSeconds(problem);
}

/** The longest duration that Envoy takes, in seconds: nanoseconds must fit into 64 bits. */
const DURATION_SECONDS_MAX = 9_223_372_035n;

/**
 * Checks what Envoy asks of every duration, whatever the rules of its field.
 *
 * @returns What is wrong, in the words of Envoy, or `null`.
 */
export function checkDurationRange(value: Duration): string | null {
  if (value.seconds < 0n || value.nanos < 0) {
    return inSeconds(`Invalid duration: Expected positive duration: ${toNanos(value)}`);
  }
  if (value.seconds > DURATION_SECONDS_MAX || value.nanos > 999_999_999) {
    return inSeconds(`Invalid duration: Duration out-of-range: ${toNanos(value)}`);
  }
  return null;
}

/**
 * Checks a time against its rules, `required` apart.
 *
 * @param nowMs The time that `lt_now`, `gt_now` and `within` are about, in milliseconds since 1970.
 * @returns What is wrong, in the words of protoc-gen-validate, or `null`.
 */
export function checkTimestamp(
  value: Timestamp,
  rules: TimestampRules,
  nowMs: number,
): string | null {
  const time = toNanos(value);
  const now = BigInt(Math.trunc(nowMs)) * 1_000_000n;
  const problem = checkNumber(time, boundsIn(rules, [], []), (name) =>
    isFieldSet(rules, TimestampRulesSchema.field[name]),
  );
  if (problem !== null) return inSeconds(problem);
  if (rules.ltNow && time >= now) return "value must be less than now";
  if (rules.gtNow && time <= now) return "value must be greater than now";
  if (rules.within === undefined) return null;
  const distance = time > now ? time - now : now - time;
  const isNear = distance <= toNanos(rules.within);
  return isNear ? null : inSeconds(`value must be within ${toNanos(rules.within)} of now`);
}

function toNanos(time: Time): bigint {
  return time === undefined ? 0n : time.seconds * 1_000_000_000n + BigInt(time.nanos);
}

/** The rules as bounds in nanoseconds. */
function boundsIn(
  rules: { const?: Time; lt?: Time; lte?: Time; gt?: Time; gte?: Time },
  allowed: readonly Duration[],
  refused: readonly Duration[],
) {
  return {
    const: toNanos(rules.const),
    lt: toNanos(rules.lt),
    lte: toNanos(rules.lte),
    gt: toNanos(rules.gt),
    gte: toNanos(rules.gte),
    in: allowed.map(toNanos),
    notIn: refused.map(toNanos),
    ignoreEmpty: false,
  };
}

/** Writes the nanoseconds in a sentence as seconds, as durations are written in JSON. */
function inSeconds(sentence: string): string {
  return sentence.replace(/-?\d+/g, (nanos) => `${Number(nanos) / 1e9}s`);
}
