/** A number as protobuf-es keeps it. */
export type ProtoNumber = number | bigint;

/** The members that all rules for numbers share. */
export interface NumberRules {
  readonly const: ProtoNumber;
  readonly lt: ProtoNumber;
  readonly lte: ProtoNumber;
  readonly gt: ProtoNumber;
  readonly gte: ProtoNumber;
  readonly in: readonly ProtoNumber[];
  readonly notIn: readonly ProtoNumber[];
  readonly ignoreEmpty: boolean;
}

/**
 * Checks a number against its rules.
 *
 * @param isSet Whether a member of the rules is set; 0 is a bound like any other.
 * @returns What is wrong, in the words of protoc-gen-validate, or `null`.
 */
export function checkNumber(
  value: ProtoNumber,
  rules: NumberRules,
  isSet: (name: "const" | "lt" | "lte" | "gt" | "gte") => boolean,
): string | null {
  if (rules.ignoreEmpty && isSame(value, 0)) return null;
  if (isSet("const") && !isSame(value, rules.const)) return `value must equal ${rules.const}`;
  const range = boundsOf(rules, isSet);
  if (range !== null && !range.holds(value)) return range.sentence;
  if (rules.in.length > 0 && !rules.in.some((allowed) => isSame(value, allowed))) {
    return `value must be in list [${rules.in.join(", ")}]`;
  }
  if (rules.notIn.some((refused) => isSame(value, refused))) {
    return `value must not be in list [${rules.notIn.join(", ")}]`;
  }
  return null;
}

interface Bounds {
  readonly sentence: string;
  holds(value: ProtoNumber): boolean;
}

/** The bounds as one condition. A lower bound above the upper one means the outside of both. */
function boundsOf(
  rules: NumberRules,
  isSet: (name: "lt" | "lte" | "gt" | "gte") => boolean,
): Bounds | null {
  const isOpenBelow = isSet("gt");
  const isOpenAbove = isSet("lt");
  const low = isOpenBelow ? rules.gt : isSet("gte") ? rules.gte : null;
  const high = isOpenAbove ? rules.lt : isSet("lte") ? rules.lte : null;
  const isAbove = (value: ProtoNumber) =>
    low === null || (isOpenBelow ? value > low : value >= low);
  const isBelow = (value: ProtoNumber) =>
    high === null || (isOpenAbove ? value < high : value <= high);
  if (low !== null && high !== null) {
    const range = `${isOpenBelow ? "(" : "["}${low}, ${high}${isOpenAbove ? ")" : "]"}`;
    return high > low
      ? { sentence: `value must be inside range ${range}`, holds: (v) => isAbove(v) && isBelow(v) }
      : {
          sentence: `value must be outside range ${range}`,
          holds: (v) => isAbove(v) || isBelow(v),
        };
  }
  if (low !== null) {
    const relation = isOpenBelow ? "greater than" : "greater than or equal to";
    return { sentence: `value must be ${relation} ${low}`, holds: isAbove };
  }
  if (high !== null) {
    const relation = isOpenAbove ? "less than" : "less than or equal to";
    return { sentence: `value must be ${relation} ${high}`, holds: isBelow };
  }
  return null;
}

/** Comparing a bigint with a number is exact, but only with these operators. */
function isSame(left: ProtoNumber, right: ProtoNumber): boolean {
  return left >= right && left <= right;
}
