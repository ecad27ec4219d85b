/*
 * What is known of a workload while it is found out: where the texts lie that say so. Then it
 * becomes a value of the filter state, whose form api/engine/peer/peer-image.ts has.
 */
import { PEER_FIELD_COUNT, PEER_LABELS_MAX } from "../../api/engine/peer/peer-image.ts";
import { allocate } from "../memory/slab.ts";
import { TEXT_ROW_BYTES } from "../memory/text.ts";
import { beginFormat, isUtf8, writeByte, writeBytes } from "../observe/format/format-output.ts";

/** A row, as of `staticTexts`, for each field, and behind them one for each label. */
const rows: usize = allocate(<usize>(PEER_FIELD_COUNT + PEER_LABELS_MAX) * TEXT_ROW_BYTES);
let isKnown: bool = false;

/** Forgets all that is known. */
export function clearPeer(): void {
  memory.fill(rows, 0, <usize>(PEER_FIELD_COUNT + PEER_LABELS_MAX) * TEXT_ROW_BYTES);
  isKnown = false;
}

/** Whether anything is known. */
export function isPeerKnown(): bool {
  return isKnown;
}

/** Whether a field has a text. */
export function hasPeerText(field: i32): bool {
  return load<i32>(rowOf(field), 4) != 0;
}

/**
 * Gives a field its text, which stays where it is. No name in Kubernetes has characters that break
 * a line of a log, or that are no characters: such a text is as good as none.
 */
export function setPeerText(field: i32, text: usize, length: i32): void {
  if (length == 0 || hasControl(text, length) || !isUtf8(text, length)) return;
  const row = rowOf(field);
  store<u32>(row, <u32>text);
  store<i32>(row, length, 4);
  isKnown = true;
}

/** The same of a label, by its place among the names that are kept. */
export function setPeerLabel(place: i32, text: usize, length: i32): void {
  setPeerText(PEER_FIELD_COUNT + place, text, length);
}

/** Gives a field that has none the text of another. */
export function fillPeerText(field: i32, other: i32): void {
  if (!hasPeerText(field)) store<u64>(rowOf(field), load<u64>(rowOf(other)));
}

/**
 * Writes all of it to the output of formats.
 *
 * @param labels Rows of an image with the names of labels, which are relative to `image`.
 */
export function writePeer(image: usize, labels: usize, labelCount: i32): void {
  beginFormat();
  for (let field = 0; field < PEER_FIELD_COUNT; field++) writeText(rowOf(field), 0);
  for (let place = 0; place < labelCount; place++) {
    if (!hasPeerText(PEER_FIELD_COUNT + place)) continue;
    writeText(labels + <usize>place * TEXT_ROW_BYTES, image);
    writeText(rowOf(PEER_FIELD_COUNT + place), 0);
  }
}

function writeText(row: usize, base: usize): void {
  writeBytes(base + <usize>load<u32>(row), load<i32>(row, 4));
  writeByte(0);
}

// @ts-ignore: decorator
@inline
function rowOf(field: i32): usize {
  return rows + <usize>field * TEXT_ROW_BYTES;
}

function hasControl(text: usize, length: i32): bool {
  for (let i = 0; i < length; i++) {
    const byte = load<u8>(text + i);
    if (byte < 32 || byte == 127) return true;
  }
  return false;
}
