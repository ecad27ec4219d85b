/* Request and status lines. RFC 9112 §3 and §4. */
import {
  E_METHOD,
  E_REQUEST_LINE,
  E_STATUS_LINE,
  E_TARGET,
  E_VERSION,
  READER_CUSTOM_METHODS,
  READER_KEEP_REASON,
} from "../../api/engine/http1.ts";
import { H_METHOD, H_PATH, H_STATUS } from "../../api/engine/header-names.ts";
import { setPseudo } from "../head/block.ts";
import { keepReason } from "../head/casing.ts";
import { isBlank, tokenByte } from "./characters.ts";
import { isKnownMethod } from "./methods.ts";
import { Reader } from "./reader.ts";

/** Places of the pseudo-headers in a request block. */
export const REQUEST_METHOD: i32 = 0;
export const REQUEST_PATH: i32 = 1;
export const REQUEST_AUTHORITY: i32 = 2;
export const REQUEST_SCHEME: i32 = 3;
/** How many a request has. */
export const REQUEST_PSEUDO: i32 = 4;
/** Place of `:status` in a response block, and how many pseudo-headers a response has. */
export const RESPONSE_STATUS: i32 = 0;
export const RESPONSE_PSEUDO: i32 = 1;

/** "HTTP/1.1" and "HTTP/1.0" as little-endian numbers. */
const HTTP_11: u64 = 0x312e312f50545448;
const HTTP_10: u64 = 0x302e312f50545448;

/** `METHOD SP target SP HTTP/1.x`. Returns an error number or 0. */
export function readRequestLine(reader: Reader, line: usize, length: i32): i32 {
  let at = 0;
  while (at < length && tokenByte(load<u8>(line + at)) != 0) at++;
  if (at == 0 || at == length || load<u8>(line + at) != 32) return E_REQUEST_LINE;
  const isKnown = isKnownMethod(line, at) || (reader.flags & READER_CUSTOM_METHODS) != 0;
  if (!isKnown) return E_METHOD;
  const target = at + 1;
  let end = target;
  while (end < length && load<u8>(line + end) > 32) end++;
  if (end == target) return E_TARGET;
  if (end == length || load<u8>(line + end) != 32) return E_REQUEST_LINE;
  const version = readVersion(line + end + 1, length - end - 1);
  if (version == 0) return E_VERSION;
  reader.version = version;
  setPseudo(reader.block, REQUEST_METHOD, H_METHOD, line, at);
  setPseudo(reader.block, REQUEST_PATH, H_PATH, line + target, end - target);
  return 0;
}

function readVersion(bytes: usize, length: i32): i32 {
  if (length != 8) return 0;
  const text = load<u64>(bytes);
  if (text == HTTP_11) return 11;
  return text == HTTP_10 ? 10 : 0;
}

/** `HTTP/1.x SP 3DIGIT [SP reason]`. Returns an error number or 0. */
export function readStatusLine(reader: Reader, line: usize, length: i32): i32 {
  if (length < 12) return E_STATUS_LINE;
  const version = readVersion(line, 8);
  if (version == 0 || load<u8>(line + 8) != 32) return E_STATUS_LINE;
  let status = 0;
  for (let i = 9; i < 12; i++) {
    const digit = <u32>load<u8>(line + i) - 48;
    if (digit > 9) return E_STATUS_LINE;
    status = status * 10 + digit;
  }
  // RFC 9110 §15: other numbers are no status codes, and nothing here has room for them.
  if (status < 100 || status > 599) return E_STATUS_LINE;
  if (length > 12 && load<u8>(line + 12) != 32) return E_STATUS_LINE;
  reader.version = version;
  reader.status = status;
  setPseudo(reader.block, 0, H_STATUS, line + 9, 3);
  if ((reader.flags & READER_KEEP_REASON) != 0) noteReason(reader, line + 12, length - 12);
  return 0;
}

/** Keeps a reason phrase without the blanks around it. */
function noteReason(reader: Reader, reason: usize, length: i32): void {
  let from = 0;
  let end = length;
  while (from < end && isBlank(load<u8>(reason + from))) from++;
  while (end > from && isBlank(load<u8>(reason + end - 1))) end--;
  if (end > from) keepReason(reader.block, reason + from, end - from);
}
