/* Constant texts as bytes: AssemblyScript strings are UTF-16, headers are not. */
import { allocate } from "./slab.ts";

/** Copies an ASCII string to memory of its own that is never freed. For module-level constants. */
export function staticText(text: string): usize {
  const bytes = allocate(<usize>text.length + 16);
  for (let i = 0; i < text.length; i++) store<u8>(bytes + i, <u8>text.charCodeAt(i));
  return bytes;
}
