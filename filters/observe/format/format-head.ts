/* Values that formats take from message heads: headers, the path, the query. */
import {
  OPERATION_ARGUMENT,
  OPERATION_OTHER,
  OPERATION_OTHER_ID,
  OPERATION_TEXT,
  OPERATION_TEXT_ID,
  PATH_FORMAT_NO_QUERY,
  PATH_FORMAT_ORIGINAL,
  PATH_FORMAT_PRESENT,
} from "../../../api/engine/format-image.ts";
import { H_X_ENVOY_ORIGINAL_PATH } from "../../../api/engine/header-names.ts";
import { HeaderBlock, HeaderEntry, entryAt, findKnown, nextByName } from "../../head/block.ts";
import { REQUEST_PATH } from "../../http1/start-line.ts";
import { equalBytes, hexDigit, indexOfByte } from "../../memory/bytes.ts";
import { Stream } from "../../stream/stream.ts";
import { scratchRoom, setNothing, setText } from "./format-value.ts";

const AMPERSAND: u8 = 38;
const EQUALS: u8 = 61;
const PERCENT: u8 = 37;
const QUESTION: u8 = 63;

/** The first header of the name of the operation, or else of its other name. Hot. */
export function findHeader(block: HeaderBlock, operation: usize, image: usize): void {
  if (setHeader(block, operation + OPERATION_TEXT, operation + OPERATION_TEXT_ID, image)) return;
  if (setHeader(block, operation + OPERATION_OTHER, operation + OPERATION_OTHER_ID, image)) return;
  setNothing();
}

function setHeader(block: HeaderBlock, text: usize, id: usize, image: usize): bool {
  const length = load<i32>(text, 4);
  if (length == 0) return false;
  const name = image + <usize>load<u32>(text);
  const at = nextByName(block, 0, <u16>load<u32>(id), name, length);
  if (at < 0) return false;
  const entry = entryAt(block, at);
  setText(entry.value, entry.valueLength);
  return true;
}

/** Bytes of all names and values. Envoy counts no separators. */
export function headerBytes(block: HeaderBlock): i64 {
  let total: i64 = 0;
  for (let i = 0; i < block.count; i++) {
    const entry = entryAt(block, i);
    if (entry.nameLength != 0) total += <i64>entry.nameLength + entry.valueLength;
  }
  return total;
}

/** The path, as received or as rewritten, with or without its query. */
export function setPath(stream: Stream, operation: usize): void {
  const argument = load<i32>(operation, OPERATION_ARGUMENT);
  const entry = choosePath(stream, argument);
  if (entry === null) {
    setNothing();
    return;
  }
  let length = entry.valueLength;
  if ((argument & PATH_FORMAT_NO_QUERY) != 0) {
    const query = indexOfByte(entry.value, length, QUESTION);
    if (query >= 0) length = query;
  }
  setText(entry.value, length);
}

function choosePath(stream: Stream, argument: i32): HeaderEntry | null {
  if ((argument & PATH_FORMAT_PRESENT) == 0) {
    const original = findKnown(stream.request, H_X_ENVOY_ORIGINAL_PATH);
    if (original !== null || (argument & PATH_FORMAT_ORIGINAL) != 0) return original;
  }
  const path = entryAt(stream.request, REQUEST_PATH);
  return path.nameLength == 0 ? null : path;
}

/** Offset of the query in the path, or -1. */
function queryOffset(path: HeaderEntry): i32 {
  const mark = indexOfByte(path.value, path.valueLength, QUESTION);
  return mark < 0 ? -1 : mark + 1;
}

/** The query as it is, or decoded. */
export function setQuery(stream: Stream, isDecoded: bool): void {
  const path = entryAt(stream.request, REQUEST_PATH);
  const from = queryOffset(path);
  if (from < 0) setNothing();
  else if (isDecoded) setDecoded(path.value + from, path.valueLength - from);
  else setText(path.value + from, path.valueLength - from);
}

/**
 * Percent-decodes what a URL may show, and nothing else. A percent sign without two digits behind
 * it goes, but for one among the last two bytes. As Envoy does.
 */
function setDecoded(bytes: usize, length: i32): void {
  const room = scratchRoom(length);
  let written = 0;
  for (let i = 0; i < length; i++) {
    let byte = load<u8>(bytes + i);
    if (byte == PERCENT && i + 2 < length) {
      const high = hexDigit(load<u8>(bytes + i + 1));
      const low = hexDigit(load<u8>(bytes + i + 2));
      if (high < 0 || low < 0) continue;
      if (isVisible(<u8>((high << 4) | low))) {
        byte = <u8>((high << 4) | low);
        i += 2;
      }
    }
    store<u8>(room + written++, byte);
  }
  setText(room, written);
}

/** Whether decoding shows a byte: not spaces, controls, and what no URL has as it is. */
function isVisible(byte: u8): bool {
  if (byte <= 32 || byte >= 127) return false;
  switch (byte) {
    case 34: // "
    case 60: // <
    case 62: // >
    case 92: // backslash
    case 94: // ^
    case 123: // {
    case 124: // |
    case 125: // }
      return false;
    default:
      return true;
  }
}

/** The first query parameter of a name. Names and values are percent-decoded. */
export function setQueryParameter(stream: Stream, operation: usize): void {
  const path = entryAt(stream.request, REQUEST_PATH);
  const name = stream.image + <usize>load<u32>(operation, OPERATION_TEXT);
  const nameLength = load<i32>(operation, OPERATION_TEXT + 4);
  let from = queryOffset(path);
  while (from >= 0 && from < path.valueLength) {
    const rest = path.valueLength - from;
    const end = indexOfByte(path.value + from, rest, AMPERSAND);
    const length = end < 0 ? rest : end;
    if (takeParameter(path.value + from, length, name, nameLength)) return;
    from += length + 1;
  }
  setNothing();
}

function takeParameter(bytes: usize, length: i32, name: usize, nameLength: i32): bool {
  const equals = indexOfByte(bytes, length, EQUALS);
  const keyLength = equals < 0 ? length : equals;
  const room = scratchRoom(length);
  const decoded = decodePercent(room, bytes, keyLength);
  if (decoded != nameLength || !equalBytes(room, name, nameLength)) return false;
  if (equals < 0) setText(room, 0);
  else setText(room, decodePercent(room, bytes + equals + 1, length - equals - 1));
  return true;
}

/** Returns the length. Percent signs without two digits behind them stay. */
function decodePercent(target: usize, bytes: usize, length: i32): i32 {
  let written = 0;
  for (let i = 0; i < length; i++) {
    let byte = load<u8>(bytes + i);
    if (byte == PERCENT && i + 2 < length) {
      const high = hexDigit(load<u8>(bytes + i + 1));
      const low = hexDigit(load<u8>(bytes + i + 2));
      if (high >= 0 && low >= 0) {
        byte = <u8>((high << 4) | low);
        i += 2;
      }
    }
    store<u8>(target + written++, byte);
  }
  return written;
}
