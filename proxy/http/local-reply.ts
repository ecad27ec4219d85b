import type { Engine } from "../engine/engine.ts";
import type { Failure } from "./failure.ts";

/** Has the engine write a local reply to its output. The stream's record is gone afterwards. */
export function writeReply(engine: Engine, record: number, failure: Failure, nowMs: number): void {
  const { address, lengths } = engine.placeTexts([failure.details, failure.body]);
  const { status, flag, grpcStatus = 0 } = failure;
  const [details, body] = lengths;
  engine.calls.replyLocally(record, status, flag, grpcStatus, address, details, body, nowMs);
}

/** Has the engine end a stream without an answer. The stream's record is gone afterwards. */
export function abandonStream(
  engine: Engine,
  record: number,
  failure: Failure,
  nowMs: number,
): void {
  const { address, lengths } = engine.placeTexts([failure.details]);
  engine.calls.abandon(record, failure.flag, address, lengths[0], nowMs);
}
