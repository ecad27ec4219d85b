/*
 * What makes a message of HTTP/2 malformed: RFC 9113 §8.2 and §8.3, as strictly as Envoy takes it.
 * What can be said of a field alone is said by `checkField`, and kept with the field in the dynamic
 * table; what depends on the fields before it is noted while they are decoded.
 *
 * As in Envoy, blanks around a value are let through, which §8.2.1 would have refused: HTTP/1 takes
 * them off.
 */
import {
  E_HEAD_CONNECT,
  E_HEAD_CONNECTION,
  E_HEAD_CONTENT_LENGTH,
  E_HEAD_HOST,
  E_HEAD_NAME,
  E_HEAD_PATH,
  E_HEAD_PSEUDO,
  E_HEAD_PSEUDO_MISSING,
  E_HEAD_PSEUDO_ORDER,
  E_HEAD_PSEUDO_TWICE,
  E_HEAD_PSEUDO_VALUE,
  E_HEAD_TE,
  E_HEAD_VALUE,
} from "../../../api/engine/http2.ts";
import {
  H_AUTHORITY,
  H_CONNECTION,
  H_CONTENT_LENGTH,
  H_HOST,
  H_KEEP_ALIVE,
  H_METHOD,
  H_PATH,
  H_PROTOCOL,
  H_PROXY_CONNECTION,
  H_SCHEME,
  H_STATUS,
  H_TE,
  H_TRANSFER_ENCODING,
  H_UPGRADE,
} from "../../../api/engine/header-names.ts";
import { findControl, tokenByte } from "../../http1/characters.ts";
import { isWord } from "../../http1/framing.ts";
import {
  REQUEST_AUTHORITY,
  REQUEST_METHOD,
  REQUEST_PATH,
  REQUEST_PSEUDO,
  REQUEST_SCHEME,
  RESPONSE_PSEUDO,
  RESPONSE_STATUS,
} from "../../http1/start-line.ts";
import { readDecimal } from "../../memory/bytes.ts";
import { allocate, release } from "../../memory/slab.ts";

/** `HeadCheck.seen`: a bit for the place of each pseudo-header of a request, and these. */
const SAW_STATUS: i32 = 1 << 4;
const SAW_PROTOCOL: i32 = 1 << 5;
const SAW_HOST: i32 = 1 << 6;
const SAW_FIELD: i32 = 1 << 7;
const IS_CONNECT: i32 = 1 << 8;
const IS_OPTIONS: i32 = 1 << 9;
const IS_HTTP: i32 = 1 << 10;
const PATH_IS_ABSOLUTE: i32 = 1 << 11;
const PATH_IS_STAR: i32 = 1 << 12;

const SAW_METHOD: i32 = 1 << REQUEST_METHOD;
const SAW_PATH: i32 = 1 << REQUEST_PATH;
const SAW_AUTHORITY: i32 = 1 << REQUEST_AUTHORITY;
const SAW_SCHEME: i32 = 1 << REQUEST_SCHEME;

/** Results of `noteField` beside the places of pseudo-headers: an ordinary field, and none. */
export const PLACE_ORDINARY: i32 = -1;
export const PLACE_NONE: i32 = -2;

/** `classes`: bits of the characters that may stand in an authority, and in a scheme. */
const CLASS_AUTHORITY: u8 = 1;
const CLASS_SCHEME: u8 = 2;
/** RFC 3986 §3.2.2, without user information, as in Envoy; and the part of §3.1 behind a letter. */
const AUTHORITY_MARKS = "!$%&'()*+,-.:;=[]_~";
const SCHEME_MARKS = "+-.";
const classes: usize = memory.data(256);
/** By number of a name: 1 when `checkField` looks at the value, 2 when `noteField` does. */
const kinds: usize = memory.data(128);
const KIND_CHECKED: u8 = 1;
const KIND_NOTED: u8 = 2;

/** What is known of the message that is being decoded. */
@unmanaged
export class HeadCheck {
  /** `SAW_*` bits and others. */
  seen: i32;
  /** How many places for pseudo-headers its block has, which tells its kind; 0 for trailers. */
  pseudoCount: i32;
  /** `E_HEAD_*` of the first fault, or 0. */
  error: i32;
  /** Of a response, or 0. */
  status: i32;
  /** -1 when the head gives none. */
  contentLength: i64;
  /** Whether we said that extended CONNECT may be used. RFC 8441 §3. */
  allowsProtocol: bool;
}

