import type { JsonValue } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";

/** A scalar as protobuf-es keeps it. */
export type Scalar = string | number | bigint | boolean | Uint8Array;

/** A value that was read, or why it cannot be. */
export type ScalarResult = { readonly value: Scalar } | { readonly reason: string };

/** Reads one scalar by the rules of proto3 JSON: numbers may be text, text may not be a number. */
export function readScalar(type: ScalarType, json: JsonValue): ScalarResult {
  switch (type) {
    case ScalarType.BOOL:
      return typeof json === "boolean" ? { value: json } : wrong("true or false", json);
    case ScalarType.STRING:
      return readString(json);
    case ScalarType.BYTES:
      return readBytes(json);
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return readFloat(json, type === ScalarType.FLOAT ? FLOAT32_MAX : Number.MAX_VALUE);
    default:
      return readInteger(type, json);
  }
}

/** The greatest finite float of 32 bits. */
const FLOAT32_MAX = (2 - 2 ** -23) * 2 ** 127;

/** The bounds of each integer type, and whether protobuf-es keeps it as a bigint. */
const INTEGERS: Readonly<Record<number, { min: bigint; max: bigint; isWide: boolean }>> = {
  ...integerRow(
    [ScalarType.INT32, ScalarType.SINT32, ScalarType.SFIXED32],
    -(2n ** 31n),
    2n ** 31n,
  ),
  ...integerRow([ScalarType.UINT32, ScalarType.FIXED32], 0n, 2n ** 32n),
  ...integerRow(
    [ScalarType.INT64, ScalarType.SINT64, ScalarType.SFIXED64],
    -(2n ** 63n),
    2n ** 63n,
  ),
  ...integerRow([ScalarType.UINT64, ScalarType.FIXED64], 0n, 2n ** 64n),
};

function integerRow(types: readonly ScalarType[], min: bigint, end: bigint) {
  const isWide = end > 2n ** 32n;
  return Object.fromEntries(types.map((type) => [type, { min, max: end - 1n, isWide }]));
}

function readString(json: JsonValue): ScalarResult {
  if (typeof json === "string") {
    return json.isWellFormed() ? { value: json } : { reason: "not valid Unicode text" };
  }
  if (typeof json === "number") {
    return { reason: `expected a string, found the number ${json}: put it in quotes` };
  }
  if (typeof json === "boolean") {
    // In YAML it may have been written in one of several words.
    return { reason: `expected a string, found a word for ${json}: put it in quotes` };
  }
  return wrong("a string", json);
}

/** Base64, in the standard or the URL alphabet, with or without padding. */
function readBytes(json: JsonValue): ScalarResult {
  if (typeof json !== "string") return wrong("base64 text", json);
  const digits = json.replace(/={1,2}$/, "");
  const isBase64 = /^[A-Za-z0-9+/]*$|^[A-Za-z0-9_-]*$/.test(digits) && digits.length % 4 !== 1;
  if (!isBase64) return { reason: "not valid base64" };
  // Buffer is a Uint8Array with other methods; the message gets a plain one.
  return { value: Uint8Array.from(Buffer.from(digits, "base64")) };
}

/** The numbers of JSON, as text. */
const NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/;

function readFloat(json: JsonValue, max: number): ScalarResult {
  if (json === "NaN") return { value: Number.NaN };
  if (json === "Infinity") return { value: Number.POSITIVE_INFINITY };
  if (json === "-Infinity") return { value: Number.NEGATIVE_INFINITY };
  const value = toNumber(json);
  if (value === null) return wrong("a number", json);
  return Math.abs(value) <= max ? { value } : { reason: `${json} is out of range` };
}

function toNumber(json: JsonValue): number | null {
  if (typeof json === "number") return json;
  return typeof json === "string" && NUMBER.test(json) ? Number(json) : null;
}

function readInteger(type: ScalarType, json: JsonValue): ScalarResult {
  const integer = toInteger(json);
  if (integer === null) return wrong("an integer", json);
  const { min, max, isWide } = INTEGERS[type];
  if (integer < min || integer > max) return { reason: `${integer} is not from ${min} to ${max}` };
  return { value: isWide ? integer : Number(integer) };
}

/** Integers may be written `1`, `"1"`, `1.0` or `1e3`. */
function toInteger(json: JsonValue): bigint | null {
  if (typeof json === "string" && /^-?[0-9]{1,20}$/.test(json)) return BigInt(json);
  const value = toNumber(json);
  return value !== null && Number.isSafeInteger(value) ? BigInt(value) : null;
}

/** Tells the kind of a value and, for short values that hold no secret, the value. */
export function wrong(expected: string, json: JsonValue): { reason: string } {
  return { reason: `expected ${expected}, found ${describe(json)}` };
}

function describe(json: JsonValue): string {
  if (json === null) return "null";
  if (Array.isArray(json)) return "a list";
  if (typeof json === "object") return "a map";
  return typeof json === "string" ? JSON.stringify(json.slice(0, 40)) : String(json);
}
