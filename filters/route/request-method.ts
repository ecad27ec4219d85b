/* What may be done with a request, by its method. */
import { FRAMING_NONE } from "../../api/engine/http1.ts";
import { STATE_ANSWERED, STATE_REQUEST_END } from "../../api/engine/layout.ts";
import { HeaderBlock, entryAt } from "../head/block.ts";
import { REQUEST_METHOD } from "../http1/start-line.ts";
import { Stream } from "../stream/stream.ts";

/** Methods whose requests say `content-length: 0` when they have no body, as Envoy's do. */
export function mayHaveBody(block: HeaderBlock): bool {
  const method = entryAt(block, REQUEST_METHOD);
  const length = method.valueLength;
  const word = load<u32>(method.value);
  if (length == 3 && (word & 0xffffff) == 0x544547) return false;
  if (length == 4 && word == 0x44414548) return false;
  if (length == 6 && word == 0x454c4544) return false;
  if (length == 5 && word == 0x43415254) return false;
  return !(length == 7 && word == 0x4e4e4f43);
}

/**
 * A request that can be sent once more without anybody noticing: idempotent (RFC 9110 §9.2.2),
 * without a body, and not one byte of an answer came.
 */
export function isReplayable(stream: Stream): bool {
  const isWhole = (stream.state & STATE_REQUEST_END) != 0 && stream.requestFraming == FRAMING_NONE;
  if (!isWhole || (stream.state & STATE_ANSWERED) != 0) return false;
  const method = entryAt(stream.request, REQUEST_METHOD);
  const length = method.valueLength;
  const word = load<u32>(method.value);
  if (length == 3) return (word & 0xffffff) == 0x544547 || (word & 0xffffff) == 0x545550;
  if (length == 4) return word == 0x44414548;
  return (length == 6 && word == 0x454c4544) || (length == 7 && word == 0x4954504f);
}
