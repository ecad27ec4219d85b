/*
 * What the connection manager does to a request head before the chain sees it, in Envoy's order:
 * refuse what cannot be served, clean hop-by-hop headers, tidy path and host, establish who the
 * client is, and see to the request id. Source: Envoy ConnectionManagerUtility.
 */
import {
  FRAMING_CHUNKED,
  READER_CONNECTION_NAMES,
  READER_EXPECT_CONTINUE,
  READER_UPGRADE,
} from "../../api/engine/http1.ts";
import {
  H_CONNECTION,
  H_CONTENT_LENGTH,
  H_EXPECT,
  H_KEEP_ALIVE,
  H_PROXY_CONNECTION,
  H_SCHEME,
  H_TE,
  H_TRANSFER_ENCODING,
  H_UPGRADE,
  H_X_FORWARDED_PROTO,
  H_X_REQUEST_ID,
} from "../../api/engine/header-names.ts";
import { H2_OPTION_STATS } from "../../api/engine/http2.ts";
import {
  HTTP2_DROPPED_HEADERS_WITH_UNDERSCORES,
  HTTP2_REQUESTS_REJECTED_WITH_UNDERSCORES_IN_HEADERS,
} from "../../api/engine/http2-stats.ts";
import {
  HCM_GENERATE_REQUEST_ID,
  HCM_HTTP2,
  HCM_PRESERVE_REQUEST_ID,
  HCM_TLS,
  HCM_UNDERSCORES,
  UNDERSCORES_ALLOW,
  UNDERSCORES_REJECT,
} from "../../api/engine/image.ts";
import { STATE_CONNECTION_CLOSE } from "../../api/engine/layout.ts";
import {
  HeaderBlock,
  addKnown,
  entryAt,
  findKnown,
  mayHave,
  removeKnown,
  reserveArena,
  setKnown,
  setPseudo,
} from "../head/block.ts";
import { isWord } from "../http1/framing.ts";
import { Reader } from "../http1/reader.ts";
import { REQUEST_SCHEME } from "../http1/start-line.ts";
import { indexOfByte } from "../memory/bytes.ts";
import { staticText } from "../memory/text.ts";
import { count } from "../observe/counters.ts";
import { Connection } from "../stream/connection.ts";
import { Stream } from "../stream/stream.ts";
import { removeConnectionNamed } from "./connection-header.ts";
import { establishClient } from "./forwarded.ts";
import { joinLines } from "./list-header.ts";
import { UUID_BYTES, writeUuid } from "./random.ts";
import { Refusal, refuseMalformed } from "./refusal.ts";
import { prepareTarget } from "./target.ts";
import { cleanTe } from "./te.ts";
import { forgetUpgrades } from "./upgrade.ts";
import { appendVia } from "./via.ts";

const HTTP = staticText("http");
const HTTPS = staticText("https");

/** Makes the head ready for the chain. Returns false when it was refused: see `Refusal`. */
export function prepareRequest(stream: Stream, connection: Connection): bool {
  const reader = connection.reader;
  const block = stream.request;
  const flags = load<i32>(stream.hcm);
  stream.version = reader.version;
  stream.requestFraming = reader.framing;
  if (!checkUnderscores(stream, connection)) return false;
  if (!prepareTarget(stream, connection)) return false;
  if (mayHave(block, H_PROXY_CONNECTION)) noteProxyConnection(stream);
  if ((reader.flags & READER_UPGRADE) != 0) forgetUpgrades(stream, reader);
  cleanHopByHop(block, reader);
  const isEdge = establishClient(stream, connection);
  setScheme(block, flags);
  seeToRequestId(stream, flags, isEdge);
  appendVia(stream, block);
  return true;
}

