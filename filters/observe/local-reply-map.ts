/* What `local_reply_config` makes of a local reply. Envoy `LocalReply::rewrite`. */
import {
  LOCAL_REPLY_BODY,
  LOCAL_REPLY_MAPPERS,
  MAPPER_BODY,
  MAPPER_BYTES,
  MAPPER_FILTER,
  MAPPER_HAS_TEXT,
  MAPPER_MUTATIONS,
  MAPPER_STATUS,
  MAPPER_TEXT,
  REPLY_BODY_FORMAT,
  REPLY_BODY_TYPE,
} from "../../api/engine/format-image.ts";
import { H_CONTENT_TYPE, H_STATUS } from "../../api/engine/header-names.ts";
import { HCM_LOCAL_REPLY } from "../../api/engine/image.ts";
import {
  HeaderBlock,
  findKnown,
  keepBytes,
  mayHave,
  removeKnown,
  reserveArena,
  setKnown,
  setPseudo,
} from "../head/block.ts";
import { RESPONSE_STATUS } from "../http1/start-line.ts";
import { equalBytes, writeDecimal } from "../memory/bytes.ts";
import { staticText } from "../memory/text.ts";
import { applyMutations } from "../route/mutations.ts";
import { Stream } from "../stream/stream.ts";
import { passesFilter } from "./access-log-filter.ts";
import { setLocalBody } from "./format/format-evaluate.ts";
import { formatOutput } from "./format/format-output.ts";
import { runFormat } from "./format/format.ts";

const TEXT_PLAIN = staticText("text/plain");
const TEXT_PLAIN_BYTES: i32 = 10;
const JSON_TYPE = staticText("application/json");
const JSON_TYPE_BYTES: i32 = 16;
const STATUS_BYTES: i32 = 3;

/**
 * Rewrites the local reply on a stream: `status`, `replyBody`, and headers of the response. The
 * first mapper whose filter lets the reply through applies. Call it when all else is set. Returns
 * whether a format made the body, and says that it is JSON.
 */
export function mapLocalReply(stream: Stream): bool {
  const record = stream.image + <usize>load<u32>(stream.hcm, HCM_LOCAL_REPLY);
  const body = stream.replyBody;
  const bodyLength = stream.replyBodyLength;
  const type = contentType(stream.response);
  setStatusHeader(stream);
  let mapper = stream.image + <usize>load<u32>(record, LOCAL_REPLY_MAPPERS);
  const end = mapper + <usize>load<u32>(record, LOCAL_REPLY_MAPPERS + 4) * MAPPER_BYTES;
  let format = record + LOCAL_REPLY_BODY;
  for (; mapper < end; mapper += MAPPER_BYTES) {
    if (!passesFilter(stream.image + <usize>load<u32>(mapper, MAPPER_FILTER), stream)) continue;
    applyMapper(stream, mapper);
    if (load<u32>(mapper, MAPPER_BODY + REPLY_BODY_FORMAT) != 0) format = mapper + MAPPER_BODY;
    break;
  }
  formatBody(stream, format);
  const isOwnType = contentType(stream.response) != type;
  if (!isOwnType) setContentType(stream, format, body, bodyLength);
  if (stream.replyBodyLength == 0) removeKnown(stream.response, H_CONTENT_TYPE);
  return isJsonFormat(stream.image, format);
}

function isJsonFormat(image: usize, format: usize): bool {
  if (load<u32>(format, REPLY_BODY_FORMAT) == 0) return false;
  if (load<i32>(format, REPLY_BODY_TYPE + 4) != JSON_TYPE_BYTES) return false;
  return equalBytes(image + <usize>load<u32>(format, REPLY_BODY_TYPE), JSON_TYPE, JSON_TYPE_BYTES);
}

/** Address of the value of the content type, or 0: another value is another address. */
function contentType(block: HeaderBlock): usize {
  const entry = findKnown(block, H_CONTENT_TYPE);
  return entry === null ? 0 : entry.value;
}

function setStatusHeader(stream: Stream): void {
  const digits = reserveArena(stream.response, STATUS_BYTES);
  writeDecimal(digits, stream.status);
  setPseudo(stream.response, RESPONSE_STATUS, H_STATUS, digits, STATUS_BYTES);
}

function applyMapper(stream: Stream, mapper: usize): void {
  if (load<u32>(mapper, MAPPER_HAS_TEXT) != 0) {
    stream.replyBody = stream.image + <usize>load<u32>(mapper, MAPPER_TEXT);
    stream.replyBodyLength = load<i32>(mapper, MAPPER_TEXT + 4);
  }
  const mutations = stream.image + <usize>load<u32>(mapper, MAPPER_MUTATIONS);
  applyMutations(mutations, stream.response, stream);
  const status = load<i32>(mapper, MAPPER_STATUS);
  if (status == 0) return;
  stream.status = status;
  setStatusHeader(stream);
}

function formatBody(stream: Stream, format: usize): void {
  const program = load<u32>(format, REPLY_BODY_FORMAT);
  if (program == 0) return;
  setLocalBody(stream.replyBody, stream.replyBodyLength);
  const length = runFormat(stream.image + <usize>program, stream);
  setLocalBody(0, 0);
  stream.replyBody = keepBytes(stream.response, formatOutput(), length);
  stream.replyBodyLength = length;
}

/**
 * A body that changed has the type of its format, unless the mapper gave it one; a body that did
 * not change may have a type already.
 */
function setContentType(stream: Stream, format: usize, body: usize, bodyLength: i32): void {
  const block = stream.response;
  const length = stream.replyBodyLength;
  const isSame = length == bodyLength && equalBytes(stream.replyBody, body, length);
  if (isSame && mayHave(block, H_CONTENT_TYPE)) return;
  if (load<u32>(format, REPLY_BODY_FORMAT) == 0) {
    setKnown(block, H_CONTENT_TYPE, TEXT_PLAIN, TEXT_PLAIN_BYTES);
    return;
  }
  const type = stream.image + <usize>load<u32>(format, REPLY_BODY_TYPE);
  setKnown(block, H_CONTENT_TYPE, type, load<i32>(format, REPLY_BODY_TYPE + 4));
}
