/* The messages that grpc_stats counts, as filter state: Envoy `GrpcStatsObject`. */
import { GRPC_STATS_FLAGS, GRPC_STATS_FLAG_FILTER_STATE } from "../../../api/engine/chain-image.ts";
import {
  OPERATION_ARGUMENT,
  OPERATION_TEXT,
  OPERATION_WRITE,
  WRITE_VALUE,
} from "../../../api/engine/format-image.ts";
import { equalBytes, writeDecimal } from "../../memory/bytes.ts";
import { staticText } from "../../memory/text.ts";
import { Stream } from "../../stream/stream.ts";
import { scratchRoom, setJson, setText } from "./format-value.ts";

const KEY = staticText("envoy.filters.http.grpc_stats");
const KEY_BYTES: i32 = 29;
/* A value alone in JSON has the names of the Protobuf fields; elsewhere they are those of JSON. */
const REQUESTS = staticText('"request_message_count":"');
const REQUESTS_BYTES: i32 = 25;
const RESPONSES = staticText('"response_message_count":"');
const RESPONSES_BYTES: i32 = 26;
const REQUESTS_JSON = staticText('"requestMessageCount":"');
const REQUESTS_JSON_BYTES: i32 = 23;
const RESPONSES_JSON = staticText('"responseMessageCount":"');
const RESPONSES_JSON_BYTES: i32 = 24;
const TEXT_BYTES: i32 = 128;
const QUOTE: u8 = 34;
const COMMA: u8 = 44;
const BRACE_OPEN: u8 = 123;
const BRACE_CLOSE: u8 = 125;

/** Sets the value where an operation asks for it, and where there is one. */
export function setGrpcStats(operation: usize, stream: Stream): void {
  const config = stream.grpcConfig;
  if (config == 0 || (stream.requestMessages | stream.responseMessages) == 0) return;
  if ((load<i32>(config, GRPC_STATS_FLAGS) & GRPC_STATS_FLAG_FILTER_STATE) == 0) return;
  const key = stream.image + <usize>load<u32>(operation, OPERATION_TEXT);
  const length = load<i32>(operation, OPERATION_TEXT + 4);
  if (length != KEY_BYTES || !equalBytes(key, KEY, length)) return;
  if (load<i32>(operation, OPERATION_ARGUMENT) == 0) setPlain(stream);
  else setTyped(stream, load<i32>(operation, OPERATION_WRITE) >= WRITE_VALUE);
}

function setPlain(stream: Stream): void {
  const room = scratchRoom(TEXT_BYTES);
  let at = room + writeDecimal(room, <u64>stream.requestMessages);
  store<u8>(at++, COMMA);
  at += writeDecimal(at, <u64>stream.responseMessages);
  setText(room, <i32>(at - room));
}

/** As Protobuf writes 64 bits in JSON: as texts, and not at all when 0. */
function setTyped(stream: Stream, isAlone: bool): void {
  const room = scratchRoom(TEXT_BYTES);
  let at = room;
  store<u8>(at++, BRACE_OPEN);
  if (stream.requestMessages > 0) {
    const name = isAlone ? REQUESTS : REQUESTS_JSON;
    const length = isAlone ? REQUESTS_BYTES : REQUESTS_JSON_BYTES;
    at = writeMember(at, name, length, stream.requestMessages);
    if (stream.responseMessages > 0) store<u8>(at++, COMMA);
  }
  if (stream.responseMessages > 0) {
    const name = isAlone ? RESPONSES : RESPONSES_JSON;
    const length = isAlone ? RESPONSES_BYTES : RESPONSES_JSON_BYTES;
    at = writeMember(at, name, length, stream.responseMessages);
  }
  store<u8>(at++, BRACE_CLOSE);
  setJson(room, <i32>(at - room));
}

function writeMember(to: usize, name: usize, length: i32, count: u32): usize {
  memory.copy(to, name, length);
  let at = to + length;
  at += writeDecimal(at, <u64>count);
  store<u8>(at, QUOTE);
  return at + 1;
}