/** Builds the tables. Called once when the module starts. */
export function buildHeadChecks(): void {
  for (let c: u32 = 48; c < 123; c++) {
    const isLetter = (c | 32) - 97 < 26;
    if (c < 58 || isLetter) store<u8>(classes + c, CLASS_AUTHORITY | CLASS_SCHEME);
  }
  mark(AUTHORITY_MARKS, CLASS_AUTHORITY);
  mark(SCHEME_MARKS, CLASS_SCHEME);
  for (let id = H_METHOD; id <= H_STATUS; id++) setKind(id, KIND_CHECKED | KIND_NOTED);
  setKind(H_PROTOCOL, KIND_CHECKED | KIND_NOTED);
  setKind(H_HOST, KIND_NOTED);
  setKind(H_CONTENT_LENGTH, KIND_NOTED);
  setKind(H_CONNECTION, KIND_CHECKED);
  setKind(H_KEEP_ALIVE, KIND_CHECKED);
  setKind(H_PROXY_CONNECTION, KIND_CHECKED);
  setKind(H_TRANSFER_ENCODING, KIND_CHECKED);
  setKind(H_UPGRADE, KIND_CHECKED);
  setKind(H_TE, KIND_CHECKED);
}

function mark(characters: string, bit: u8): void {
  for (let i = 0; i < characters.length; i++) {
    const place = classes + characters.charCodeAt(i);
    store<u8>(place, load<u8>(place) | bit);
  }
}

function setKind(id: i32, kind: u8): void {
  store<u8>(kinds + id, kind);
}

/** Makes a check. */
export function createHeadCheck(): HeadCheck {
  const check = changetype<HeadCheck>(allocate(offsetof<HeadCheck>()));
  memory.fill(changetype<usize>(check), 0, offsetof<HeadCheck>());
  return check;
}

/** Gives back its memory. */
export function releaseHeadCheck(check: HeadCheck): void {
  release(changetype<usize>(check));
}

/** Begins a message whose block has that many places for pseudo-headers. */
export function beginHead(check: HeadCheck, pseudoCount: i32): void {
  check.seen = 0;
  check.pseudoCount = pseudoCount;
  check.error = 0;
  check.status = 0;
  check.contentLength = -1;
}

/** Notes a fault, unless there was one before. */
// @ts-ignore: decorator
@inline
export function noteError(check: HeadCheck, error: i32): void {
  if (check.error == 0) check.error = error;
}

/**
 * What is wrong with a field whatever stands beside it: an error number, or 0. May look at 15 bytes
 * behind the value.
 */
export function checkField(
  id: i32,
  name: usize,
  nameLength: i32,
  value: usize,
  valueLength: i32,
): i32 {
  if (id == 0) {
    const error = checkName(name, nameLength);
    if (error != 0) return error;
  }
  if (findControl(value, 0, valueLength) != valueLength) return E_HEAD_VALUE;
  return (load<u8>(kinds + id) & KIND_CHECKED) == 0 ? 0 : checkKnown(id, value, valueLength);
}

function checkName(name: usize, length: i32): i32 {
  if (length == 0) return E_HEAD_NAME;
  if (load<u8>(name) == 58) return E_HEAD_PSEUDO;
  for (let i = 0; i < length; i++) {
    const byte = <u32>load<u8>(name + i);
    const lower = tokenByte(byte);
    if (lower == 0 || lower != byte) return E_HEAD_NAME;
  }
  return 0;
}

function checkKnown(id: i32, value: usize, length: i32): i32 {
  switch (id) {
    case H_METHOD:
      return isMethod(value, length) ? 0 : E_HEAD_PSEUDO_VALUE;
    case H_PATH:
      return length > 0 && !hasBlank(value, length) ? 0 : E_HEAD_PSEUDO_VALUE;
    case H_AUTHORITY:
      return length > 0 && isOf(CLASS_AUTHORITY, value, length) ? 0 : E_HEAD_PSEUDO_VALUE;
    case H_SCHEME:
      return isScheme(value, length) ? 0 : E_HEAD_PSEUDO_VALUE;
    case H_STATUS:
      return readStatus(value, length) == 0 ? E_HEAD_PSEUDO_VALUE : 0;
    case H_PROTOCOL:
      return length == 0 ? E_HEAD_PSEUDO_VALUE : 0;
    case H_TE:
      return isWord(value, length, "trailers") ? 0 : E_HEAD_TE;
    default:
      return E_HEAD_CONNECTION;
  }
}

