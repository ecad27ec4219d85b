/*
 * The handshake of WebSocket where its two sides speak different versions of HTTP. HTTP/2 has no
 * keys (RFC 8441 §5); HTTP/1 asks for one, and a client of it checks the answer (RFC 6455 §4.1).
 */
import { H_UPGRADE } from "../../api/engine/header-names.ts";
import {
  HeaderBlock,
  HeaderEntry,
  addHeader,
  entryAt,
  findKnown,
  nextByName,
  removeName,
  reserveArena,
} from "../head/block.ts";
import { isWord } from "../http1/framing.ts";
import { equalBytes } from "../memory/bytes.ts";
import { allocate } from "../memory/slab.ts";
import { staticText } from "../memory/text.ts";
import { ACCEPT_BYTES, KEY_BYTES, KEY_BYTES_MAX, writeAccept, writeKey } from "./accept-key.ts";

/** `sec-websocket-key`. */
export const KEY_NAME: usize = staticText("sec-websocket-key");
/** Its length. */
export const KEY_NAME_BYTES: i32 = 17;

const ACCEPT_NAME = staticText("sec-websocket-accept");
const ACCEPT_NAME_BYTES: i32 = 20;

const key: usize = allocate(KEY_BYTES);
const accept: usize = allocate(ACCEPT_BYTES);

/** Whether a head asks for WebSocket. */
export function isWebSocket(block: HeaderBlock): bool {
  const upgrade = findKnown(block, H_UPGRADE);
  return upgrade !== null && isWord(upgrade.value, upgrade.valueLength, "websocket");
}

/** Whether a request has a key. */
export function hasKey(request: HeaderBlock): bool {
  return nextByName(request, 0, 0, KEY_NAME, KEY_NAME_BYTES) >= 0;
}

/** Whether a 101 answers the key of a nonce, as a client checks it. RFC 6455 §4.1. */
export function isAnswered(response: HeaderBlock, high: u64, low: u64): bool {
  if (!isWebSocket(response)) return false;
  const answer = findOnly(response, ACCEPT_NAME, ACCEPT_NAME_BYTES);
  if (answer === null || answer.valueLength != ACCEPT_BYTES) return false;
  writeKey(key, high, low);
  writeAccept(accept, key, KEY_BYTES);
  return equalBytes(answer.value, accept, ACCEPT_BYTES);
}

/** Takes the answer to a key that the client does not know. */
export function removeAccept(response: HeaderBlock): void {
  removeName(response, ACCEPT_NAME, ACCEPT_NAME_BYTES);
}

/** Answers the key of a request, if it has one, unless the response does. */
export function answerKey(request: HeaderBlock, response: HeaderBlock): void {
  if (nextByName(response, 0, 0, ACCEPT_NAME, ACCEPT_NAME_BYTES) >= 0) return;
  const asked = findOnly(request, KEY_NAME, KEY_NAME_BYTES);
  if (asked === null || <i32>asked.valueLength > KEY_BYTES_MAX) return;
  const value = reserveArena(response, ACCEPT_BYTES);
  writeAccept(value, asked.value, asked.valueLength);
  addHeader(response, 0, ACCEPT_NAME, ACCEPT_NAME_BYTES, value, ACCEPT_BYTES);
}

/** The only header of a name, or null when there is none, or more. */
function findOnly(block: HeaderBlock, name: usize, length: i32): HeaderEntry | null {
  const first = nextByName(block, 0, 0, name, length);
  if (first < 0 || nextByName(block, first + 1, 0, name, length) >= 0) return null;
  return entryAt(block, first);
}
