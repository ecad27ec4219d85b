/* Keys of WebSocket, and what a server makes of them. RFC 6455 §1.3, §4.2.2. */
import { allocate } from "../memory/slab.ts";
import { staticText } from "../memory/text.ts";
import { writeBase64 } from "./base64.ts";
import { SHA1_BYTES, writeSha1 } from "./sha1.ts";

/** Bytes of a key before they are text. RFC 6455 §4.1. */
const KEY_NONCE_BYTES: i32 = 16;
/** Length of a key as text. */
export const KEY_BYTES: i32 = 24;
/** Length of `Sec-WebSocket-Accept`. */
export const ACCEPT_BYTES: i32 = 28;
/** Longest key that is answered. Those of clients that follow the RFC have 24 bytes. */
export const KEY_BYTES_MAX: i32 = 128;

const GUID_BYTES: i32 = 36;
const GUID = staticText("258EAFA5-E914-47DA-95CA-C5AB0DC85B11");

const message: usize = allocate(KEY_BYTES_MAX + GUID_BYTES);
const digest: usize = allocate(SHA1_BYTES);

/** Writes the key of a nonce: `Sec-WebSocket-Key`. */
export function writeKey(target: usize, high: u64, low: u64): void {
  store<u64>(digest, high);
  store<u64>(digest, low, 8);
  writeBase64(target, digest, KEY_NONCE_BYTES);
}

/** Writes what the server answers to a key of at most `KEY_BYTES_MAX`: `Sec-WebSocket-Accept`. */
export function writeAccept(target: usize, key: usize, length: i32): void {
  assert(length <= KEY_BYTES_MAX);
  memory.copy(message, key, length);
  memory.copy(message + length, GUID, GUID_BYTES);
  writeSha1(digest, message, length + GUID_BYTES);
  writeBase64(target, digest, SHA1_BYTES);
}
