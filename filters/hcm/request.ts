/*
 * What the connection manager does to a request head before the chain sees it, in Envoy's order:
 * refuse what cannot be served, clean hop-by-hop headers, tidy path and host, establish who the
 * client is, and see to the request id. Source: Envoy ConnectionManagerUtility.
 */
import {
  FRAMING_CHUNKED,
  FRAMING_LENGTH,
  READER_CONNECTION_NAMES,
  READER_EXPECT_CONTINUE,
  READER_UPGRADE,
} from "../../api/engine/http1.ts";
import {
  H_CONNECTION,
  H_CONTENT_LENGTH,
  H_EXPECT,
  H_HOST,
  H_KEEP_ALIVE,
  H_PROXY_CONNECTION,
  H_SCHEME,
  H_TE,
  H_TRANSFER_ENCODING,
  H_UPGRADE,
  H_VIA,
  H_X_FORWARDED_PROTO,
  H_X_REQUEST_ID,
} from "../../api/engine/header-names.ts";
import {
  HCM_GENERATE_REQUEST_ID,
  HCM_PRESERVE_REQUEST_ID,
  HCM_TLS,
  HCM_UNDERSCORES,
  HCM_VIA,
  UNDERSCORES_ALLOW,
  UNDERSCORES_REJECT,
} from "../../api/engine/image.ts";
import {
  HeaderBlock,
  addKnown,
  entryAt,
  findKnown,
  mayHave,
  removeKnown,
  reserveArena,
  setPseudo,
} from "../head/block.ts";
import { isWord } from "../http1/framing.ts";
import { Reader } from "../http1/reader.ts";
import { REQUEST_SCHEME } from "../http1/start-line.ts";
import { copyBytes, indexOfByte } from "../memory/bytes.ts";
import { staticText } from "../memory/text.ts";
import { Connection } from "../stream/connection.ts";
import { Stream } from "../stream/stream.ts";
import { removeConnectionNamed } from "./connection-header.ts";
import { establishClient } from "./forwarded.ts";
import { UUID_BYTES, writeUuid } from "./random.ts";
import { prepareTarget } from "./target.ts";
import { Refusal, refuse } from "./refusal.ts";

const HTTP = staticText("http");
const HTTPS = staticText("https");
const TRAILERS = staticText("trailers");

/** Makes the head ready for the chain. Returns false when it was refused: see `Refusal`. */
export function prepareRequest(stream: Stream, connection: Connection): bool {
  const reader = connection.reader;
  const block = stream.request;
  const flags = load<i32>(stream.hcm);
  stream.version = reader.version;
  stream.requestFraming = reader.framing;
  if (!checkUnderscores(stream)) return false;
  if (!prepareTarget(stream, connection)) return false;
  cleanHopByHop(block, reader);
  const isEdge = establishClient(stream, connection);
  setScheme(block, flags);
  seeToRequestId(stream, flags, isEdge);
  appendVia(block, stream, stream.hcm + HCM_VIA);
  return true;
}

/** Envoy `headers_with_underscores_action`. */
function checkUnderscores(stream: Stream): bool {
  const action = load<i32>(stream.hcm, HCM_UNDERSCORES);
  if (action == UNDERSCORES_ALLOW) return true;
  const block = stream.request;
  for (let i = block.pseudoCount; i < block.count; i++) {
    const entry = entryAt(block, i);
    if (indexOfByte(entry.name, entry.nameLength, 95) < 0) continue;
    if (action == UNDERSCORES_REJECT) return refuse(stream, 400, Refusal.Underscore);
    entry.nameLength = 0;
  }
  return true;
}

