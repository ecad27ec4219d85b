/*
 * Which fields an encoder adds to its table. A field is added when it is met for the second time:
 * what never comes again would only put out what does. A short list names what is known not to
 * repeat, so that it is not even looked for, and what must not be guessed.
 */
import {
  H_AGE,
  H_AUTHORIZATION,
  H_CONTENT_LENGTH,
  H_COOKIE,
  H_ETAG,
  H_IF_MODIFIED_SINCE,
  H_IF_NONE_MATCH,
  H_LAST_MODIFIED,
  H_LOCATION,
  H_PATH,
  H_PROXY_AUTHORIZATION,
  H_RANGE,
  H_SET_COOKIE,
  H_TRACEPARENT,
  H_X_ENVOY_EXPECTED_RQ_TIMEOUT_MS,
  H_X_ENVOY_UPSTREAM_SERVICE_TIME,
  H_X_REQUEST_ID,
} from "../../api/engine/header-names.ts";
import { indexOfByte } from "../memory/bytes.ts";

/** Is added when it comes again. */
export const INDEX: u8 = 0;
/** Its name alone is of use. RFC 7541 §6.2.2. */
export const INDEX_NAME: u8 = 1;
/**
 * Is a secret, or may be one: whoever can send requests beside it could guess it by the length of
 * what is sent. Tells those behind us not to index it either. RFC 7541 §6.2.3 and §7.1.
 */
export const INDEX_NEVER: u8 = 2;

/** A cookie that can be guessed. Firefox's number, which nghttp2 and so Envoy took over. */
const COOKIE_BYTES_MIN: i32 = 20;

const rules: usize = memory.data(128);

/** Builds the table. Called once when the module starts. */
export function buildIndexing(): void {
  setRule(H_AUTHORIZATION, INDEX_NEVER);
  setRule(H_PROXY_AUTHORIZATION, INDEX_NEVER);
  setRule(H_SET_COOKIE, INDEX_NEVER);
  // About one message, or about one resource.
  setRule(H_AGE, INDEX_NAME);
  setRule(H_CONTENT_LENGTH, INDEX_NAME);
  setRule(H_ETAG, INDEX_NAME);
  setRule(H_IF_MODIFIED_SINCE, INDEX_NAME);
  setRule(H_IF_NONE_MATCH, INDEX_NAME);
  setRule(H_LAST_MODIFIED, INDEX_NAME);
  setRule(H_LOCATION, INDEX_NAME);
  setRule(H_RANGE, INDEX_NAME);
  setRule(H_TRACEPARENT, INDEX_NAME);
  setRule(H_X_ENVOY_EXPECTED_RQ_TIMEOUT_MS, INDEX_NAME);
  setRule(H_X_ENVOY_UPSTREAM_SERVICE_TIME, INDEX_NAME);
  setRule(H_X_REQUEST_ID, INDEX_NAME);
}

function setRule(id: i32, rule: u8): void {
  store<u8>(rules + id, rule);
}

/** The rule for a field; `id` is the number of its name, or 0. */
export function indexingOf(id: i32, value: usize, length: i32): u8 {
  if (id == H_COOKIE) return length < COOKIE_BYTES_MIN ? INDEX_NEVER : INDEX;
  // Paths with a query are mostly new; those without are often the same few, as in gRPC.
  if (id == H_PATH) return indexOfByte(value, length, 63) < 0 ? INDEX : INDEX_NAME;
  return load<u8>(rules + id);
}
