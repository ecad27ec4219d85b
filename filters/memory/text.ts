/* Constant texts as bytes: AssemblyScript strings are UTF-16, headers are not. */
import { equalBytes } from "./bytes.ts";
import { allocate } from "./slab.ts";

/** Copies an ASCII string to memory of its own that is never freed. For module-level constants. */
export function staticText(text: string): usize {
  const bytes = allocate(<usize>text.length + 16);
  for (let i = 0; i < text.length; i++) store<u8>(bytes + i, <u8>text.charCodeAt(i));
  return bytes;
}

/** Bytes of a row of `staticTexts`: the address of a text and its length. */
export const TEXT_ROW_BYTES: usize = 8;

/** Copies ASCII strings to memory of their own, in rows. For module-level constants. */
export function staticTexts(texts: string[]): usize {
  const rows = allocate(<usize>texts.length * TEXT_ROW_BYTES);
  for (let i = 0; i < texts.length; i++) {
    store<u32>(rows + <usize>i * TEXT_ROW_BYTES, <u32>staticText(texts[i]));
    store<i32>(rows + <usize>i * TEXT_ROW_BYTES, texts[i].length, 4);
  }
  return rows;
}

/** The place of a text among the rows of a few, or -1. */
export function indexOfText(rows: usize, count: i32, text: usize, length: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = rows + <usize>i * TEXT_ROW_BYTES;
    if (load<i32>(row, 4) != length) continue;
    if (equalBytes(<usize>load<u32>(row), text, length)) return i;
  }
  return -1;
}