/** RFC 9110 §7.6.1. The framing is kept by the codec, so its headers can go. */
function cleanHopByHop(block: HeaderBlock, reader: Reader): void {
  if ((reader.flags & READER_CONNECTION_NAMES) != 0) removeConnectionNamed(block);
  if ((reader.flags & READER_UPGRADE) == 0) {
    removeKnown(block, H_CONNECTION);
    removeKnown(block, H_UPGRADE);
  }
  removeKnown(block, H_KEEP_ALIVE);
  removeKnown(block, H_PROXY_CONNECTION);
  removeKnown(block, H_TRANSFER_ENCODING);
  if (reader.framing == FRAMING_CHUNKED) removeKnown(block, H_CONTENT_LENGTH);
  removeKnown(block, H_HOST);
  if (mayHave(block, H_TE)) cleanTe(block);
}

/** Only `te: trailers` may go on. */
function cleanTe(block: HeaderBlock): void {
  const entry = findKnown(block, H_TE);
  if (entry === null) return;
  const keeps = isWord(entry.value, entry.valueLength, "trailers");
  removeKnown(block, H_TE);
  if (keeps) addKnown(block, H_TE, TRAILERS, 8);
}

function setScheme(block: HeaderBlock, flags: i32): void {
  const isTls = (flags & HCM_TLS) != 0;
  let entry = findKnown(block, H_X_FORWARDED_PROTO);
  if (entry === null) {
    addKnown(block, H_X_FORWARDED_PROTO, isTls ? HTTPS : HTTP, isTls ? 5 : 4);
    setPseudo(block, REQUEST_SCHEME, H_SCHEME, isTls ? HTTPS : HTTP, isTls ? 5 : 4);
    return;
  }
  if (entryAt(block, REQUEST_SCHEME).valueLength > 0) return;
  let isHttps = isTls;
  if (isWord(entry.value, entry.valueLength, "https")) isHttps = true;
  else if (isWord(entry.value, entry.valueLength, "http")) isHttps = false;
  setPseudo(block, REQUEST_SCHEME, H_SCHEME, isHttps ? HTTPS : HTTP, isHttps ? 5 : 4);
}

/** Envoy UUIDRequestIDExtension: an edge request gets a new id unless told to keep its own. */
function seeToRequestId(stream: Stream, flags: i32, isEdge: bool): void {
  const block = stream.request;
  if ((flags & HCM_GENERATE_REQUEST_ID) == 0) return;
  if (mayHave(block, H_X_REQUEST_ID)) {
    if (!isEdge || (flags & HCM_PRESERVE_REQUEST_ID) != 0) return;
    removeKnown(block, H_X_REQUEST_ID);
  }
  const id = reserveArena(block, UUID_BYTES);
  writeUuid(id);
  addKnown(block, H_X_REQUEST_ID, id, UUID_BYTES);
}

/** Appends the configured pseudonym to Via. `via` is the address of a text reference. */
export function appendVia(block: HeaderBlock, stream: Stream, via: usize): void {
  const length = load<i32>(via, 4);
  if (length == 0) return;
  appendToList(block, H_VIA, stream.image + <usize>load<u32>(via), length);
}

/** Adds an item to a comma-separated header, or makes the header. */
export function appendToList(block: HeaderBlock, id: i32, item: usize, length: i32): void {
  const entry = findKnown(block, id);
  if (entry === null) {
    addKnown(block, id, item, length);
    return;
  }
  const total = entry.valueLength + 2 + length;
  const joined = reserveArena(block, total);
  copyBytes(joined, entry.value, entry.valueLength);
  store<u16>(joined + entry.valueLength, 0x202c);
  copyBytes(joined + entry.valueLength + 2, item, length);
  entry.value = joined;
  entry.valueLength = total;
}

/** True when the client waits for leave to send its body. */
export function wantsContinue(reader: Reader): bool {
  const hasBody = reader.framing == FRAMING_CHUNKED || reader.framing == FRAMING_LENGTH;
  return hasBody && (reader.flags & READER_EXPECT_CONTINUE) != 0;
}

/** Forgets the expectation once it is met here. */
export function dropExpectation(block: HeaderBlock): void {
  removeKnown(block, H_EXPECT);
}
