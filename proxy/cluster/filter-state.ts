import {
  CONNECTION_FILTER_STATE,
  STREAM_DOWNSTREAM,
  STREAM_FILTER_STATE,
} from "../../api/engine/layout.ts";
import {
  STATE_ENTRY_BYTES,
  STATE_ENTRY_FLAGS,
  STATE_ENTRY_KEY_LENGTH,
  STATE_ENTRY_NEXT,
  STATE_ENTRY_VALUE_LENGTH,
  STATE_IS_HASHED,
  STATE_IS_JSON,
  STATE_SHARED_ALWAYS,
  STATE_SHARED_ONCE,
} from "../../api/engine/state-image.ts";
import type { MetadataValueModel } from "../config/model.ts";
import type { Engine } from "../engine/engine.ts";

/** One value of the filter state. */
export interface StateEntry {
  readonly key: string;
  readonly value: string;
  /** `STATE_*` bits of `state-image.ts`. */
  readonly flags: number;
}

/** Key below which a value of connection metadata is kept. */
export function metadataKey(path: string): string {
  return `\u0001${path}`;
}

/** Key of the destination that a listener filter has restored: `ip:port`. */
export const DESTINATION_KEY = "\u0002destination";

const decoder = new TextDecoder();

/** The value that a stream, or else its connection, has for a key; null for none. */
export function findState(engine: Engine, stream: number, key: string): string | null {
  const found = entriesOf(engine, stream).find((entry) => entry.key === key);
  return found === undefined ? null : found.value;
}

/** What an upstream connection for a stream carries along, as it is seen at the other end. */
export function sharedState(engine: Engine, stream: number): readonly StateEntry[] {
  const shared = entriesOf(engine, stream).filter(({ flags }) => (flags & SHARED) !== 0);
  const keys = new Set<string>();
  return shared.flatMap((entry) => {
    if (keys.has(entry.key)) return [];
    keys.add(entry.key);
    return [{ ...entry, flags: entry.flags & ~STATE_SHARED_ONCE }];
  });
}

const SHARED = STATE_SHARED_ONCE | STATE_SHARED_ALWAYS;

/** What tells connections apart that carry different values. */
export function stateKey(entries: readonly StateEntry[], isRaw: boolean): string {
  const kept = isRaw ? entries : entries.filter(({ flags }) => (flags & STATE_IS_HASHED) !== 0);
  return kept
    .map(({ key, value }) => `${key}\0${value}`)
    .sort()
    .join("\0");
}

/** Puts values into the state of a connection. */
export function putState(engine: Engine, record: number, entries: readonly StateEntry[]): void {
  for (const { key, value, flags } of entries) {
    const { address, lengths } = engine.placeTexts([key, value]);
    engine.calls.setState(record, address, lengths[0], lengths[1], flags);
  }
}

/** The same of metadata. */
export function putMetadata(
  engine: Engine,
  record: number,
  values: readonly MetadataValueModel[],
): void {
  const entries = values.map(({ path, text, isJson }) => ({
    key: metadataKey(path),
    value: text,
    flags: isJson ? STATE_IS_JSON : 0,
  }));
  putState(engine, record, entries);
}

/** Those of the stream, then those of its connection. */
function entriesOf(engine: Engine, stream: number): StateEntry[] {
  const connection = engine.field(stream, STREAM_DOWNSTREAM);
  return [
    ...readList(engine, engine.field(stream, STREAM_FILTER_STATE)),
    ...readList(engine, engine.field(connection, CONNECTION_FILTER_STATE)),
  ];
}

function readList(engine: Engine, first: number): StateEntry[] {
  const entries: StateEntry[] = [];
  for (let at = first; at !== 0; at = engine.field(at, STATE_ENTRY_NEXT)) {
    const keyLength = engine.field(at, STATE_ENTRY_KEY_LENGTH);
    const valueLength = engine.field(at, STATE_ENTRY_VALUE_LENGTH);
    const key = at + STATE_ENTRY_BYTES;
    const value = key + keyLength;
    entries.push({
      key: decoder.decode(engine.bytes.subarray(key, value)),
      value: decoder.decode(engine.bytes.subarray(value, value + valueLength)),
      flags: engine.field(at, STATE_ENTRY_FLAGS),
    });
  }
  return entries;
}
