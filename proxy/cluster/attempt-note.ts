import type { Engine } from "../engine/engine.ts";
import type { Endpoint } from "./endpoint.ts";
import type { ConnectFailure } from "./upstream/upstream-user.ts";

/** Tells the engine which endpoint a request waited for in vain, for the access log. */
export function noteEndpoint(engine: Engine, record: number, { text, hostText }: Endpoint): void {
  const { address, length } = hostText ?? NO_TEXT;
  engine.calls.noteEndpoint(record, text.address, text.length, address, length);
}

/** Tells the engine of an attempt that came to no endpoint, for the access log. */
export function noteLostAttempt(engine: Engine, record: number): void {
  engine.calls.noteEndpoint(record, 0, 0, 0, 0);
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
