/* Peers of the filter state in formats: Istio `WorkloadMetadataObject`. */
import { OPERATION_ARGUMENT, OPERATION_TEXT } from "../../../api/engine/format-image.ts";
import {
  PEER_AS_ANY,
  PEER_AS_FIELD,
  PEER_AS_PAIRS,
  PEER_FIELDS,
  PEER_FIELD_COUNT,
  PEER_FIELD_SHIFT,
  PEER_IDENTITY,
  PEER_TYPE,
} from "../../../api/engine/peer/peer-image.ts";
import {
  STATE_ENTRY_FLAGS,
  STATE_ENTRY_VALUE_LENGTH,
  STATE_IS_PEER,
} from "../../../api/engine/state-image.ts";
import { stateValue } from "../../filter-state/filter-state.ts";
import { findStateOf } from "../../filter-state/find-state.ts";
import { indexOfByte } from "../../memory/bytes.ts";
import { TEXT_ROW_BYTES, staticText, staticTexts } from "../../memory/text.ts";
import { Stream } from "../../stream/stream.ts";
import { setStateEntry } from "./format-state.ts";
import { scratchRoom, setJson, setNothing, setText } from "./format-value.ts";

const NAMES = staticTexts(PEER_FIELDS);
const UNKNOWN = staticText("unknown");
const UNKNOWN_BYTES: i32 = 7;
const ANY = staticText('{"@type":"type.googleapis.com/google.protobuf.Struct","value":');
const ANY_BYTES: i32 = 62;
const LABELS = staticText('"labels":{');
const LABELS_BYTES: i32 = 10;
const LABEL = staticText("labels[]");
const LABEL_BYTES: i32 = 8;
/** What the names of all fields and what is around the whole need, and each label. */
const FRAME_BYTES: i32 = 256;
const LABEL_FRAME_BYTES: i32 = 16;

const QUOTE: u8 = 34;
const COMMA: u8 = 44;
const COLON: u8 = 58;
const EQUALS: u8 = 61;
const BACKSLASH: u8 = 92;
const BRACE_OPEN: u8 = 123;
const BRACE_CLOSE: u8 = 125;

/** Where the next text of the value is, where the value ends, and where the result goes on. */
let from: usize = 0;
let end: usize = 0;
let to: usize = 0;

/** Finds the value of a peer's key. */
export function setPeer(operation: usize, stream: Stream): void {
  const key = stream.image + <usize>load<u32>(operation, OPERATION_TEXT);
  const entry = findStateOf(stream, key, load<i32>(operation, OPERATION_TEXT + 4));
  if (entry == 0) {
    setNothing();
    return;
  }
  const argument = load<i32>(operation, OPERATION_ARGUMENT);
  const form = argument & ((1 << PEER_FIELD_SHIFT) - 1);
  if ((load<i32>(entry, STATE_ENTRY_FLAGS) & STATE_IS_PEER) == 0) {
    // A text that somebody has set under this name, which has no fields.
    if (form == PEER_AS_FIELD) setNothing();
    else setStateEntry(entry, form != PEER_AS_PAIRS);
    return;
  }
  from = stateValue(entry);
  end = from + <usize>load<i32>(entry, STATE_ENTRY_VALUE_LENGTH);
  if (form == PEER_AS_FIELD) setField(argument >> PEER_FIELD_SHIFT);
  else if (form == PEER_AS_PAIRS) setPairs();
  else setObject(form == PEER_AS_ANY);
}

/** Length of the text at `from`, which ends with a byte 0. */
function textLength(): i32 {
  return indexOfByte(from, <i32>(end - from), 0);
}

function setField(field: i32): void {
  for (let i = 0; i < field; i++) from += <usize>textLength() + 1;
  const length = textLength();
  if (length == 0 && field == PEER_TYPE) setText(UNKNOWN, UNKNOWN_BYTES);
  else setText(from, length);
}

/** Room for the whole, where each character may need an escape. */
function beginValue(): usize {
  let labels = 0;
  for (let at = from; at < end; at++) labels += load<u8>(at) == 0 ? 1 : 0;
  to = scratchRoom(<i32>(end - from) * 2 + FRAME_BYTES + labels * LABEL_FRAME_BYTES);
  return to;
}

/** `workload=a,namespace=b,labels[]role=c`; the identity is not in it. */
function setPairs(): void {
  const room = beginValue();
  for (let field = 0; field < PEER_FIELD_COUNT; field++) {
    const row = NAMES + <usize>field * TEXT_ROW_BYTES;
    const length = textLength();
    if (length > 0 && field != PEER_IDENTITY) {
      if (to != room) writeByte(COMMA);
      writePair(<usize>load<u32>(row), load<i32>(row, 4), length);
    }
    from += <usize>length + 1;
  }
  while (from < end) {
    if (to != room) writeByte(COMMA);
    writeText(LABEL, LABEL_BYTES);
    const name = from;
    const nameLength = textLength();
    from += <usize>nameLength + 1;
    const length = textLength();
    writePair(name, nameLength, length);
    from += <usize>length + 1;
  }
  setText(room, <i32>(to - room));
}

function writePair(name: usize, nameLength: i32, length: i32): void {
  writeText(name, nameLength);
  writeByte(EQUALS);
  writeText(from, length);
}

/** A `google.protobuf.Struct`, by itself or in a `google.protobuf.Any`. */
function setObject(isAny: bool): void {
  const room = beginValue();
  if (isAny) writeText(ANY, ANY_BYTES);
  writeByte(BRACE_OPEN);
  for (let field = 0; field < PEER_FIELD_COUNT; field++) {
    const row = NAMES + <usize>field * TEXT_ROW_BYTES;
    const length = textLength();
    if (length > 0) writeMember(<usize>load<u32>(row), load<i32>(row, 4), length);
    from += <usize>length + 1;
  }
  if (from < end) writeLabels();
  writeByte(BRACE_CLOSE);
  if (isAny) writeByte(BRACE_CLOSE);
  setJson(room, <i32>(to - room));
}

function writeLabels(): void {
  separate();
  writeText(LABELS, LABELS_BYTES);
  while (from < end) {
    const name = from;
    const nameLength = textLength();
    from += <usize>nameLength + 1;
    const length = textLength();
    writeMember(name, nameLength, length);
    from += <usize>length + 1;
  }
  writeByte(BRACE_CLOSE);
}

function writeMember(name: usize, nameLength: i32, length: i32): void {
  separate();
  writeString(name, nameLength);
  writeByte(COLON);
  writeString(from, length);
}

/** A comma, but not before the first member. */
function separate(): void {
  if (load<u8>(to - 1) != BRACE_OPEN) writeByte(COMMA);
}

/** A peer's texts have no control characters, so these are all that JSON escapes. */
function writeString(text: usize, length: i32): void {
  writeByte(QUOTE);
  for (let i = 0; i < length; i++) {
    const byte = load<u8>(text + i);
    if (byte == QUOTE || byte == BACKSLASH) writeByte(BACKSLASH);
    writeByte(byte);
  }
  writeByte(QUOTE);
}

function writeText(text: usize, length: i32): void {
  memory.copy(to, text, length);
  to += <usize>length;
}

// @ts-ignore: decorator
@inline
function writeByte(byte: u8): void {
  store<u8>(to++, byte);
}
