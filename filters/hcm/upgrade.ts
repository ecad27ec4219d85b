/* Requests that ask for an upgrade and are served as if they had not. */
import { READER_UPGRADE } from "../../api/engine/http1.ts";
import { H_UPGRADE } from "../../api/engine/header-names.ts";
import { HCM_IGNORED_UPGRADES } from "../../api/engine/image.ts";
import { TEXT_BYTES } from "../../api/engine/match-image.ts";
import { HeaderBlock, HeaderEntry, removeName, reserveArena } from "../head/block.ts";
import { isBlank } from "../http1/characters.ts";
import { isWord } from "../http1/framing.ts";
import { Reader } from "../http1/reader.ts";
import { copyBytes } from "../memory/bytes.ts";
import { staticText } from "../memory/text.ts";
import { matchText } from "../route/match/match-text.ts";
import { Stream } from "../stream/stream.ts";
import { joinLines } from "./list-header.ts";

const HTTP2_SETTINGS = staticText("http2-settings");
const HTTP2_SETTINGS_LENGTH: i32 = 14;

/**
 * Passes over `Upgrade: h2c`, as Envoy always does, and over the protocols that
 * `ignore_http_11_upgrade` matches. Takes READER_UPGRADE back when none is left.
 */
export function forgetUpgrades(stream: Stream, reader: Reader): void {
  const block = stream.request;
  const entry = joinLines(block, H_UPGRADE);
  if (entry === null) return;
  if (isWord(entry.value, entry.valueLength, "h2c")) {
    reader.flags &= ~READER_UPGRADE;
    removeName(block, HTTP2_SETTINGS, HTTP2_SETTINGS_LENGTH);
    return;
  }
  if (load<i32>(stream.hcm, HCM_IGNORED_UPGRADES + 4) == 0) return;
  dropIgnored(stream, block, entry);
  if (entry.valueLength == 0) reader.flags &= ~READER_UPGRADE;
}

/** Leaves the protocols that no matcher of `ignore_http_11_upgrade` is for. */
function dropIgnored(stream: Stream, block: HeaderBlock, entry: HeaderEntry): void {
  const value = entry.value;
  const length = entry.valueLength;
  const left = reserveArena(block, length + 1);
  let leftLength = 0;
  for (let at = 0; at < length; at++) {
    let from = at;
    while (at < length && load<u8>(value + at) != 44) at++;
    let end = at;
    while (from < end && isBlank(load<u8>(value + from))) from++;
    while (end > from && isBlank(load<u8>(value + end - 1))) end--;
    if (end == from || isIgnored(stream, value + from, end - from)) continue;
    if (leftLength > 0) store<u8>(left + leftLength++, 44);
    copyBytes(left + leftLength, value + from, end - from);
    leftLength += end - from;
  }
  entry.value = left;
  entry.valueLength = leftLength;
}

function isIgnored(stream: Stream, protocol: usize, length: i32): bool {
  const list = stream.hcm + HCM_IGNORED_UPGRADES;
  const first = stream.image + <usize>load<u32>(list);
  for (let i = 0; i < load<i32>(list, 4); i++) {
    if (matchText(first + <usize>i * TEXT_BYTES, stream.image, protocol, length)) return true;
  }
  return false;
}