function isMethod(value: usize, length: i32): bool {
  let at = 0;
  while (at < length && tokenByte(load<u8>(value + at)) != 0) at++;
  return at == length && length > 0;
}

function isScheme(value: usize, length: i32): bool {
  const first = <u32>load<u8>(value) | 32;
  return length > 0 && first - 97 < 26 && isOf(CLASS_SCHEME, value, length);
}

function isOf(bit: u8, value: usize, length: i32): bool {
  for (let i = 0; i < length; i++) {
    if ((load<u8>(classes + load<u8>(value + i)) & bit) == 0) return false;
  }
  return true;
}

/** True when a blank or a TAB stands in the range. May look at 15 bytes behind the end. */
function hasBlank(value: usize, length: i32): bool {
  const blank = i8x16.splat(0x20);
  for (let i = 0; i < length; i += 16) {
    const hits = i8x16.bitmask(i8x16.le_u(v128.load(value + i), blank));
    if (hits != 0 && i + ctz(hits) < length) return true;
  }
  return false;
}

/**
 * The number of a status code, or 0. HTTP/1 here takes the same ones; no protocol is switched to on
 * a stream (RFC 9113 §8.6).
 */
function readStatus(value: usize, length: i32): i32 {
  const status = length == 3 ? <i32>readDecimal(value, length) : 0;
  return status < 100 || status > 599 || status == 101 ? 0 : status;
}

/**
 * Notes a field that is right by itself. Returns the place of the pseudo-header that it is,
 * PLACE_ORDINARY, or PLACE_NONE when it must not be kept. Hot.
 */
// @ts-ignore: decorator
@inline
export function noteField(check: HeadCheck, id: i32, value: usize, length: i32): i32 {
  if ((load<u8>(kinds + id) & KIND_NOTED) != 0) return noteKnown(check, id, value, length);
  check.seen |= SAW_FIELD;
  return PLACE_ORDINARY;
}

function noteKnown(check: HeadCheck, id: i32, value: usize, length: i32): i32 {
  if (id == H_HOST) return noteHost(check, value, length);
  if (id == H_CONTENT_LENGTH) return noteLength(check, value, length);
  const isRequest = check.pseudoCount == REQUEST_PSEUDO;
  if (id == H_STATUS) {
    if (check.pseudoCount != RESPONSE_PSEUDO) return fail(check, E_HEAD_PSEUDO);
    check.status = readStatus(value, length);
    return notePseudo(check, SAW_STATUS, RESPONSE_STATUS);
  }
  if (!isRequest) return fail(check, E_HEAD_PSEUDO);
  if (id == H_PROTOCOL) {
    if (!check.allowsProtocol) return fail(check, E_HEAD_PSEUDO);
    return notePseudo(check, SAW_PROTOCOL, PLACE_ORDINARY);
  }
  noteMeaning(check, id, value, length);
  const place = placeOf(id);
  return notePseudo(check, 1 << place, place);
}

function fail(check: HeadCheck, error: i32): i32 {
  noteError(check, error);
  return PLACE_NONE;
}

function notePseudo(check: HeadCheck, bit: i32, place: i32): i32 {
  if ((check.seen & SAW_FIELD) != 0) return fail(check, E_HEAD_PSEUDO_ORDER);
  if ((check.seen & bit) != 0) return fail(check, E_HEAD_PSEUDO_TWICE);
  check.seen |= bit;
  return place;
}

function placeOf(id: i32): i32 {
  switch (id) {
    case H_METHOD:
      return REQUEST_METHOD;
    case H_PATH:
      return REQUEST_PATH;
    case H_AUTHORITY:
      return REQUEST_AUTHORITY;
    default:
      return REQUEST_SCHEME;
  }
}

