/*
 * The value that an operation of a format found: nothing, a text, or a number. There is one at a
 * time, in globals, since a record per value would have to be allocated.
 */
import { allocate, capacityOf, release } from "../../memory/slab.ts";

/** Kinds of value. */
export const VALUE_NOTHING: i32 = 0;
const VALUE_TEXT: i32 = 1;
export const VALUE_NUMBER: i32 = 2;
export const VALUE_BLANK: i32 = 3;
/** A text that is JSON: in quotes nowhere. */
export const VALUE_JSON: i32 = 4;

/** `VALUE_*`. */
export let valueKind: i32 = VALUE_NOTHING;
/** A text: bytes that stay where they are until the next value. */
export let valueBytes: usize = 0;
export let valueLength: i32 = 0;
/** A number. */
export let valueNumber: i64 = 0;

const SCRATCH_BYTES: usize = 2048;
let scratch: usize = 0;

/** There is no value. */
// @ts-ignore: decorator
@inline
export function setNothing(): void {
  valueKind = VALUE_NOTHING;
}

/** There is no value where it would stand alone in JSON, and an empty text elsewhere. */
export function setBlank(): void {
  valueKind = VALUE_BLANK;
}

/** The value is a text, which may be empty. */
// @ts-ignore: decorator
@inline
export function setText(bytes: usize, length: i32): void {
  valueKind = VALUE_TEXT;
  valueBytes = bytes;
  valueLength = length;
}

/** The value is no string, and the text is how JSON writes it. */
export function setJson(bytes: usize, length: i32): void {
  setText(bytes, length);
  valueKind = VALUE_JSON;
}

/** The value is a text, or nothing when the text is empty. */
export function setTextOrNothing(bytes: usize, length: i32): void {
  if (length == 0) setNothing();
  else setText(bytes, length);
}

/** The value is a number. */
// @ts-ignore: decorator
@inline
export function setNumber(value: i64): void {
  valueKind = VALUE_NUMBER;
  valueNumber = value;
}

/**
 * Shortens a text.
 *
 * @param isTyped Whether the value keeps its type in JSON, where only strings are shortened.
 */
export function limitValue(limit: i32, isTyped: bool): void {
  const isText = valueKind == VALUE_TEXT || (valueKind == VALUE_JSON && !isTyped);
  if (isText && valueLength > limit) valueLength = limit;
}

/** Room for a text that is made here, free again with the next value. */
export function scratchRoom(length: i32): usize {
  if (scratch == 0) scratch = allocate(SCRATCH_BYTES);
  if (<usize>length + 16 > capacityOf(scratch)) {
    release(scratch);
    scratch = allocate(<usize>length + 16);
  }
  return scratch;
}