/** Envoy `headers_with_underscores_action`. */
function checkUnderscores(stream: Stream, connection: Connection): bool {
  const action = load<i32>(stream.hcm, HCM_UNDERSCORES);
  if (action == UNDERSCORES_ALLOW) return true;
  const block = stream.request;
  for (let i = block.pseudoCount; i < block.count; i++) {
    const entry = entryAt(block, i);
    if (indexOfByte(entry.name, entry.nameLength, 95) < 0) continue;
    if (action == UNDERSCORES_REJECT) {
      countUnderscore(connection, HTTP2_REQUESTS_REJECTED_WITH_UNDERSCORES_IN_HEADERS);
      return refuseMalformed(stream, 400, Refusal.Underscore);
    }
    countUnderscore(connection, HTTP2_DROPPED_HEADERS_WITH_UNDERSCORES);
    entry.nameLength = 0;
  }
  return true;
}

function countUnderscore(connection: Connection, counter: i32): void {
  if (connection.lane == 0) return;
  count(<usize>load<u32>(connection.hcm + HCM_HTTP2, H2_OPTION_STATS), counter);
}

/** RFC 9110 §7.6.1. The framing is kept by the codec, so its headers can go. */
function cleanHopByHop(block: HeaderBlock, reader: Reader): void {
  if ((reader.flags & READER_UPGRADE) == 0) {
    if ((reader.flags & READER_CONNECTION_NAMES) != 0) removeConnectionNamed(block);
    removeKnown(block, H_CONNECTION);
    removeKnown(block, H_UPGRADE);
  }
  removeKnown(block, H_KEEP_ALIVE);
  removeKnown(block, H_PROXY_CONNECTION);
  removeKnown(block, H_TRANSFER_ENCODING);
  if (reader.framing == FRAMING_CHUNKED) removeKnown(block, H_CONTENT_LENGTH);
  if (mayHave(block, H_TE)) cleanTe(block);
}

/** `Proxy-Connection: close`, which old clients send. */
function noteProxyConnection(stream: Stream): void {
  const entry = findKnown(stream.request, H_PROXY_CONNECTION);
  if (entry === null || !isWord(entry.value, entry.valueLength, "close")) return;
  stream.state |= STATE_CONNECTION_CLOSE;
}

/** The scheme is that of an absolute target, or what X-Forwarded-Proto says. */
function setScheme(block: HeaderBlock, flags: i32): void {
  let isHttps = (flags & HCM_TLS) != 0;
  const entry = joinLines(block, H_X_FORWARDED_PROTO);
  if (entry === null || entry.valueLength == 0) {
    setKnown(block, H_X_FORWARDED_PROTO, isHttps ? HTTPS : HTTP, isHttps ? 5 : 4);
  } else if (isWord(entry.value, entry.valueLength, "https")) isHttps = true;
  else if (isWord(entry.value, entry.valueLength, "http")) isHttps = false;
  if (entryAt(block, REQUEST_SCHEME).valueLength > 0) return;
  setPseudo(block, REQUEST_SCHEME, H_SCHEME, isHttps ? HTTPS : HTTP, isHttps ? 5 : 4);
}

/** Envoy UUIDRequestIDExtension: an edge request gets a new id unless told to keep its own. */
function seeToRequestId(stream: Stream, flags: i32, isEdge: bool): void {
  const block = stream.request;
  if ((flags & HCM_GENERATE_REQUEST_ID) == 0) return;
  if (mayHave(block, H_X_REQUEST_ID)) {
    const isKept = !isEdge || (flags & HCM_PRESERVE_REQUEST_ID) != 0;
    const entry = joinLines(block, H_X_REQUEST_ID);
    if (isKept && entry !== null && entry.valueLength > 0) return;
    removeKnown(block, H_X_REQUEST_ID);
  }
  const id = reserveArena(block, UUID_BYTES);
  writeUuid(id);
  addKnown(block, H_X_REQUEST_ID, id, UUID_BYTES);
}

/** True when the client waits for leave to send its body, or says so without one. */
export function wantsContinue(reader: Reader): bool {
  return (reader.flags & READER_EXPECT_CONTINUE) != 0;
}

/** Forgets the expectation once it is met here. */
export function dropExpectation(block: HeaderBlock): void {
  removeKnown(block, H_EXPECT);
}