/** Notes what the end of the head has to know of a pseudo-header. */
function noteMeaning(check: HeadCheck, id: i32, value: usize, length: i32): void {
  if (id == H_METHOD) {
    if (length != 7) return;
    if (isText(value, 0x4e4e4f43, 0x5443454e)) check.seen |= IS_CONNECT;
    if (isText(value, 0x4954504f, 0x534e4f49)) check.seen |= IS_OPTIONS;
  } else if (id == H_SCHEME) {
    if (isHttp(value, length)) check.seen |= IS_HTTP;
  } else if (id == H_PATH) {
    const first = load<u8>(value);
    if (first == 47) check.seen |= PATH_IS_ABSOLUTE;
    else if (first == 42 && length == 1) check.seen |= PATH_IS_STAR;
  }
}

/** True for seven bytes that begin with one little-endian number and end with another. */
// @ts-ignore: decorator
@inline
function isText(value: usize, first: u32, last: u32): bool {
  return load<u32>(value) == first && load<u32>(value, 3) == last;
}

/** `http` or `https` in any case. */
function isHttp(value: usize, length: i32): bool {
  if (length < 4 || (load<u32>(value) | 0x20202020) != 0x70747468) return false;
  return length == 4 || (length == 5 && (load<u8>(value, 4) | 32) == 115);
}

/** Host of a request stands in for `:authority`, and counts for nothing beside one. As in Envoy. */
function noteHost(check: HeadCheck, value: usize, length: i32): i32 {
  const isFirst = (check.seen & SAW_HOST) == 0;
  check.seen |= SAW_FIELD | SAW_HOST;
  if (check.pseudoCount != REQUEST_PSEUDO) return PLACE_ORDINARY;
  if (!isFirst || length == 0 || !isOf(CLASS_AUTHORITY, value, length)) {
    return fail(check, E_HEAD_HOST);
  }
  return (check.seen & SAW_AUTHORITY) != 0 ? PLACE_NONE : REQUEST_AUTHORITY;
}

/** RFC 9113 §8.1.1, and RFC 9110 §8.6 for responses that have no body. */
function noteLength(check: HeadCheck, value: usize, length: i32): i32 {
  check.seen |= SAW_FIELD;
  const isNoBody = check.status == 204 || (check.status > 0 && check.status < 200);
  const number = readDecimal(value, length);
  const isWrong =
    number < 0 || check.contentLength >= 0 || check.pseudoCount == 0 || (isNoBody && number != 0);
  if (isWrong) return fail(check, E_HEAD_CONTENT_LENGTH);
  check.contentLength = number;
  return PLACE_ORDINARY;
}

/** True for a request that asks for a tunnel: RFC 9113 §8.5, RFC 8441 §4. */
export function asksForTunnel(check: HeadCheck): bool {
  return (check.seen & IS_CONNECT) != 0;
}

/** Says what is missing in a head that is over. */
export function finishHead(check: HeadCheck): void {
  if (check.pseudoCount == RESPONSE_PSEUDO && (check.seen & SAW_STATUS) == 0) {
    noteError(check, E_HEAD_PSEUDO_MISSING);
  }
  if (check.pseudoCount != REQUEST_PSEUDO) return;
  const seen = check.seen;
  if ((seen & IS_CONNECT) != 0 && (seen & SAW_PROTOCOL) == 0) {
    if ((seen & (SAW_SCHEME | SAW_PATH)) != 0) noteError(check, E_HEAD_CONNECT);
    else if ((seen & SAW_AUTHORITY) == 0) noteError(check, E_HEAD_PSEUDO_MISSING);
    return;
  }
  const needed = SAW_METHOD | SAW_PATH | SAW_SCHEME;
  const isHostGiven = (seen & (SAW_AUTHORITY | SAW_HOST)) != 0;
  if ((seen & needed) != needed || !isHostGiven) {
    noteError(check, E_HEAD_PSEUDO_MISSING);
    return;
  }
  if ((seen & SAW_PROTOCOL) != 0 && (seen & IS_CONNECT) == 0) noteError(check, E_HEAD_CONNECT);
  if ((seen & SAW_PROTOCOL) != 0 && (seen & SAW_AUTHORITY) == 0) {
    noteError(check, E_HEAD_PSEUDO_MISSING);
  }
  if (!isPathAllowed(seen)) noteError(check, E_HEAD_PATH);
}

/** Only `http` and `https` say what their paths are. */
function isPathAllowed(seen: i32): bool {
  if ((seen & IS_HTTP) == 0 || (seen & PATH_IS_ABSOLUTE) != 0) return true;
  return (seen & IS_OPTIONS) != 0 && (seen & PATH_IS_STAR) != 0;
}
