/* The Via header of both directions. RFC 9110 §7.6.3. */
import { H_VIA } from "../../api/engine/header-names.ts";
import { HCM_VIA } from "../../api/engine/image.ts";
import { HeaderBlock } from "../head/block.ts";
import { Stream } from "../stream/stream.ts";
import { appendToList } from "./list-header.ts";

/** Appends the configured pseudonym, if any. */
export function appendVia(stream: Stream, block: HeaderBlock): void {
  const length = load<i32>(stream.hcm, HCM_VIA + 4);
  if (length == 0) return;
  appendToList(block, H_VIA, stream.image + <usize>load<u32>(stream.hcm, HCM_VIA), length, 2);
}
