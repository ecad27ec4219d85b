import type { Endpoint } from "../cluster/endpoint.ts";
import type { ConnectFailure } from "../cluster/upstream-user.ts";
import type { Engine } from "../engine/engine.ts";
import type { Failure } from "./failure.ts";

/** Has the engine write a local reply to its output. The stream's record is gone afterwards. */
export function writeReply(engine: Engine, record: number, failure: Failure, nowMs: number): void {
  const { address, lengths } = engine.placeTexts([failure.details, failure.body]);
  const { status, flag, grpcStatus = 0 } = failure;
  const [details, body] = lengths;
  engine.calls.replyLocally(record, status, flag, grpcStatus, address, details, body, nowMs);
}

/** Tells the engine which endpoint a request waited for in vain, for the access log. */
export function noteEndpoint(engine: Engine, record: number, { text, hostText }: Endpoint): void {
  const { address, length } = hostText ?? NO_TEXT;
  engine.calls.noteEndpoint(record, text.address, text.length, address, length);
}

/** Tells the engine why no connection could be made, for the access log. */
export function noteConnectFailure(
  engine: Engine,
  record: number,
  { reason }: ConnectFailure,
): void {
  const { address, lengths } = engine.placeTexts([reason.replaceAll(" ", "_")]);
  engine.calls.noteConnectFailure(record, address, lengths[0]);
}

const NO_TEXT = { address: 0, length: 0 };

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
